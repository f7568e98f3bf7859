/** A first contract for an existing charm, from the files it was packed from. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { readYaml } from "../read-yaml.ts";
import { type Adopted, contractCode } from "./contract-code.ts";
import { interfaceLibraries } from "./libraries.ts";

/** A file cannot be adopted; the message says why. */
export class AdoptError extends Error {
  readonly code = "ERR_ADOPT";
}

/**
 * Reads `charmcraft.yaml`, or the folder that has it; files that older charms keep beside it (`metadata.yaml`,
 * `config.yaml`, `actions.yaml`) count too.
 *
 * @throws {AdoptError} When there is no such file, or it is no table with a name.
 */
export async function adopt(source: string): Promise<Adopted> {
  const isFolder = (await stat(source).catch(() => undefined))?.isDirectory() === true;
  const folder = isFolder ? source : path.dirname(source);
  const main = isFolder ? path.join(folder, "charmcraft.yaml") : source;
  const [charmcraft, metadata, config, actions] = await Promise.all([
    readTable(main),
    readTable(path.join(folder, "metadata.yaml")),
    readTable(path.join(folder, "config.yaml")),
    readTable(path.join(folder, "actions.yaml")),
  ]);
  if (charmcraft === undefined && metadata === undefined)
    throw new AdoptError(`Cannot adopt "${source}": there is no charmcraft.yaml or metadata.yaml`);
  const yaml: Readonly<Record<string, unknown>> = {
    ...metadata,
    ...(config === undefined ? {} : { config }),
    ...(actions === undefined ? {} : { actions }),
    ...charmcraft,
  };
  if (typeof yaml["name"] !== "string")
    throw new AdoptError(`Cannot adopt "${source}": "name" should be the charm's name`);
  return contractCode(yaml, await interfaceLibraries());
}

async function readTable(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const value = readYaml(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    throw new AdoptError(`Cannot adopt "${file}": ${(cause as Error).message.split("\n")[0]}`, { cause });
  }
  throw new AdoptError(`Cannot adopt "${file}": it should be a table`);
}
