/**
 * Where the time of a start goes: from nothing deployed, on an installed checkout, to the sign-in page answering.
 * Prints each step, the hooks with their number and median per charm, and the whole.
 *
 * Usage: `npm run bench:start [-- RUNS]`
 *
 * @module
 */

import { globSync } from "node:fs";
import path from "node:path";
import { signInAnswers } from "../../lib/cli/start/check.ts";
import { deployAll, settled } from "../../lib/cli/start/deploy.ts";
import { stop } from "../../lib/cli/start/start.ts";
import { authorityCertificate, protectedUrl } from "../../lib/cli/start/urls.ts";
import type { LogLine } from "../../lib/local/api.ts";
import { connect } from "../../lib/local/client.ts";
import { stateDir } from "../../lib/local/state-dir.ts";
import { PebbleClient, unixSocket } from "../../lib/pebble/index.ts";
import { sandbox } from "../tutorials/sandbox.ts";

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** A replan that starts nothing is over sooner. */
const IDLE_MS = 50;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Hooks of each unit, with the time from one to the next: what a hook costs while the model is busy. */
async function hookTimes(): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  const last = new Map<string, number>();
  const client = await connect({ start: false });
  const read = ({ entity, message, time }: LogLine): void => {
    if (!message.startsWith('ran "')) return;
    const before = last.get(entity);
    last.set(entity, time);
    times.set(entity, [...(times.get(entity) ?? []), ...(before === undefined ? [] : [time - before])]);
  };
  await client.call("debugLog", { replay: true }, { onProgress: read });
  client.close();
  return times;
}

/** What each container's Pebble did to bring its services up, and how long it took. */
async function workloadStarts(): Promise<string[]> {
  const sockets = globSync("**/containers/*/pebble.socket", { cwd: stateDir().runtime });
  const lines = await Promise.all(
    sockets.map(async (socket) => {
      const transport = unixSocket(path.join(stateDir().runtime, socket));
      const changes = await new PebbleClient(transport).changes({ select: "all" });
      transport.close();
      const took = changes
        .filter(({ kind }) => ["replan", "start", "restart", "autostart"].includes(kind))
        .map((change) => Date.parse(change["ready-time"] ?? "") - Date.parse(change["spawn-time"]))
        .filter((ms) => ms >= IDLE_MS);
      const name = path.basename(path.dirname(socket));
      return `${name}: ${took.length} starts of the workload, ${Math.round(median(took))} ms each (median)`;
    }),
  );
  return lines.sort();
}

async function once(): Promise<number> {
  const clean = sandbox();
  const started = performance.now();
  const marks: [string, number][] = [];
  const mark = (title: string) => marks.push([title, performance.now() - started]);
  try {
    await deployAll();
    mark("deployed and related");
    await settled();
    mark("every unit active");
    await signInAnswers(await protectedUrl(), await authorityCertificate());
    mark("the sign-in page answers");
    const times = await hookTimes();
    for (const [title, at] of marks) console.log(`  ${seconds(at).padStart(8)}  ${title}`);
    for (const [unit, between] of [...times].sort(([one], [other]) => (one < other ? -1 : 1))) {
      const typical = Math.round(median(between));
      console.log(`  ${unit}: ${between.length + 1} hooks, ${typical} ms from one to the next (median)`);
    }
    for (const line of await workloadStarts()) console.log(`  ${line}`);
    return marks.at(-1)?.[1] ?? 0;
  } finally {
    await stop();
    clean();
  }
}

const runs = Number(process.argv[2] ?? 1);
const totals: number[] = [];
for (let run = 1; run <= runs; run++) {
  console.log(`run ${run} of ${runs}`);
  totals.push(await once());
}
console.log(
  `from nothing to the sign-in page: ${seconds(median(totals))} (median of ${runs}; aim: under 15 s on two cores)`,
);
