/**
 * `node workload/traefik/golden/main.ts FOLDER [--program FILE] [--only PATTERN]`: how many recorded cases agree, and
 * every one that does not. Exits 1 on a difference.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { compareTraefik, isRelevant } from "./index.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { program: { type: "string" }, only: { type: "string" }, parallel: { type: "string" } },
});
const pattern = new RegExp(values.only ?? "");
const from = performance.now();
const { cases, excused, notPlayed } = await compareTraefik(positionals[0] ?? "test/golden/traefik", {
  filter: (id) => pattern.test(id),
  ...(values.program ? { program: [values.program] } : {}),
  ...(values.parallel ? { parallel: Number(values.parallel) } : {}),
});
const differing = cases.filter(({ difference }) => difference !== undefined);
for (const { name, difference } of differing) console.log(`✗ ${name}: ${difference}`);
const agree = cases.length - differing.length;
const all = cases.length + Object.keys(excused).length + notPlayed.length;
const relevant = cases.filter(({ name }) => isRelevant(name));
const relevantDiffering = relevant.filter(({ difference }) => difference !== undefined).length;
console.log(`not played: ${notPlayed.join(" ")}`);
console.log(
  `${agree} of ${all} agree, ${differing.length} differ, ${Object.keys(excused).length} excused, ${notPlayed.length} not played; ` +
    `charm: ${relevant.length - relevantDiffering} of ${relevant.length}; ${((performance.now() - from) / 1000).toFixed(1)} s`,
);
process.exitCode = differing.length === 0 ? 0 : 1;
