/** Runs a fuzz target for `--runs N` or `--seconds N` (default 10 s) from `--seed N`; exits 1 at the first fault. */
export async function fuzz(
  name: string,
  target: (random: Random) => Promise<unknown> | unknown,
): Promise<void> {
  const { runs, seconds, seed } = options(process.argv.slice(2));
  const end = performance.now() + seconds * 1000;
  let done = 0;
  while (done < runs && performance.now() < end) {
    const random = new Random(seed + done);
    try {
      await target(random);
    } catch (error) {
      console.error(`${name}: fault at --seed ${seed + done} --runs 1`, error);
      process.exit(1);
    }
    done++;
  }
  console.log(`${name}: ${done} runs without a fault from seed ${seed}`);
}

function options(args: readonly string[]): { runs: number; seconds: number; seed: number } {
  const given = (flag: string) => (args.includes(flag) ? Number(args[args.indexOf(flag) + 1]) : undefined);
  const runs = given("--runs");
  const seconds = given("--seconds") ?? (runs === undefined ? 10 : Number.POSITIVE_INFINITY);
  return { runs: runs ?? Number.POSITIVE_INFINITY, seconds, seed: given("--seed") ?? 1 };
}

/** Repeatable randomness (mulberry32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** Up to `max` pieces joined. */
  text(pieces: readonly string[], max: number): string {
    return Array.from({ length: this.below(max) }, () => this.pick(pieces)).join("");
  }
}
