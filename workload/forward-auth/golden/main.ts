/**
 * `node workload/forward-auth/golden/main.ts [--only PATTERN] [--program FILE] [--write-pending]`: how many recorded cases agree, and every
 * one that does not. Exits 1 on a difference that is neither excused nor pending.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { compareOauth2Proxy } from "./index.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    program: { type: "string" },
    "write-pending": { type: "boolean" },
    quiet: { type: "boolean" },
  },
});
const pattern = new RegExp(values.only ?? "");
const from = performance.now();
const { agree, differ, excused, overExcused, pending } = await compareOauth2Proxy(
  (id) => pattern.test(id),
  values.program,
);
if (!values.quiet) for (const { id, difference } of differ) console.log(`✗ ${id}: ${difference}`);
for (const [key, ids] of excused) console.log(`excused by "${key}": ${ids.length}`);
if (overExcused.length > 0) console.log(`agree although excused: ${overExcused.join(" ")}`);
const regressions = differ.filter(({ id }) => !pending.has(id));
const done = agree.filter((id) => pending.has(id));
if (done.length > 0) console.log(`agree now, remove from pending.json: ${done.length}`);
const count = [...excused.values()].reduce((sum, ids) => sum + ids.length, 0);
console.log(
  `${agree.length} agree, ${differ.length} differ (${regressions.length} not pending), ${count} excused; ` +
    `${((performance.now() - from) / 1000).toFixed(1)} s`,
);
if (values["write-pending"] && values.only === undefined) {
  const ids = differ.map(({ id }) => id).sort();
  writeFileSync(path.join(import.meta.dirname, "pending.json"), `${JSON.stringify(ids, null, 2)}\n`);
}
process.exit(regressions.length + done.length + overExcused.length === 0 ? 0 : 1);
