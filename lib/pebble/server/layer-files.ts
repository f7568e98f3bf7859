import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { LayerError } from "../errors.ts";
import type { LabelledLayer } from "../plan/types.ts";
import { parseLayer } from "../plan/yaml.ts";
import { errorCode } from "./go-errors.ts";

const FILE_NAME = /^\d{3}-([a-z](?:-?[a-z0-9]){2,})\.yaml$/;

/**
 * Layers of a directory of `NNN-label.yaml` files, in the order of their names. No directory: no layers.
 *
 * @throws {LayerError} When a file has another name or is no layer.
 */
export async function readLayers(directory: string): Promise<readonly LabelledLayer[]> {
  const layers: LabelledLayer[] = [];
  for (const name of (await names(directory)).sort()) {
    const label = FILE_NAME.exec(name)?.[1];
    if (!label)
      throw new LayerError(`invalid layer filename: "${name}" (must look like "123-some-label.yaml")`);
    layers.push(await parseLayer(label, await readFile(path.join(directory, name), "utf8")));
  }
  return layers;
}

async function names(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
