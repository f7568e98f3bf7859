/** Latency at rates that both can serve, and at half of what ours can. */
import path from "node:path";
import type { Bench } from "../bench.ts";
import { burst, rateOf } from "../closed-loop.ts";
import { median, VoidRunError } from "../compare.ts";
import { constantRate } from "../constant-rate.ts";
import type { Measurement, Result, Row } from "../measurement.ts";
import { cookieHeader, HYDRA, sessionValue } from "../mint/cookie.ts";
import type { OpenLoopReport } from "../open-loop.ts";
import { requestText, writeRequests } from "../requests.ts";
import type { Subject, SubjectName } from "../subjects.ts";
import { AUTH } from "./closed-loop.ts";

const SESSIONS = 1000;

/** Requests of a thousand sessions. */
export function sessionRequests(bench: Bench, sessions = SESSIONS): string {
  const file = path.join(bench.folder, `sessions-${sessions}.requests`);
  writeRequests(file, sessions, (index) =>
    requestText({ target: AUTH, lines: [`Cookie: ${cookieHeader(sessionValue(HYDRA, index))}`] }),
  );
  return file;
}

/** Answers a second at most, after a warm-up. */
export async function maximum(subject: Subject, requests: string, { effort }: Bench): Promise<number> {
  const ask = (seconds: number) =>
    burst({ port: subject.port, requests, seconds, connections: effort.connections });
  await ask(effort.warmUp);
  return rateOf(await ask(effort.seconds));
}

async function atRate(
  subjects: readonly Subject[],
  requests: string,
  rate: number,
  { effort }: Bench,
): Promise<Map<SubjectName, OpenLoopReport[]>> {
  const reports = new Map(subjects.map(({ name }) => [name, [] as OpenLoopReport[]]));
  for (let round = 0; round < Math.min(3, effort.rounds); round++) {
    for (const { name, port } of subjects) {
      const report = await constantRate({ port, requests, rate, seconds: effort.seconds * 2 });
      if (Object.keys(report.statuses).join() !== "202" || report.broken > 0)
        throw new VoidRunError(`${name}: statuses are ${JSON.stringify(report.statuses)}`);
      reports.get(name)?.push(report);
    }
  }
  return reports;
}

const middle = (reports: readonly OpenLoopReport[] | undefined, key: "p50" | "p99" | "p999"): number =>
  median((reports ?? []).map((report) => report[key])) / 1000;

function row(
  about: string,
  rate: number,
  reports: ReadonlyMap<SubjectName, OpenLoopReport[]>,
  key: "p50" | "p99" | "p999",
  aim: boolean,
): Row {
  const ours = middle(reports.get("ours"), key);
  const upstream = middle(reports.get("oauth2-proxy"), key);
  const both = reports.has("oauth2-proxy");
  return {
    label: `latency: ${key} at ${about} (${Math.round(rate).toLocaleString("en")}/s)`,
    unit: "ms",
    values: { ours, ...(both ? { "oauth2-proxy": upstream } : {}) },
    ...(both ? { ratio: upstream / ours } : {}),
    ...(aim ? { target: "no worse", met: ours <= upstream } : {}),
  };
}

const KEYS = ["p50", "p99", "p999"] as const;

async function run(bench: Bench): Promise<Result> {
  const requests = sessionRequests(bench);
  const ours = await bench.start("ours");
  const upstream = await bench.start("oauth2-proxy");
  const oursMost = await maximum(ours, requests, bench);
  const upstreamMost = await maximum(upstream, requests, bench);
  const shares = bench.effort.quick ? [0.5] : [0.25, 0.5, 0.75, 0.9];
  const raw: Record<string, unknown> = { oursMost, upstreamMost };
  const rows: Row[] = [];
  for (const share of shares) {
    const about = `${share * 100} % of oauth2-proxy's maximum`;
    const reports = await atRate([ours, upstream], requests, upstreamMost * share, bench);
    raw[about] = Object.fromEntries(reports);
    for (const key of share === 0.5 ? KEYS : (["p99"] as const))
      rows.push(row(about, upstreamMost * share, reports, key, key === "p99" && share === 0.5));
  }
  const half = await atRate([ours], requests, oursMost / 2, bench);
  raw["50 % of our maximum"] = Object.fromEntries(half);
  rows.push(row("50 % of our maximum", oursMost / 2, half, "p99", false));
  await Promise.all([ours.close(), upstream.close()]);
  return { rows, raw };
}

/** The measurement. */
export const LATENCY: Measurement = {
  id: "latency",
  about: "open loop, corrected for coordinated omission",
  quick: true,
  run,
};
