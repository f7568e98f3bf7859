/** The files that are made of a charm's contract and kept beside it. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { actionResults, type Charmcraft, charmcraftYaml, toCharmcraft } from "../../lib/charm/charmcraft.ts";
import { type CharmContract, handlersOf } from "../../lib/charm/contract.ts";
import { loadContract, loadProgram } from "../load.ts";
import { basesOf } from "../metadata.ts";
import { type Beyond, reference } from "./reference.ts";
import { terraformModule } from "./terraform.ts";

/** How to emit. */
export interface EmitOptions {
  /** Only compare. */
  readonly check?: boolean;
}

/**
 * Writes the files that are made of a charm's contract, where they differ.
 *
 * @param charmDirectory Absolute path of the charm's folder, with `contract.ts`, and `charm.ts` when there is code.
 * @returns Names of the files that differed.
 * @throws {TypeError} When the contract breaks a rule of Juju, with every rule it breaks.
 */
export async function emit(
  charmDirectory: string,
  { check = false }: EmitOptions = {},
): Promise<readonly string[]> {
  const files = Object.entries(await emittedFiles(charmDirectory));
  const differing: string[] = [];
  for (const [name, text] of files) {
    const file = path.join(charmDirectory, name);
    if ((await readIfThere(file)) === text) continue;
    differing.push(name);
    if (check) continue;
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return differing;
}

/** Name → text. */
export async function emittedFiles(charmDirectory: string): Promise<Readonly<Record<string, string>>> {
  const contract = await loadContract(charmDirectory);
  const charm = await toCharmcraft(contract);
  const module = Object.entries(terraformModule(deployable(contract, charm)));
  return {
    "charmcraft.yaml": await charmcraftYaml(contract),
    "REFERENCE.md": reference(charm, {
      ...(await handled(charmDirectory)),
      results: await actionResults(contract),
    }),
    ...Object.fromEntries(module.map(([name, text]) => [`terraform/${name}`, text])),
  };
}

function deployable(contract: CharmContract, charm: Charmcraft) {
  const names = (part: unknown): readonly string[] => Object.keys((part as object | undefined) ?? {});
  return {
    name: contract.name,
    ...(contract.subordinate === undefined ? {} : { subordinate: contract.subordinate }),
    base: basesOf(charm)[0],
    requires: names(contract.requires),
    provides: names(contract.provides),
    options: names(contract.config),
    resources: names(charm["resources"]),
    storage: names(contract.storage),
    containers: names(contract.containers),
  };
}

/** What the code handles; nothing while there is none. */
async function handled(charmDirectory: string): Promise<Pick<Beyond, "events">> {
  if (!existsSync(path.join(charmDirectory, "charm.ts"))) return {};
  return { events: Object.keys(handlersOf(await loadProgram(charmDirectory)).on ?? {}) };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
