/** Storage that the operator adds to units, takes from them and gives back. */

import { application, type Engine, unit } from "./engine.ts";
import { ModelError } from "./errors.ts";
import type { StorageState, UnitState } from "./state.ts";
import { storageInstance } from "./units.ts";

function checkRoom(e: Engine, u: UnitState, name: string, count: number): void {
  const definition = application(e, u.app).charm.storage[name];
  if (!definition) {
    throw new ModelError("ERR_NOT_FOUND", `charm storage "${name}" not found`);
  }
  const present = u.storage.filter((storage) => storage.name === name).length;
  if (definition.max < 0 || present + count <= definition.max) return;
  const text = `charm storage "${name}" allows at most ${definition.max} instances, would have ${present + count}`;
  throw new ModelError("ERR_LIMIT", text);
}

function living(e: Engine, name: string): UnitState {
  const u = unit(e, name);
  if (u.life !== "alive") throw new ModelError("ERR_STATE", `unit "${name}" is not alive`);
  return u;
}

/** New instances. @returns Their identifiers, `data/1`. @throws {ModelError} `ERR_NOT_FOUND`, `ERR_LIMIT`. */
export function addStorage(e: Engine, name: string, storage: string, count: number): string[] {
  const u = living(e, name);
  checkRoom(e, u, storage, count);
  const app = application(e, u.app);
  const made = Array.from({ length: count }, () => storageInstance(e, app, u.name, storage));
  u.storage.push(...made);
  return made.map(({ id }) => id);
}

/** The unit runs `storage-detaching`; afterwards the instance waits for another unit, unless it is destroyed. */
export function detachStorage(e: Engine, id: string, destroy: boolean): void {
  const free = detached(e).find((storage) => storage.id === id);
  if (free && destroy) {
    e.state.detachedStorage = detached(e).filter((storage) => storage !== free);
    return;
  }
  const own = Object.values(e.state.units).flatMap((u) =>
    u.storage.filter((storage) => storage.id === id),
  )[0];
  if (!own) throw new ModelError("ERR_NOT_FOUND", `storage "${id}" not found`);
  own.life = "dying";
  own.keep = !destroy;
  if (own.attached) return;
  // No hook told the charm of it yet, and none tells it that it goes.
  for (const u of Object.values(e.state.units)) u.storage = u.storage.filter((storage) => storage !== own);
  if (own.keep) e.state.detachedStorage = [...detached(e), own];
}

/** Gives a detached instance to a unit. @throws {ModelError} `ERR_NOT_FOUND`, `ERR_LIMIT`, `ERR_STATE`. */
export function attachStorage(e: Engine, name: string, id: string): void {
  const u = living(e, name);
  const found = detached(e).find((storage) => storage.id === id);
  if (!found) throw new ModelError("ERR_NOT_FOUND", `storage "${id}" not found`);
  checkRoom(e, u, found.name, 1);
  e.state.detachedStorage = detached(e).filter((storage) => storage !== found);
  u.storage.push({ ...found, life: "alive", attached: false });
}

function detached(e: Engine): readonly StorageState[] {
  return e.state.detachedStorage ?? [];
}
