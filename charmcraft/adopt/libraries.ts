/** The interface libraries of this package, found by what it exports. */
import { createRequire } from "node:module";
import type { InterfaceLibrary } from "./contract-code.ts";

interface Exported {
  readonly name: string;
  readonly requirer: unknown;
}

const isInterface = (value: unknown): value is Exported =>
  typeof value === "object" &&
  value !== null &&
  "requirer" in value &&
  "provider" in value &&
  "name" in value;

/** Newest library of each interface, by the interface's name. */
export async function interfaceLibraries(): Promise<ReadonlyMap<string, InterfaceLibrary>> {
  const require = createRequire(import.meta.url);
  const { exports } = require("charmed-iap/package.json") as { exports: Readonly<Record<string, unknown>> };
  const paths = Object.keys(exports).filter((path) => path.startsWith("./interfaces/"));
  const version = (path: string) => Number(/\/v(\d+)$/.exec(path)?.[1]);
  const found = new Map<string, InterfaceLibrary>();
  for (const path of paths.toSorted((a, b) => version(a) - version(b))) {
    const module = `charmed-iap${path.slice(1)}`;
    const exported = (await import(module)) as Readonly<Record<string, unknown>>;
    for (const [identifier, value] of Object.entries(exported)) {
      if (isInterface(value)) found.set(value.name, { module, identifier });
    }
  }
  return found;
}
