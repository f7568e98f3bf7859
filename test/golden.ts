/**
 * Compares what the real programs answered, recorded in a folder, with what ours answer: a line a file with how
 * many cases agree, and the first that differs. Exits 1 on a difference.
 *
 * Usage: `npm run test:golden [-- FOLDER]`; the default folder is `test/golden`. Files that are not there, and files
 * that nothing here covers, are named.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { replayDatabags } from "../interfaces/golden/replay.ts";
import { compareAgentSocket } from "../lib/hook/agent-socket/golden.ts";
import { compareCli } from "../lib/local/cli/compare.ts";
import { compareStatus } from "../lib/local/status/index.ts";
import { replayExec } from "../lib/model/golden-exec.ts";
import { replaySession } from "../lib/model/golden-session.ts";
import { describeResult, replayHookTools } from "../lib/model/hook-context/golden.ts";
import { compareOauth2Proxy } from "../workload/forward-auth/golden/index.ts";
import { compareTraefik, isRelevant } from "../workload/traefik/golden/index.ts";

process.env["TZ"] = "UTC"; // As where the recordings were made.

/** How one file went. */
interface Report {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  /** Excused by a documented deviation, or with nothing to compare; `what` says which. */
  readonly besides?: string;
  readonly firstDifference?: string;
}

interface Case {
  readonly name: string;
  readonly difference?: string;
}

type Comparer = (folder: string) => Promise<readonly Report[]>;

const json = (folder: string, file: string) => JSON.parse(readFileSync(path.join(folder, file), "utf8"));

function reportOf(file: string, cases: readonly Case[], besides?: string): Report {
  const differing = cases.filter(({ difference }) => difference !== undefined);
  const [first] = differing;
  return {
    file,
    passed: cases.length - differing.length,
    failed: differing.length,
    ...(besides === undefined ? {} : { besides }),
    ...(first ? { firstDifference: `${first.name}: ${first.difference}` } : {}),
  };
}

async function hookTools(folder: string): Promise<readonly Report[]> {
  const results = replayHookTools(json(folder, "hook-tools.json"));
  const cases = results.map((result) => ({
    name: `case ${result.id} of ${result.version}`,
    ...(result.difference === undefined ? {} : { difference: describeResult(result) }),
  }));
  return [reportOf("hook-tools.json", cases)];
}

async function session(folder: string): Promise<readonly Report[]> {
  const events = replaySession(json(folder, "session/events-4.0.json"));
  const exec = replayExec(json(folder, "session/exec-4.0.json").results);
  const { hooks, tools } = events;
  return [
    {
      file: "session/events-4.0.json",
      passed: hooks.matched,
      failed: hooks.expected - hooks.matched - hooks.merged,
      besides: `${hooks.moved} moved and ${hooks.merged} merged as Juju leaves open; ${tools.matched} of ${tools.expected} hook commands agree, ${tools.excused} excused`,
      ...(events.faults[0] === undefined ? {} : { firstDifference: events.faults[0] }),
    },
    {
      file: "session/exec-4.0.json",
      passed: exec.matched,
      failed: exec.expected - exec.matched,
      besides: `${exec.leftOut.length} left out`,
      ...(exec.faults[0] === undefined ? {} : { firstDifference: exec.faults[0] }),
    },
  ];
}

async function databags(folder: string): Promise<readonly Report[]> {
  const { files, unknown } = await replayDatabags(path.join(folder, "databags"));
  for (const name of unknown) console.log(`  databags/${name}: not covered`);
  return files.map(({ file, counts, differences }) => {
    const all = Object.values(counts);
    const sum = (key: "passed" | "failed" | "excused" | "stateOnly") =>
      all.reduce((n, count) => n + count[key], 0);
    return {
      file: `databags/${file}`,
      passed: sum("passed") + sum("stateOnly"),
      failed: sum("failed"),
      besides: `${sum("stateOnly")} of them end in a state, ${sum("excused")} excused`,
      ...(differences[0] === undefined ? {} : { firstDifference: differences[0] }),
    };
  });
}

const agentSocket: Comparer = async (folder) => [
  reportOf("agent-socket/", await compareAgentSocket(path.join(folder, "agent-socket"))),
];

/** What the charm writes; `workload/traefik/golden/main.ts` plays the other cases, too. */
async function traefik(folder: string): Promise<readonly Report[]> {
  const { cases, excused, notPlayed, leftOut, playedAgain } = await compareTraefik(
    path.join(folder, "traefik"),
    { filter: isRelevant, again: isRelevant },
  );
  const besides = `${Object.keys(excused).length} excused, ${notPlayed.length} not played, ${leftOut} that the charm cannot cause left out; ${playedAgain.length} scenes were played again, alone`;
  return [reportOf("traefik/traefik.json, what the charm writes", cases, besides)];
}

async function cli(folder: string): Promise<readonly Report[]> {
  const all = await compareCli(path.join(folder, "cli"));
  const supported = all.filter((one) => one.supported && one.excused === undefined);
  const excused = all.filter((one) => one.supported && one.excused !== undefined);
  const besides = `${excused.length} excused, ${all.length - supported.length - excused.length} of commands that the local model lacks`;
  return [reportOf("cli/", supported, besides)];
}

/** What oauth2-proxy answered is kept beside the program that stands in for it. */
async function oauth2Proxy(): Promise<Report> {
  const { agree, differ, excused, overExcused, pending } = await compareOauth2Proxy();
  const known = differ.filter(({ id }) => pending.has(id)).length;
  const faults = [
    ...differ.filter(({ id }) => !pending.has(id)),
    ...agree
      .filter((id) => pending.has(id))
      .map((id) => ({ id, difference: "agrees, is still in pending.json" })),
    ...overExcused.map((id) => ({ id, difference: "agrees, is excused by the README all the same" })),
  ];
  const [first] = faults;
  const excuses = [...excused.values()].reduce((sum, ids) => sum + ids.length, 0);
  return {
    file: "oauth2-proxy/",
    passed: agree.length,
    failed: faults.length,
    besides: `${excuses} excused by ${excused.size} rows of the README, ${known} known to differ`,
    ...(first ? { firstDifference: `${first.id}: ${first.difference}` } : {}),
  };
}

const status: Comparer = async (folder) => [reportOf("status/", compareStatus(path.join(folder, "status")))];

/** What must be there → who compares it. */
const comparers: Readonly<Record<string, Comparer>> = {
  "hook-tools.json": hookTools,
  "agent-socket": agentSocket,
  session,
  databags,
  status,
  cli,
  traefik,
};

const folder = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, "golden"));
if (!existsSync(folder)) {
  console.error(`Cannot compare: there is no folder ${folder}`);
  process.exit(2);
}
const total = { passed: 0, failed: 0 };

function print({ file, passed, failed, besides, firstDifference }: Report): void {
  console.log(
    `${failed === 0 ? "✓" : "✗"} ${file}: ${passed} agree, ${failed} differ${besides ? ` (${besides})` : ""}`,
  );
  if (firstDifference !== undefined && failed > 0) console.log(`    first: ${firstDifference}`);
  total.passed += passed;
  total.failed += failed;
}

const places = Object.entries(comparers);
const isThere = (place: string): boolean => existsSync(path.join(folder, place));
for (const [place] of places) if (!isThere(place)) console.log(`  ${place}: not in this folder`);
// Side by side: some wait for programs most of the time.
const reports = places.filter(([place]) => isThere(place)).map(([, compare]) => compare(folder));
for (const report of (await Promise.all([...reports, oauth2Proxy()])).flat()) print(report);
const known = new Set([...Object.keys(comparers), "README.md"]);
for (const name of readdirSync(folder).filter((entry) => !known.has(entry)))
  console.log(`  ${name}: not covered`);
console.log(`golden: ${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
