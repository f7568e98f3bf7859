/** W16: hours at half of what can be done, now and then a sign-in: does memory grow, does latency? */
import path from "node:path";
import type { Bench } from "../bench.ts";
import { median } from "../compare.ts";
import { constantRate } from "../constant-rate.ts";
import { residentMiB } from "../machine.ts";
import type { Measurement, Result } from "../measurement.ts";
import { cookieHeader, HYDRA, sessionValue } from "../mint/cookie.ts";
import { requestText, writeRequests } from "../requests.ts";
import type { Subject, SubjectName } from "../subjects.ts";
import { AUTH } from "./closed-loop.ts";
import { maximum } from "./latency.ts";

const SLICES = 10;

/** One sign-in begins for every 99 decisions. */
function requests(bench: Bench): string {
  const file = path.join(bench.folder, "W16.requests");
  writeRequests(file, 1000, (index) =>
    index % 100 === 99
      ? requestText({ target: "/oauth2/start?rd=%2F", lines: ["Accept: text/html"] })
      : requestText({ target: AUTH, lines: [`Cookie: ${cookieHeader(sessionValue(HYDRA, index))}`] }),
  );
  return file;
}

interface Slice {
  /** Minutes since the soak began. */
  readonly minute: number;
  readonly rss: number;
  /** Milliseconds. */
  readonly p99: number;
  readonly statuses: Readonly<Record<string, number>>;
}

async function soak(subject: Subject, file: string, rate: number, seconds: number): Promise<Slice[]> {
  const slices: Slice[] = [];
  const began = performance.now();
  for (let index = 0; index < SLICES; index++) {
    const { p99, statuses } = await constantRate({
      port: subject.port,
      requests: file,
      rate,
      seconds: seconds / SLICES,
    });
    const minute = (performance.now() - began) / 60_000;
    slices.push({ minute, rss: residentMiB(subject.pid).now, p99: p99 / 1000, statuses });
  }
  return slices;
}

/** MiB a minute by least squares, without the first third, in which everything is compiled and caches fill. */
function slope(slices: readonly Slice[]): number {
  const late = slices.slice(Math.floor(slices.length / 3));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(late.map(({ minute }) => minute)), mean(late.map(({ rss }) => rss))];
  const over = late.reduce((sum, { minute, rss }) => sum + (minute - x) * (rss - y), 0);
  return over / late.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
}

async function run(bench: Bench): Promise<Result> {
  const file = requests(bench);
  const found: Partial<Record<SubjectName, Slice[]>> = {};
  for (const name of ["ours", "oauth2-proxy"] as const) {
    const subject = await bench.start(name);
    const rate = (await maximum(subject, file, bench)) / 2;
    found[name] = await soak(subject, file, rate, bench.effort.soakSeconds);
    await subject.close();
  }
  const of = (value: (slices: readonly Slice[]) => number) => ({
    ours: value(found.ours ?? []),
    "oauth2-proxy": value(found["oauth2-proxy"] ?? []),
  });
  const about = `W16: ${bench.effort.soakSeconds} s at half of its own maximum, 1 % sign-ins`;
  const wrong = (slices: readonly Slice[]) =>
    slices
      .flatMap(({ statuses }) => Object.entries(statuses))
      .reduce((sum, [status, count]) => sum + (["202", "302"].includes(status) ? 0 : count), 0);
  const failures = of(wrong);
  return {
    rows: [
      { label: `${about}: memory grows by`, unit: "MiB/min", values: of(slope) },
      {
        label: `${about}: p99, median of ${SLICES}`,
        unit: "ms",
        values: of((slices) => median(slices.map(({ p99 }) => p99))),
      },
      {
        label: `${about}: other answers`,
        unit: "answers",
        values: failures,
        target: "none",
        met: failures.ours === 0,
      },
    ],
    raw: found,
  };
}

/** The measurement. */
export const SOAK: Measurement = {
  id: "W16",
  about: "a soak, `--soak-seconds` long",
  quick: false,
  run,
};
