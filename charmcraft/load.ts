/** What a charm's folder exports. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Charm, CharmContract, CharmProgram } from "../lib/charm/contract.ts";

/**
 * Loads the contract of a charm: what its folder's `contract.ts` exports under that name.
 *
 * @param charmDirectory Absolute path.
 * @throws {TypeError} When it exports no contract.
 */
export async function loadContract(charmDirectory: string): Promise<CharmContract> {
  const file = path.join(charmDirectory, "contract.ts");
  const module = (await import(pathToFileURL(file).href)) as { readonly contract?: Charm };
  if (module.contract === undefined) throw new TypeError(`Cannot load ${file}: it must export "contract"`);
  return module.contract.contract;
}

/**
 * Loads what a charm does: the default export of its folder's `charm.ts`.
 *
 * @param charmDirectory Absolute path.
 * @throws {TypeError} When it exports no charm.
 */
export async function loadProgram(charmDirectory: string): Promise<CharmProgram> {
  const file = path.join(charmDirectory, "charm.ts");
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: CharmProgram };
  if (module.default === undefined)
    throw new TypeError(`Cannot load ${file}: its default export must be the charm`);
  return module.default;
}
