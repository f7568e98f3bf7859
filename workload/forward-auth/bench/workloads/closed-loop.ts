/** Workloads that ask as fast as they are answered. */
import path from "node:path";
import type { Bench } from "../bench.ts";
import { compare } from "../compare.ts";
import { type Measurement, type Result, rateRow } from "../measurement.ts";
import { type Order, writeRequests } from "../requests.ts";
import type { Flags, SubjectName } from "../subjects.ts";

/** The decision endpoint. */
export const AUTH = "/oauth2/auth";

/** A workload as data. */
export interface ClosedLoop {
  readonly id: string;
  readonly about: string;
  /** False: left out of `--quick`. */
  readonly quick?: boolean;
  /** Prepares what the subjects need, and returns the flags that name it. */
  readonly flags?: (bench: Bench) => Flags | Promise<Flags>;
  /** Variables for both programs. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Number of different requests. */
  readonly count: (bench: Bench) => number;
  readonly order?: Order;
  /** True: a run in which a request was asked twice is void. */
  readonly once?: boolean;
  readonly request: (index: number, bench: Bench) => string;
  /** Statuses that are right, and the least share of each. */
  readonly expected: Readonly<Record<string, number>>;
  /** All by default. */
  readonly subjects?: readonly SubjectName[];
  readonly ratio?: number;
  readonly ofBare?: number;
  /** What the table should say of the way it was measured. @param count Number of different requests. */
  readonly note?: (count: number) => string;
}

const ALL: readonly SubjectName[] = ["ours", "oauth2-proxy", "bare"];

async function run(workload: ClosedLoop, bench: Bench): Promise<Result> {
  const flags = (await workload.flags?.(bench)) ?? [];
  const file = path.join(bench.folder, `${workload.id.replace(/\W/g, "-")}.requests`);
  const count = workload.count(bench);
  writeRequests(file, count, (index) => workload.request(index, bench), workload.order);
  const subjects = [];
  for (const name of workload.subjects ?? ALL)
    subjects.push(await bench.start(name, flags, workload.environment));
  const found = await compare({
    ...bench.effort,
    subjects,
    requests: file,
    expected: workload.expected,
    once: workload.once ? count : undefined,
  });
  await Promise.all(subjects.map((subject) => subject.close()));
  const row = rateRow(`${workload.id}: ${workload.about}`, found, workload);
  const note = workload.note?.(count);
  return { rows: [note === undefined ? row : { ...row, note }], raw: found };
}

/** The measurement of a workload. */
export const closedLoop = (workload: ClosedLoop): Measurement => ({
  id: workload.id,
  about: workload.about,
  quick: workload.quick ?? true,
  run: (bench) => run(workload, bench),
});
