/** Runs programs in turn, and says what each costs. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A program to measure, as the unit agent starts it. */
export interface Subject {
  readonly name: string;
  /** Absolute path of the folder it is run in. */
  readonly folder: string;
  /** Absolute path of the program, then its arguments. */
  readonly command: readonly string[];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** One run. */
export interface Sample {
  /** Milliseconds from start to end. */
  readonly wall: number;
  /** Milliseconds of processor, of it and of the children that it waited for. */
  readonly cpu: number;
  /** Largest resident set of any of these processes, in MiB. */
  readonly memory: number;
}

/**
 * Runs a subject once.
 *
 * @param measurer Absolute path of the compiled `native/measure.c`.
 * @throws {Error} When it does not end with 0; what it printed is in the message.
 */
export async function sample(measurer: string, { name, folder, command, env }: Subject): Promise<Sample> {
  const { stdout, stderr } = await run(measurer, [folder, ...command], { env });
  const [wall = 0, user = 0, system = 0, memory = 0, code = 0] = stdout.trim().split(" ").map(Number);
  if (code !== 0) throw new Error(`Cannot measure ${name}: exit code ${code}\n${stderr}`);
  return { wall: wall / 1000, cpu: (user + system) / 1000, memory: memory / 1024 };
}

/** Runs every subject once a round, each round in the other direction, so that what slows the machine slows all. */
export async function inTurn(
  measurer: string,
  subjects: readonly Subject[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of subjects) await sample(measurer, subject); // The files are in memory from here on.
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? subjects : [...subjects].reverse();
    for (const subject of order) samples.get(subject.name)?.push(await sample(measurer, subject));
  }
  return samples;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The median of what one run costs in terms of the other's run of the same round. */
export function ratio(of: readonly Sample[], to: readonly Sample[], key: keyof Sample): number {
  return median(of.map((one, round) => one[key] / (to[round]?.[key] ?? Number.NaN)));
}
