/**
 * Ours beside the real oauth2-proxy and a bare `node:http` server: one core each, the load from the other, runs in turn.
 *
 *   npm run bench:forward-auth                              everything, in about 25 minutes
 *   npm run bench:forward-auth -- --quick                   the most telling workloads, in two minutes
 *   npm run bench:forward-auth -- --only W2                 workloads whose id begins so; may be repeated
 *   npm run bench:forward-auth -- --save NAME --readme      everything, kept as `results/NAME.json`, and the README's table
 *   npm run bench:forward-auth -- --from NAME --readme      the README's table of results that were kept; measures nothing
 *
 * Further options: `--seconds`, `--warm-up`, `--rounds`, `--connections`, `--soak-seconds` (3600: an hour for each).
 * Why targets are missed is kept in `misses.ts`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { OAUTH2_PROXY_VERSION } from "../../../test/peers/oauth2-proxy.ts";
import { VERSION } from "../version.ts";
import { type Bench, type Effort, openBench } from "./bench.ts";
import { VoidRunError } from "./compare.ts";
import { describeMachine } from "./machine.ts";
import type { Measurement, Row } from "./measurement.ts";
import { writeReadme } from "./readme.ts";
import { table } from "./table.ts";
import { DECISIONS } from "./workloads/decisions.ts";
import { FAULTS } from "./workloads/faults.ts";
import { FOOTPRINT } from "./workloads/footprint.ts";
import { GATEWAYS } from "./workloads/gateways.ts";
import { LATENCY } from "./workloads/latency.ts";
import { LIMITED } from "./workloads/limited.ts";
import { OTHER_DECISIONS } from "./workloads/other-decisions.ts";
import { REVERSE_PROXY } from "./workloads/reverse-proxy.ts";
import { SOAK } from "./workloads/soak.ts";

const MEASUREMENTS: readonly Measurement[] = [
  ...DECISIONS,
  ...OTHER_DECISIONS,
  ...REVERSE_PROXY,
  ...GATEWAYS,
  ...FAULTS,
  SOAK,
  LATENCY,
  ...FOOTPRINT,
  LIMITED,
];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    seconds: { type: "string" },
    rounds: { type: "string" },
    "warm-up": { type: "string" },
    connections: { type: "string", default: "32" },
    "soak-seconds": { type: "string", default: "60" },
    save: { type: "string" },
    from: { type: "string" },
    readme: { type: "boolean", default: false },
  },
});

const effort: Effort = {
  quick: values.quick,
  seconds: Number(values.seconds ?? (values.quick ? 1 : 3)),
  warmUp: Number(values["warm-up"] ?? (values.quick ? 3 : 5)),
  rounds: Number(values.rounds ?? (values.quick ? 2 : 3)),
  connections: Number(values.connections),
  soakSeconds: Number(values["soak-seconds"]),
};

const wanted = ({ id, quick }: Measurement): boolean =>
  values.only.length > 0 ? values.only.some((start) => id.startsWith(start)) : quick || !effort.quick;

interface Outcome {
  readonly id: string;
  readonly about: string;
  readonly rows: readonly Row[];
  readonly raw?: unknown;
}

async function measure({ id, about, run }: Measurement, bench: Bench): Promise<Outcome> {
  process.stderr.write(`${id}: ${about}\n`);
  try {
    return { id, about, ...(await run(bench)) };
  } catch (error) {
    if (!(error instanceof VoidRunError)) throw error;
    return { id, about, rows: [{ label: id, unit: "", values: {}, note: `void: ${error.message}` }] };
  }
}

function save(name: string, outcomes: readonly Outcome[]): void {
  const folder = path.join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.json`);
  const head = {
    date: new Date().toISOString().slice(0, 10),
    command: `npm run bench:forward-auth -- ${process.argv.slice(2).join(" ")}`,
    ours: VERSION,
    oauth2Proxy: OAUTH2_PROXY_VERSION,
    machine: describeMachine(),
    effort,
  };
  writeFileSync(file, `${JSON.stringify({ ...head, measurements: outcomes }, undefined, 1)}\n`);
}

const name = values.from ?? values.save;
if (values.readme && name === undefined)
  throw new TypeError("Cannot write the table: no results are named, should be by --save or --from");
if (values.from !== undefined) {
  if (values.readme) writeReadme(values.from);
  process.exit(0);
}

const bench = await openBench(effort);
const outcomes: Outcome[] = [];
try {
  for (const measurement of MEASUREMENTS.filter(wanted)) {
    outcomes.push(await measure(measurement, bench));
    // After each: a sitting that breaks off keeps what it has.
    if (values.save !== undefined) save(values.save, outcomes);
  }
} finally {
  await bench.close();
}
console.log(table(outcomes.flatMap(({ rows }) => rows)));
if (values.readme && name !== undefined) writeReadme(name);
process.exit(outcomes.some(({ rows }) => rows.some(({ note }) => note?.startsWith("void"))) ? 1 : 0);
