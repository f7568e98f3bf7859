import { type GoValue, Struct } from "../../model/hook-context/go/value.ts";
import { statusFields, struct } from "./formatted.ts";
import type { StorageReport } from "./shapes.ts";

function attachment(item: StorageReport): Struct {
  return struct({ location: item.location || undefined, life: "alive" });
}

function instance(item: StorageReport): Struct {
  return struct({
    kind: item.kind,
    life: "alive",
    status: statusFields(item.status, false),
    persistent: item.persistent,
    attachments: struct({ units: new Map([[item.unit, attachment(item)]]) }),
  });
}

function filesystem(item: StorageReport, at: number): Struct {
  const mount = struct({ "mount-point": item.location, "read-only": false, life: "alive" });
  return struct({
    "provider-id": `fs-${at}`,
    storage: item.id,
    attachments: struct({
      containers: new Map([[item.unit, mount]]),
      units: new Map([[item.unit, attachment(item)]]),
    }),
    pool: item.pool,
    size: BigInt(item.size),
    life: "alive",
    status: statusFields(item.status, false),
  });
}

/** The `storage` part of the status; empty without any. Its times are local ones, also with `--utc`. */
export function storageFields(storage: readonly StorageReport[]): GoValue {
  if (storage.length === 0) return new Struct([]);
  const files = storage.filter(({ kind }) => kind === "filesystem");
  return struct({
    storage: new Map(storage.map((item) => [item.id, instance(item)] as const)),
    filesystems: new Map(files.map((item, at) => [String(at), filesystem(item, at)] as const)),
  });
}
