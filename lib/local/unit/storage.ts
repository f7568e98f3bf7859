import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CharmMetadata } from "../../model/index.ts";
import { containerDir, type UnitDir } from "./unit-dir.ts";

/**
 * Where a storage instance is: the folder at its mount point in the first container that mounts it, so that
 * charm and workload share it; without a mount, a folder of the unit.
 *
 * @param id Such as `data/0`.
 */
export function storagePath(dir: UnitDir, charm: CharmMetadata, id: string): string {
  const [name = ""] = id.split("/");
  const index = id.slice(name.length + 1);
  for (const [container, { mounts }] of Object.entries(charm.containers)) {
    const mount = mounts.find(({ storage }) => storage === name);
    if (!mount) continue;
    const multiple = (charm.storage[name]?.max ?? 1) !== 1;
    return join(containerDir(dir, container).kept, mount.location, ...(multiple ? [name, index] : []));
  }
  return join(dir.state, "storage", name, index);
}

/** Makes the folders of a unit's storage. */
export function placeStorage(
  dir: UnitDir,
  charm: CharmMetadata,
  storage: readonly { readonly id: string }[],
): void {
  for (const { id } of storage) mkdirSync(storagePath(dir, charm, id), { recursive: true });
}

function mountPoints(dir: UnitDir, charm: CharmMetadata): { inside: string; rescued: string }[] {
  return Object.entries(charm.containers).flatMap(([container, { mounts }]) =>
    mounts.map(({ storage, location }) => ({
      inside: join(containerDir(dir, container).kept, location),
      rescued: join(dir.state, "rescued", container, storage),
    })),
  );
}

/** A pod is replaced: what its containers wrote goes, except storage. */
export function rescueStorage(dir: UnitDir, charm: CharmMetadata): void {
  for (const { inside, rescued } of mountPoints(dir, charm)) {
    if (!existsSync(inside)) continue;
    mkdirSync(dirname(rescued), { recursive: true });
    renameSync(inside, rescued);
  }
  rmSync(join(dir.state, "containers"), { recursive: true, force: true });
}

/** The new pod's containers get the storage back. */
export function returnStorage(dir: UnitDir, charm: CharmMetadata): void {
  for (const { inside, rescued } of mountPoints(dir, charm)) {
    if (!existsSync(rescued)) continue;
    rmSync(inside, { recursive: true, force: true });
    mkdirSync(dirname(inside), { recursive: true });
    renameSync(rescued, inside);
  }
}
