/** `iap pack`. */
import path from "node:path";
import { packCharm } from "../../charmcraft/pack.ts";
import { type Architecture, hostArchitecture, RUNTIMES } from "../../charmcraft/runtime.ts";

/** What was asked for on the command line. */
export interface PackRequest {
  readonly buildFor?: readonly string[];
  readonly output: string;
}

/**
 * Packs the charms in the given folders, this folder when none is given, and prints each archive.
 *
 * @returns The exit code: 1 when an architecture is unknown or a charm breaks a rule.
 */
export async function pack(charms: readonly string[], { buildFor, output }: PackRequest): Promise<number> {
  const host = hostArchitecture();
  const asked = buildFor ?? (host === undefined ? [] : [host]);
  const architectures = asked.filter((name): name is Architecture => Object.hasOwn(RUNTIMES, name));
  const [unknown] = asked.filter((name) => !Object.hasOwn(RUNTIMES, name));
  if (unknown !== undefined || architectures.length === 0) {
    const known = Object.keys(RUNTIMES).join(", ");
    console.error(`Cannot pack for "${unknown ?? process.arch}": --build-for should be of ${known}`);
    return 1;
  }
  try {
    for (const charm of charms.length === 0 ? ["."] : charms) {
      for (const architecture of architectures) {
        const packed = await packCharm(path.resolve(charm), { architecture, output: path.resolve(output) });
        console.log(`Packed ${path.relative(process.cwd(), packed.file)}`);
      }
    }
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    return 1;
  }
}
