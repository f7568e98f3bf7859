/** `iap pack`. */
import path from "node:path";
import { packCharm } from "../../charmcraft/pack.ts";
import { hostArchitecture } from "../../charmcraft/runtime.ts";
import { architecturesOf, reported } from "./report.ts";

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
export function pack(charms: readonly string[], { buildFor, output }: PackRequest): Promise<number> {
  const host = hostArchitecture();
  return reported(async () => {
    const architectures = architecturesOf(buildFor ?? (host === undefined ? [] : [host]));
    for (const charm of charms.length === 0 ? ["."] : charms) {
      for (const architecture of architectures) {
        const packed = await packCharm(path.resolve(charm), { architecture, output: path.resolve(output) });
        console.log(`Packed ${path.relative(process.cwd(), packed.file)}`);
      }
    }
  });
}
