import type { CharmContract } from "../charm/contract.ts";
import type { WorldStorage } from "../model/world.ts";
import type { Disk } from "./disk.ts";
import type { StorageOutcome } from "./outcome-shapes.ts";
import type { ContainerPebble } from "./pebble/container-pebble.ts";
import { GivenPebble } from "./pebble/given-pebble.ts";
import type { AnyState, StorageState } from "./state.ts";

/** One instance of a storage: its place, and its files before the event. */
export interface StorageInstance {
  readonly name: string;
  /** `data/0`. */
  readonly id: string;
  readonly kind: "filesystem" | "block";
  readonly location: string;
  /** Whether the location is a folder of this test's own. */
  readonly onDisk: boolean;
  readonly files: Readonly<Record<string, string>>;
  /** Container → where it is mounted there. */
  readonly mounts: ReadonlyMap<string, string>;
}

const fieldsOf = (given: StorageState) => (typeof given === "string" ? { location: given } : given);

/** The storage of a state; files without a place of their own are put on the disk. */
export function storageOfState(
  contract: CharmContract,
  state: AnyState,
  disk: Disk,
): readonly StorageInstance[] {
  let next = 0;
  return Object.entries(state.storage ?? {}).flatMap(([name, instances]) =>
    instances.map((given, place) => {
      const { index, location, files = {} } = fieldsOf(given) as Exclude<StorageState, string>;
      const number = index ?? next;
      next = number + 1;
      const id = `${name}/${number}`;
      const folder = `storage/${name}/${number}`;
      const onDisk = location === undefined && Object.keys(files).length > 0;
      if (onDisk) for (const [path, text] of Object.entries(files)) disk.file(folder, path, text);
      return {
        name,
        id,
        kind: contract.storage?.[name]?.type ?? "filesystem",
        location: location ?? (onDisk ? disk.folder(folder) : `/var/lib/juju/${folder}`),
        onDisk,
        files,
        mounts: mountsOf(contract, name, place),
      };
    }),
  );
}

/** Where containers mount an instance: the first at the path itself, others below it. */
function mountsOf(contract: CharmContract, name: string, place: number): ReadonlyMap<string, string> {
  const all = Object.entries(contract.containers ?? {}).flatMap(([container, { mounts }]) => {
    const path = mounts?.[name]?.replace(/\/+$/, "");
    return path === undefined ? [] : [[container, place === 0 ? path : `${path}/${place}`] as const];
  });
  return new Map(all);
}

export function toWorldStorage({ id, kind, location }: StorageInstance): WorldStorage {
  return { id, kind, location };
}

/** A container's files: its own, and those of the storage it mounts. */
export function mountedFiles(
  container: string,
  storage: readonly StorageInstance[],
): Record<string, string> | undefined {
  const mounted = storage.filter(
    ({ mounts, files }) => mounts.has(container) && Object.keys(files).length > 0,
  );
  if (mounted.length === 0) return undefined;
  const entries = mounted.flatMap(({ mounts, files }) =>
    Object.entries(files).map(([path, text]) => [`${mounts.get(container)}/${path}`, text]),
  );
  return Object.fromEntries(entries);
}

/** The storage after the event, whichever side wrote: the charm on its disk, or a container at its mount. */
export function storageOutcomes(
  storage: readonly StorageInstance[],
  pebbles: ReadonlyMap<string, ContainerPebble>,
  disk: Disk,
): Record<string, readonly StorageOutcome[]> {
  const outcomes: Record<string, StorageOutcome[]> = {};
  for (const instance of storage) {
    const seen = [...instance.mounts].filter(
      ([container]) => !(pebbles.get(container) instanceof GivenPebble),
    );
    const views = seen.map(([container, path]) => below(pebbles.get(container), path));
    if (instance.onDisk) views.push(disk.texts(instance.location));
    const files = Object.fromEntries(
      Object.entries(views.reduce((all, view) => changed(instance.files, all, view), instance.files)).sort(),
    );
    outcomes[instance.name] = [...(outcomes[instance.name] ?? []), { id: instance.id, files }];
  }
  return outcomes;
}

function below(pebble: ContainerPebble | undefined, path: string): Record<string, string> {
  const files = Object.entries(pebble?.files.texts() ?? {});
  const inside = files.filter(([file]) => file.startsWith(`${path}/`));
  return Object.fromEntries(inside.map(([file, text]) => [file.slice(path.length + 1), text]));
}

/** `all`, with what a view has written or removed since `before`. */
function changed(
  before: Readonly<Record<string, string>>,
  all: Readonly<Record<string, string>>,
  view: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(all).filter(([file]) => !(file in before) || file in view);
  const written = Object.entries(view).filter(([file, text]) => before[file] !== text);
  return Object.fromEntries([...kept, ...written]);
}
