import { readFile } from "node:fs/promises";
import { decodeLayer } from "../../pebble/plan/decode.ts";
import type { Layer } from "../../pebble/plan/types.ts";

/**
 * The layer that an image made by rockcraft begins with: services and checks of its `rockcraft.yaml`.
 *
 * @throws {LayerError} `ERR_PEBBLE_LAYER` when Pebble would refuse it.
 *
 * @example
 * ```ts
 * const layers = { rock: await rockLayer("rock/rockcraft.yaml") };
 * await transition(charm, "web-pebble-ready", { containers: { web: { layers } } });
 * ```
 */
export async function rockLayer(path: string): Promise<Layer> {
  const { parse } = await import("yaml");
  const rock = ((parse(await readFile(path, "utf8")) as unknown) ?? {}) as Readonly<Record<string, unknown>>;
  const { services = {}, checks = {} } = rock;
  const { label: _label, ...layer } = decodeLayer("rock", { services, checks });
  return layer;
}
