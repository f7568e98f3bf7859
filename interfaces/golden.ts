/**
 * Recorded databags of the Python charm libraries, replayed through ours.
 *
 * Usage: `node interfaces/golden.ts [FOLDER]`; the default is `test/golden/databags`.
 *
 * @module
 */

import path from "node:path";
import { type FileReport, replayDatabags } from "./golden/replay.ts";

export { type Counts, type FileReport, replayDatabags } from "./golden/replay.ts";

/** One line a check: what passed, and what did not. */
export function reportText({ file, counts, states }: FileReport): string {
  const lines = Object.entries(counts).map(([check, { passed, failed, excused, stateOnly }]) => {
    const total = passed + failed + excused + stateOnly;
    return `${file.padEnd(28)} ${check.padEnd(18)} ${total} cases: ${passed} the same, ${excused} excused, ${stateOnly} state only, ${failed} different`;
  });
  const ended = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  return [...lines, `${file.padEnd(28)} without Python's word, ours ended: ${ended.join(", ")}`].join("\n");
}

if (process.argv[1] !== undefined && import.meta.filename === path.resolve(process.argv[1])) {
  const folder = process.argv[2] ?? path.resolve(import.meta.dirname, "../test/golden/databags");
  const { files, unknown } = await replayDatabags(folder);
  for (const file of files) {
    console.log(reportText(file));
    for (const difference of file.differences) console.log(`  ${difference}`);
  }
  for (const name of unknown) console.log(`${name}: no such interface here, skipped`);
  const all = files.flatMap(({ counts }) => Object.values(counts));
  const sum = (pick: (counts: (typeof all)[number]) => number) =>
    all.reduce((total, counts) => total + pick(counts), 0);
  const failed = files.reduce((total, { differences }) => total + differences.length, 0);
  console.log(
    `databags: ${sum((c) => c.passed + c.excused + c.stateOnly)} passed, ${failed} failed, ${unknown.length} skipped`,
  );
  process.exitCode = failed > 0 ? 1 : 0;
}
