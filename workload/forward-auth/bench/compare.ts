/** Runs of several subjects in turn, and what they come to. */
import { type Burst, burst, rateOf } from "./closed-loop.ts";
import { cpuSeconds, residentMiB } from "./machine.ts";
import type { Subject, SubjectName } from "./subjects.ts";

/** One run of one subject. */
export interface Run extends Burst {
  /** Answers a second. */
  readonly rate: number;
  /** Microseconds of processor time for an answer, user and kernel mode. */
  readonly cpu: number;
  /** Answers by status, as the subject counted them; absent where it does not count. */
  readonly statuses?: Readonly<Record<string, number>>;
}

/** What the runs of a subject come to: medians. */
export interface Summary {
  readonly rate: number;
  /** Lowest and highest rate. */
  readonly spread: readonly [number, number];
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
  /** Resident memory after the runs, in MiB. */
  readonly rss: number;
  readonly runs: readonly Run[];
}

/** How a comparison is run. */
export interface Comparison {
  readonly subjects: readonly Subject[];
  readonly requests: string;
  /** Statuses that are right, and the least share of each. */
  readonly expected: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly warmUp: number;
  readonly rounds: number;
  readonly connections: number;
  /** Number of requests in the file, when none may be asked twice. */
  readonly once?: number | undefined;
}

/** The middle of some numbers. */
export function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
}

/** A run that answered something else than it should have. */
export class VoidRunError extends Error {
  readonly code = "ERR_VOID_RUN";
}

function difference(
  after: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): Record<string, number> {
  const counts = Array.from(after, ([code, count]) => [code, count - (before.get(code) ?? 0)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/**
 * Checks a run. Requests that are cut off when it ends may be answered anyhow: at most one on each connection.
 *
 * @throws {VoidRunError} When a status is unexpected, or one is rarer than expected.
 */
function check(name: SubjectName, run: Run, { expected, connections }: Comparison): void {
  const { statuses, broken, requests } = run;
  if (broken > 0) throw new VoidRunError(`${name}: ${broken} of ${requests} requests came to nothing`);
  if (statuses === undefined) return;
  const total = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const odd = Object.entries(statuses).filter(([code]) => expected[code] === undefined);
  const oddCount = odd.reduce((sum, [, count]) => sum + count, 0);
  const rare = Object.entries(expected).filter(
    ([code, share]) => (statuses[code] ?? 0) < share * (total - connections),
  );
  if (oddCount <= connections && rare.length === 0) return;
  throw new VoidRunError(
    `${name}: statuses are ${JSON.stringify(statuses)}, should be ${JSON.stringify(expected)}`,
  );
}

const NONE: ReadonlyMap<string, number> = new Map();

async function measure(subject: Subject, comparison: Comparison, start: number): Promise<Run> {
  const { requests, seconds, connections } = comparison;
  const before = (await subject.answers()) ?? NONE;
  const cpu = cpuSeconds(subject.pid);
  const result = await burst({ port: subject.port, requests, start, seconds, connections });
  const used = cpuSeconds(subject.pid) - cpu;
  const after = await subject.answers();
  const run: Run = {
    ...result,
    rate: rateOf(result),
    cpu: (used / result.requests) * 1e6,
    ...(after === undefined ? {} : { statuses: difference(after, before) }),
  };
  check(subject.name, run, comparison);
  return run;
}

function summary(subject: Subject, runs: readonly Run[]): Summary {
  const rates = runs.map(({ rate }) => rate);
  const middle = (key: "cpu" | "p50" | "p99") => median(runs.map((run) => run[key]));
  return {
    rate: median(rates),
    spread: [Math.min(...rates), Math.max(...rates)],
    cpu: middle("cpu"),
    p50: middle("p50"),
    p99: middle("p99"),
    rss: residentMiB(subject.pid).now,
    runs,
  };
}

/**
 * Runs the subjects one after the other, as often as told, after a warm-up of each. Requests go on where the subject's last run
 * stopped, so that a file that is long enough is asked through once.
 *
 * @throws {VoidRunError} When a subject answers something else than expected.
 */
export async function compare(
  comparison: Comparison,
): Promise<Readonly<Partial<Record<SubjectName, Summary>>>> {
  const { subjects, rounds, seconds, warmUp } = comparison;
  const runs = new Map(subjects.map((subject) => [subject, [] as Run[]]));
  const asked = new Map<Subject, number>();
  const once = async (subject: Subject, length: number): Promise<Run> => {
    const start = asked.get(subject) ?? 0;
    const run = await measure(subject, { ...comparison, seconds: length }, start);
    asked.set(subject, start + run.requests);
    if (comparison.once !== undefined && start + run.requests > comparison.once)
      throw new VoidRunError(`${subject.name}: asked ${start + run.requests} of ${comparison.once} requests`);
    return run;
  };
  for (const subject of subjects) await once(subject, warmUp);
  for (let round = 0; round < rounds; round++)
    for (const subject of subjects) runs.get(subject)?.push(await once(subject, seconds));
  return Object.fromEntries(Array.from(runs, ([subject, list]) => [subject.name, summary(subject, list)]));
}
