/**
 * Fuzzes every databag of every interface.
 *
 * Usage: `node interfaces/fuzz/databags.ts [--runs N] [--seconds N] [--seed N]`; exits with 1 on a fault, and prints the
 * seed and the databag.
 *
 * @module
 */

import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { databags } from "./arbitrary.ts";
import { faultOf } from "./properties.ts";
import { targets } from "./targets.ts";

const { values } = parseArgs({
  options: { runs: { type: "string" }, seconds: { type: "string" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const all = targets();
const limit =
  values.seconds === undefined
    ? {}
    : { interruptAfterTimeLimit: (Number(values.seconds) * 1000) / all.length };
const runs = Number(values.runs ?? (values.seconds === undefined ? 2_000 : 1_000_000_000));
let failed = 0;
let tried = 0;

for (const target of all) {
  const { name, databag, samples } = target;
  const property = fc.property(databags(samples), (raw) => {
    tried += 1;
    const fault = faultOf(databag, raw, target);
    if (fault !== undefined) throw new Error(fault);
  });
  const result = fc.check(property, { seed, numRuns: runs, ...limit });
  if (!result.failed || result.counterexample === null) continue;
  failed += 1;
  console.error(`${name}: ${fc.defaultReportMessage(result)}`);
}
console.log(
  `fuzz databags, seed ${seed}, ${tried} databags: ${all.length - failed} passed, ${failed} failed`,
);
process.exitCode = failed > 0 ? 1 : 0;
