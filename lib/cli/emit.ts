/** `iap emit` and `iap check`. */
import { existsSync } from "node:fs";
import path from "node:path";
import { emit } from "../../charmcraft/emit/emitted-files.ts";
import { loadContract, loadProgram } from "../../charmcraft/load.ts";
import { check as faultsOf } from "../../lib/charm/check.ts";
import { checkActions } from "../../lib/charm/check-actions.ts";
import { reported } from "./report.ts";

/** What was asked for on the command line. */
export interface EmitRequest {
  readonly check?: boolean;
}

/**
 * Writes what is made of the contracts in the given folders, this folder when none is given, and names each file.
 *
 * @returns The exit code: 1 when a contract breaks a rule; when it only checks, also when a file differs.
 */
export function emitFiles(charms: readonly string[], { check = false }: EmitRequest): Promise<number> {
  return reported(async () => {
    let differing = 0;
    for (const charm of foldersOf(charms)) {
      for (const file of await emit(path.resolve(charm), { check })) {
        differing++;
        const shown = path.join(charm, file);
        if (check) console.error(`${shown} differs from the contract: run iap emit`);
        else console.log(`${shown} written`);
      }
    }
    return check && differing > 0 ? 1 : 0;
  });
}

/**
 * Says every rule that the charms in the given folders break, this folder when none is given.
 *
 * @returns The exit code: 1 when there is one.
 */
export function checkCharms(charms: readonly string[]): Promise<number> {
  return reported(async () => {
    let faulty = 0;
    for (const charm of foldersOf(charms)) {
      const { name, faults } = await examine(path.resolve(charm));
      for (const fault of faults) console.error(`${name}: ${fault}`);
      if (faults.length === 0) console.log(`${name}: holds`);
      else faulty++;
    }
    return faulty > 0 ? 1 : 0;
  });
}

const foldersOf = (charms: readonly string[]): readonly string[] => (charms.length === 0 ? ["."] : charms);

async function examine(
  folder: string,
): Promise<{ readonly name: string; readonly faults: readonly string[] }> {
  const contract = await loadContract(folder);
  const broken = [
    ...faultsOf(contract),
    ...(await checkActions(contract)),
    ...missing(folder),
    ...doubled(folder),
  ];
  if (broken.length > 0) return { name: contract.name, faults: broken };
  const program = await loadProgram(folder);
  const other =
    program.contract === contract ? [] : ["charm.ts: it should implement the contract of contract.ts"];
  const differing = await emit(folder, { check: true });
  return {
    name: contract.name,
    faults: [...other, ...differing.map((file) => `${file}: it differs from the contract, run iap emit`)],
  };
}

function missing(folder: string): readonly string[] {
  const absent = ["charm.ts", "main.ts"].filter((file) => !existsSync(path.join(folder, file)));
  return absent.map((file) => `${file}: there is none, it should be beside contract.ts`);
}

/** Files of older charms, which charmcraft refuses beside a `charmcraft.yaml` that says the same. */
function doubled(folder: string): readonly string[] {
  const old = ["metadata.yaml", "config.yaml", "actions.yaml"].filter((file) =>
    existsSync(path.join(folder, file)),
  );
  return old.map((file) => `${file}: charmcraft.yaml has all of it, it should be removed (project-files)`);
}
