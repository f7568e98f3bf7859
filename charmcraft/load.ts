/** What a charm's folder exports. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Charm, CharmContract, CharmProgram } from "../lib/charm/contract.ts";

/**
 * Loads the contract of a charm: what its folder's `contract.ts` exports under that name.
 *
 * @param charmDirectory Absolute path.
 * @throws {TypeError} When it exports no contract, or cannot be loaded: file and line are in the message.
 */
export async function loadContract(charmDirectory: string): Promise<CharmContract> {
  const file = path.join(charmDirectory, "contract.ts");
  const module = (await load(file)) as { readonly contract?: Charm };
  if (module.contract === undefined) throw new TypeError(`Cannot load ${file}: it must export "contract"`);
  return module.contract.contract;
}

/**
 * Loads what a charm does: the default export of its folder's `charm.ts`.
 *
 * @param charmDirectory Absolute path.
 * @throws {TypeError} When it exports no charm, or cannot be loaded: file and line are in the message.
 */
export async function loadProgram(charmDirectory: string): Promise<CharmProgram> {
  const file = path.join(charmDirectory, "charm.ts");
  const module = (await load(file)) as { readonly default?: CharmProgram };
  if (module.default === undefined)
    throw new TypeError(`Cannot load ${file}: its default export must be the charm`);
  return module.default;
}

async function load(file: string): Promise<unknown> {
  const folder = path.dirname(file);
  if (!existsSync(folder)) throw new TypeError(`Cannot load ${folder}: there is no such folder`);
  if (!existsSync(file)) {
    throw new TypeError(
      `Cannot load ${file}: there is none, a charm's folder should have one (iap init begins one)`,
    );
  }
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot load ${placeOf(cause) ?? file}: ${why}`, { cause });
  }
}

/** File and line that an error is about: they are on top of its stack, also for one of syntax. */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const [, place, line] = /((?:file:\/\/)?\/[^\s()]+?\.ts):(\d+)/.exec(stack) ?? [];
  if (place === undefined) return undefined;
  return `${place.startsWith("file:") ? fileURLToPath(place) : place}:${line}`;
}
