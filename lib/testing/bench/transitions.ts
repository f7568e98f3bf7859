/**
 * What tests of charms cost, beside ops-scenario in one run: transitions of the same small charm in both, a model
 * of nine applications that settles, and type-checking the largest charm. Prints a table; asserts nothing.
 *
 * Scenario is installed into the cache by itself, with Python 3; where that cannot be, the table says so.
 *
 * Usage:
 *   npm run bench:transitions [-- --rounds N]
 *   npm run bench:transitions -- --write README.md  puts the table between its marks in that file
 *
 * @module
 */

import { execFile } from "node:child_process";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { installPythonProgram } from "../../../test/peers/installed.ts";
import { SMALL } from "../../charm/bench/scenes.ts";
import small from "../../charm/bench/small/charm.ts";
import { writeTable } from "../../charm/bench/write-table.ts";
import { toCharmcraft } from "../../charm/charmcraft.ts";
import { transition } from "../index.ts";
import type { Settling } from "./settling.ts";
import { largestCharm, typeCheck } from "./type-check.ts";

const SCENARIO = { package: "ops-scenario", version: "8.9.0", file: "scenario/__init__.py" } as const;

/** Transitions of one round: as many as take about a second. */
const COUNT = { ours: 2000, theirs: 150 } as const;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, write: { type: "string" } },
});
const rounds = Number(values.rounds);

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

async function times(count: number, act: (index: number) => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    await act(index);
    found.push(performance.now() - start);
  }
  return found;
}

async function ourTransitions(count: number): Promise<number[]> {
  return await times(count, async () => {
    const { status } = await transition(small, "config-changed", SMALL.state as never);
    if (status.name !== "active") throw new TypeError(`the small charm is ${status.name}, must be active`);
  });
}

/** Times of Scenario in a process of its own, warmed up; or why there are none. */
async function theirTransitions(count: number): Promise<number[] | string> {
  const installed = await installPythonProgram(SCENARIO);
  if ("missing" in installed) return installed.missing;
  const packages = path.dirname(path.dirname(installed.program));
  const charm = path.join(import.meta.dirname, "../../charm/bench/small-ops");
  const metadata = JSON.stringify(await toCharmcraft(small.contract));
  const env = { PATH: process.env["PATH"], PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" };
  const script = path.join(import.meta.dirname, "transitions_in_scenario.py");
  const args = [script, charm, metadata, "20", String(count)];
  const { stdout } = await promisify(execFile)("python3", args, { env });
  return stdout.trim().split("\n").map(Number);
}

/** Times of a model in a process of its own. */
async function settling(): Promise<Settling> {
  const script = path.join(import.meta.dirname, "settling.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, script]);
  return JSON.parse(stdout) as Settling;
}

const row = (what: string, value: string, note = ""): string =>
  `| ${what.padEnd(61)} | ${value.padStart(7)} | ${note.padEnd(27)} |`;
const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const rate = (value: number): string => `${Math.round(1000 / value)} a second`;
const atMost = (found: number, most: number, theirs: number): string => {
  const ratio = Number.isNaN(theirs) ? "" : `, ${Math.round(found / theirs)} ×`;
  return `< ${most} ms: ${found < most ? "met" : "**missed**"}${ratio}`;
};

/** Transitions a second of Scenario where the targets in milliseconds were set: what machines can be compared by. */
const SCENARIO_THEN = { from: 230, to: 340 } as const;
const ratioNote = (ratio: number): string =>
  `≥ 20 ×: ${ratio >= 20 ? "met" : "**missed**"}, ${ratio.toFixed(1)} ×`;

const ours: number[] = [];
const theirs: number[] = [];
let missing: string | undefined;
await ourTransitions(COUNT.ours);
for (let round = 0; round < rounds; round += 1) {
  const found = missing === undefined ? await theirTransitions(COUNT.theirs) : missing;
  if (typeof found === "string") missing = found;
  else theirs.push(...found);
  ours.push(...(await ourTransitions(COUNT.ours)));
}
const { cold, warm } = await settling();
const charm = largestCharm();
const checks = await times(1, () => typeCheck(charm)).then(() => times(rounds, () => typeCheck(charm)));

const here = median(ours);
const there = median(theirs);
const text = [
  row("What", "Time", "Target"),
  `| ${"-".repeat(61)} | ${"-".repeat(6)}: | ${"-".repeat(27)} |`,
  missing === undefined
    ? row(`one transition of the small charm, ops-scenario ${SCENARIO.version}`, ms(there), rate(there))
    : row("one transition of the small charm, ops-scenario", "none", missing),
  row("the same with `transition`", ms(here), missing === undefined ? ratioNote(there / here) : rate(here)),
  row(
    "a `FakeModel` of nine applications settles, in some 160 hooks",
    ms(median(warm)),
    atMost(median(warm), 100, there),
  ),
  row("the first of them in a process", ms(cold)),
  row(
    `type-checking the largest charm, ${charm.name}`,
    ms(median(checks)),
    atMost(median(checks), 1000, there),
  ),
  "",
  `\`×\`: to a transition of Scenario in the same run. Where the targets were set Scenario made ${SCENARIO_THEN.from} to ${SCENARIO_THEN.to} a second: 100 ms were ${SCENARIO_THEN.from / 10} to ${SCENARIO_THEN.to / 10} ×, a second ${SCENARIO_THEN.from} to ${SCENARIO_THEN.to} ×.`,
].join("\n");
console.log(text);
if (values.write !== undefined) writeTable(values.write, "bench:transitions", text);
