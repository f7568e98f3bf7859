/**
 * Where the time of a start goes: from nothing deployed, on an installed checkout, to the sign-in page answering.
 * Prints each step, the hooks with their number and median per charm, and the whole.
 *
 * Usage: `npm run bench:start [-- RUNS]`
 *
 * @module
 */

import { Browser } from "../../lib/cli/start/browser.ts";
import { deployAll, settled } from "../../lib/cli/start/deploy.ts";
import { juju } from "../../lib/cli/start/juju.ts";
import { stop } from "../../lib/cli/start/start.ts";
import { authorityCertificate, protectedUrl } from "../../lib/cli/start/urls.ts";
import { sandbox } from "../tutorials/sandbox.ts";

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Time between two hooks of a unit that follow each other, by charm; as the agent's log tells it. */
function hookTimes(log: string): Map<string, number[]> {
  const times = new Map<string, number[]>();
  const last = new Map<string, number>();
  for (const line of log.split("\n")) {
    const [, unit, time] = /^unit-(\S+)-\d+: (\d\d:\d\d:\d\d(?:\.\d+)?) .* ran "/.exec(line) ?? [];
    if (unit === undefined || time === undefined) continue;
    const [hours = 0, minutes = 0, secs = 0] = time.split(":").map(Number);
    const at = ((hours * 60 + minutes) * 60 + secs) * 1000;
    const before = last.get(unit);
    last.set(unit, at);
    times.set(unit, [...(times.get(unit) ?? []), ...(before === undefined ? [] : [at - before])]);
  }
  return times;
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
    const browser = new Browser({ authority: await authorityCertificate() });
    const page = await browser.visit(new URL(await protectedUrl()));
    if (!page.body.includes('type="password"'))
      throw new Error(`Cannot bench: ${page.url} is no sign-in page`);
    mark("the sign-in page answers");
    const log = await juju("debug-log", "--replay", "--no-tail");
    for (const [title, at] of marks) console.log(`  ${seconds(at).padStart(8)}  ${title}`);
    for (const [app, times] of hookTimes(log)) {
      console.log(
        `  ${app}: ${times.length + 1} hooks, ${Math.round(median(times))} ms from one to the next (median)`,
      );
    }
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
