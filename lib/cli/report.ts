/** What the commands that make something of a charm share. */
import { type Architecture, RUNTIMES } from "../../charmcraft/runtime.ts";

/** Runs a command; says on standard error why it failed. @returns The exit code. */
export async function reported(work: () => Promise<undefined | number>): Promise<number> {
  try {
    return (await work()) ?? 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    return 1;
  }
}

/**
 * Architectures by their names.
 *
 * @param names At least one.
 * @throws {TypeError} When one is unknown.
 */
export function architecturesOf(names: readonly string[]): readonly [Architecture, ...Architecture[]] {
  const [first, ...rest] = names.map(architectureOf);
  if (first === undefined) throw new TypeError(`Cannot pack for "${process.arch}": ${RULE}`);
  return [first, ...rest];
}

const RULE = `--build-for should be of ${Object.keys(RUNTIMES).join(", ")}`;

function architectureOf(name: string): Architecture {
  if (Object.hasOwn(RUNTIMES, name)) return name as Architecture;
  throw new TypeError(`Cannot pack for "${name}": ${RULE}`);
}
