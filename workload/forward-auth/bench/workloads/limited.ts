/** Start, latency and memory within the limits that a charm asks for: 100 m CPU, 300 Mi. */
import type { Bench } from "../bench.ts";
import { type Cgroup, makeCgroup } from "../cgroup.ts";
import { constantRate } from "../constant-rate.ts";
import { residentMiB } from "../machine.ts";
import type { Measurement, Result, Row } from "../measurement.ts";
import type { SubjectName } from "../subjects.ts";
import { sessionRequests } from "./latency.ts";

/** Requests a second of somebody's small team. */
const LIGHT = 20;
const ABOUT = "100 m CPU and 300 Mi";

interface Found {
  readonly startedIn: number;
  readonly p50: number;
  readonly p99: number;
  readonly memory: number;
}

async function within(cgroup: Cgroup, name: SubjectName, bench: Bench): Promise<Found> {
  const subject = await bench.start(name, [], {}, cgroup.doors);
  const ask = () =>
    constantRate({
      port: subject.port,
      requests: sessionRequests(bench, 100),
      rate: LIGHT,
      seconds: Math.max(10, bench.effort.seconds * 3),
      connections: 4,
    });
  await ask(); // The first answers pay for what is not compiled yet.
  const { p50, p99, statuses } = await ask();
  const memory = residentMiB(subject.pid).most;
  await subject.close();
  if (Object.keys(statuses).join() !== "202") throw new Error(`${name}: ${JSON.stringify(statuses)}`);
  return { startedIn: subject.startedIn, p50: p50 / 1000, p99: p99 / 1000, memory };
}

/** A group can go once the kernel has seen its last process leave. */
async function removed(cgroup: Cgroup): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return cgroup.close();
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function run(bench: Bench): Promise<Result> {
  const found: Partial<Record<SubjectName, Found>> = {};
  for (const name of ["ours", "oauth2-proxy"] as const) {
    let cgroup: Cgroup;
    try {
      cgroup = makeCgroup(`bench-${process.pid}-${name}`, { cpu: 0.1, memoryMiB: 300 });
    } catch (error) {
      const note = `not measured: no control group can be made here (${(error as Error).message})`;
      return { rows: [{ label: ABOUT, unit: "", values: {}, note }] };
    }
    try {
      found[name] = await within(cgroup, name, bench);
    } finally {
      await removed(cgroup);
    }
  }
  const row = (what: string, unit: string, key: keyof Found): Row => {
    const [ours = Number.NaN, upstream = Number.NaN] = [found.ours?.[key], found["oauth2-proxy"]?.[key]];
    return {
      label: `${ABOUT}: ${what}`,
      unit,
      values: { ours, "oauth2-proxy": upstream },
      ratio: upstream / ours,
      ...(key === "memory" ? { target: "≤ 300 MiB", met: ours <= 300 } : {}),
    };
  };
  return {
    rows: [
      row("process to /ready", "ms", "startedIn"),
      row(`p50 at ${LIGHT}/s`, "ms", "p50"),
      row(`p99 at ${LIGHT}/s`, "ms", "p99"),
      row("memory, at most", "MiB", "memory"),
    ],
    raw: found,
  };
}

/** The measurement. */
export const LIMITED: Measurement = {
  id: "limits",
  about: `start, latency and memory within ${ABOUT}`,
  quick: false,
  run,
};
