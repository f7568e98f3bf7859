import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { CharmProgram } from "../../lib/charm/contract.ts";

const root = path.resolve(import.meta.dirname, "../..");
const folder = path.join(import.meta.dirname, "4.0.15");

/** Every recording of the local model, by its name. */
export const recordings: readonly (readonly [name: string, text: string])[] = readdirSync(folder)
  .sort()
  .map((name) => [name.replace(/\.json$/, ""), readFileSync(path.join(folder, name), "utf8")]);

/** Folder of a charm of this project. */
export const charmFolder = (name: string): string => path.join(root, "charms", name);

/** A charm of this project, from its sources. */
export async function charmOf(name: string): Promise<CharmProgram> {
  const module = await import(pathToFileURL(path.join(charmFolder(name), "charm.ts")).href);
  return module.default;
}
