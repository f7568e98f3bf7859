/** Random rules, paths and configuration files: each is taken or refused with its own fault. Usage: `--runs N`. @module */

import { parseArgs } from "node:util";
import fc from "fast-check";
import { parseDynamic } from "../config/dynamic.ts";
import { ConfigFault } from "../config/fault.ts";
import { parseTarget } from "../proxy/target.ts";
import { compileRule, RuleFault } from "../rules/rule.ts";

const { values } = parseArgs({ options: { runs: { type: "string", default: "10000" } } });

const known = (error: unknown): boolean => error instanceof RuleFault || error instanceof ConfigFault;

const result = fc.check(
  fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
    for (const read of [
      compileRule,
      (given: string) => parseDynamic("x.yaml", given),
      (given: string) => parseTarget(`/${given}`),
    ]) {
      try {
        read(text);
      } catch (error) {
        if (!known(error)) throw error;
      }
    }
  }),
  { numRuns: Number(values.runs) },
);
if (result.failed) {
  console.error(fc.defaultReportMessage(result));
  process.exit(1);
}
console.log(`${result.numRuns} runs, no fault`);
