/**
 * Ours beside the real oauth2-proxy and a bare `node:http` server: one core each, the load from the other, runs in turn.
 *
 *   npm run bench:forward-auth                 everything
 *   npm run bench:forward-auth -- --quick      the most telling workloads, in two minutes
 *   npm run bench:forward-auth -- --only W2    workloads whose id begins so; may be repeated
 *
 * `node bench/readme.ts NAME` puts the table of saved results into the README.
 *
 * Further options: `--seconds`, `--warm-up`, `--rounds`, `--connections`, `--soak-seconds`, `--save NAME` (writes `results/NAME.json`).
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
    "soak-seconds": { type: "string", default: "120" },
    save: { type: "string" },
  },
});

const effort: Effort = {
  quick: values.quick,
  seconds: Number(values.seconds ?? (values.quick ? 2 : 5)),
  warmUp: Number(values["warm-up"] ?? (values.quick ? 3 : 8)),
  rounds: Number(values.rounds ?? (values.quick ? 2 : 5)),
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
process.exit(outcomes.some(({ rows }) => rows.some(({ note }) => note?.startsWith("void"))) ? 1 : 0);
