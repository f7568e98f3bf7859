/**
 * Loaded into a Node.js program by `--import`: writes to the file that `BENCH_OBSERVED` names, each second, how late the event loop
 * was and how long the garbage collector took. Milliseconds.
 */
import { appendFile, readFileSync } from "node:fs";
import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";

/** One second of a program. */
export interface Observed {
  /** By how much timers were late. */
  readonly late: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly collections: { readonly count: number; readonly total: number; readonly longest: number };
}

/** Milliseconds between looks; what the histogram holds is this and the delay. */
const RESOLUTION = 10;

/** Seconds that a program wrote so far. */
export function readObserved(file: string): readonly Observed[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Observed);
}

function observe(file: string): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  let collections = { count: 0, total: 0, longest: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      const { count, total, longest } = collections;
      collections = { count: count + 1, total: total + duration, longest: Math.max(longest, duration) };
    }
  }).observe({ entryTypes: ["gc"] });
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
  const tell = () => {
    const { max } = delay;
    const second: Observed = {
      late: { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(max) },
      collections,
    };
    delay.reset();
    collections = { count: 0, total: 0, longest: 0 };
    appendFile(file, `${JSON.stringify(second)}\n`, () => undefined);
  };
  setInterval(tell, 1000).unref();
}

const file = process.env["BENCH_OBSERVED"];
if (file !== undefined) observe(file);
