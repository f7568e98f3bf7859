/** W16: hours at half of what can be done, now and then a sign-in: does memory grow, does latency, do pauses? */
import path from "node:path";
import type { Bench } from "../bench.ts";
import { median } from "../compare.ts";
import { constantRate } from "../constant-rate.ts";
import { type LoginsReport, logins } from "../logins.ts";
import { residentMiB } from "../machine.ts";
import type { Measurement, Result, Row } from "../measurement.ts";
import { cookieHeader, HYDRA, sessionValue } from "../mint/cookie.ts";
import { type Observed, readObserved } from "../observe.ts";
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

/** Of those that begin, one in so many comes back from the provider, and asks with its new session. */
const FINISHED = 10;

interface Slice {
  /** Minutes since the soak began. */
  readonly minute: number;
  readonly rss: number;
  /** Milliseconds. */
  readonly p99: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly signIns: LoginsReport;
}

async function soak(subject: Subject, file: string, rate: number, seconds: number): Promise<Slice[]> {
  const slices: Slice[] = [];
  const began = performance.now();
  for (let index = 0; index < SLICES; index++) {
    const { port, pid } = subject;
    const [{ p99, statuses }, signIns] = await Promise.all([
      constantRate({ port, requests: file, rate, seconds: seconds / SLICES }),
      logins(port, rate / 100 / FINISHED, seconds / SLICES),
    ]);
    const minute = (performance.now() - began) / 60_000;
    slices.push({ minute, rss: residentMiB(pid).now, p99: p99 / 1000, statuses, signIns });
  }
  return slices;
}

/** Without the first third, in which everything is compiled and caches fill. */
const late = <T>(list: readonly T[]): readonly T[] => list.slice(Math.floor(list.length / 3));

/** MiB a minute by least squares. */
function slope(slices: readonly Slice[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const steady = late(slices);
  const [x, y] = [mean(steady.map(({ minute }) => minute)), mean(steady.map(({ rss }) => rss))];
  const over = steady.reduce((sum, { minute, rss }) => sum + (minute - x) * (rss - y), 0);
  return over / steady.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
}

/** Answers that should not be, and sign-ins that came to nothing. */
const wrong = (slices: readonly Slice[]): number =>
  slices.reduce(
    (sum, { statuses, signIns }) =>
      Object.entries(statuses).reduce(
        (odd, [status, count]) => odd + (["202", "302"].includes(status) ? 0 : count),
        sum + signIns.begun - signIns.done,
      ),
    0,
  );

/** How the program itself saw the load; another program's inside is not known. */
function pauses(about: string, seconds: readonly Observed[]): readonly Row[] {
  const steady = late(seconds);
  const row = (label: string, unit: string, ours: number): Row => ({
    label: `${about}: ${label}`,
    unit,
    values: { ours },
  });
  const total = steady.reduce((sum, { collections }) => sum + collections.total, 0);
  return [
    row("event loop late, p99 of a second, median", "ms", median(steady.map(({ late: { p99 } }) => p99))),
    row("event loop late, at most", "ms", Math.max(...steady.map(({ late: { max } }) => max))),
    row("garbage collection, of the time", "%", total / 10 / steady.length),
    row(
      "garbage collection, longest",
      "ms",
      Math.max(...steady.map(({ collections }) => collections.longest)),
    ),
  ];
}

async function run(bench: Bench): Promise<Result> {
  const file = requests(bench);
  const observed = path.join(bench.folder, "W16.observed");
  const watched = {
    NODE_OPTIONS: `--import=${path.join(import.meta.dirname, "..", "observe.ts")} --disable-warning=ExperimentalWarning`,
    BENCH_OBSERVED: observed,
  };
  const found: Partial<Record<SubjectName, Slice[]>> = {};
  let seconds: readonly Observed[] = [];
  for (const name of ["ours", "oauth2-proxy"] as const) {
    const subject = await bench.start(name, [], name === "ours" ? watched : {});
    const rate = (await maximum(subject, file, bench)) / 2;
    const before = name === "ours" ? readObserved(observed).length : 0;
    found[name] = await soak(subject, file, rate, bench.effort.soakSeconds);
    if (name === "ours") seconds = readObserved(observed).slice(before);
    await subject.close();
  }
  const of = (value: (slices: readonly Slice[]) => number) => ({
    ours: value(found.ours ?? []),
    "oauth2-proxy": value(found["oauth2-proxy"] ?? []),
  });
  const about = `W16: ${bench.effort.soakSeconds} s at half of its own maximum, 1 % sign-ins, each tenth to its end`;
  const failures = of(wrong);
  return {
    rows: [
      { label: `${about}: memory grows by`, unit: "MiB/min", values: of(slope) },
      {
        label: `${about}: p99, median of ${SLICES}`,
        unit: "ms",
        values: of((slices) => median(slices.map(({ p99 }) => p99))),
      },
      ...pauses(about, seconds),
      {
        label: `${about}: other answers`,
        unit: "answers",
        values: failures,
        target: "none",
        met: failures.ours === 0,
      },
    ],
    raw: { ...found, seconds },
  };
}

/** The measurement. */
export const SOAK: Measurement = {
  id: "W16",
  about: "a soak, `--soak-seconds` long",
  quick: false,
  run,
};
