import type { Bundles } from "../unit/environment.ts";
import type { UnitDir } from "../unit/unit-dir.ts";

/** What a model's units need of their controller. */
export interface Site {
  /** Folder of the application's charm, laid out as Juju unpacks it. */
  charmDir(application: string): string;
  unitDir(unit: string): UnitDir;
  unitAddress(unit: string): string;
  /** Path of `preload.cjs`. */
  readonly preload: string;
  /** Folder of what Node.js compiled. */
  readonly compiled: string;
  /** Path of the hosts table. */
  readonly hosts: string;
  /** PATH behind tools and images. */
  readonly path: string;
  readonly hookCommands: readonly string[];
  readonly bundles: Bundles;
  readonly kubernetes: { readonly host: string; readonly port: number };
  /** Puts token, authority and namespace where the application's charm finds them. */
  placeServiceAccount(application: string, folder: string): void;
  /** Remembers process groups, so that a later life can end them. */
  recordProcess(pid: number, event: "started" | "ended"): void;
  /** Applications or units came or went. */
  namesChanged(): void;
  /** The ports that a unit's processes listen on can be watched now. */
  unitIsUp(application: string, unit: string, dir: UnitDir): void;
  unitIsGone(unit: string): void;
  onFault(error: unknown): void;
}
