/** Runs one parser on hostile input: `--runs N` inputs or `--seconds N`; exits 1 on a fault and prints the input. */
import { parseArgs } from "node:util";

/** Numbers that repeat for a seed. */
export type Random = () => number;

/** mulberry32: small, even enough for choosing pieces. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Text of up to `most` pieces, now and then with any character between them. */
export function hostileText(random: Random, pieces: readonly string[], most: number): string {
  const length = Math.floor(random() * most);
  const pick = () =>
    random() < 0.15
      ? String.fromCharCode(Math.floor(random() * (random() < 0.7 ? 0x100 : 0x10000)))
      : (pieces[Math.floor(random() * pieces.length)] ?? "");
  return Array.from({ length }, pick).join("");
}

/**
 * Runs a target.
 *
 * @param make Makes an input.
 * @param check Throws, or rejects, when the parser's answer is wrong; what the parser itself throws is a fault too.
 */
export async function fuzz(
  make: (random: Random) => string,
  check: (input: string) => void | Promise<void>,
): Promise<void> {
  const { values } = parseArgs({
    options: { runs: { type: "string" }, seconds: { type: "string" }, seed: { type: "string" } },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const end =
    values.seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + Number(values.seconds) * 1000;
  const runs = values.seconds === undefined ? Number(values.runs ?? 100_000) : Number.POSITIVE_INFINITY;
  const random = createRandom(seed);
  let done = 0;
  for (; done < runs && (done % 256 !== 0 || Date.now() < end); done++) {
    const input = make(random);
    try {
      const checking = check(input);
      if (checking !== undefined) await checking;
    } catch (error) {
      console.error(`seed ${seed}, run ${done}: ${JSON.stringify(input)}`);
      console.error(error);
      process.exit(1);
    }
  }
  console.log(`${done} inputs, seed ${seed}, no fault`);
}
