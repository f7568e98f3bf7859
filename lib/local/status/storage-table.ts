import { naturalOrder } from "./natural-order.ts";
import type { StorageReport } from "./shapes.ts";
import { table } from "./table.ts";

/** `1.0 GiB`, `512 MiB`. */
function sizeText(mebibytes: number): string {
  if (mebibytes < 1024) return `${mebibytes} MiB`;
  if (mebibytes < 1024 * 1024) return `${(mebibytes / 1024).toFixed(1)} GiB`;
  return `${(mebibytes / 1024 / 1024).toFixed(1)} TiB`;
}

/** The table of `juju storage`, which `juju status --storage` ends with. */
export function storageTable(storage: readonly StorageReport[]): string {
  const sorted = [...storage].sort((a, b) => naturalOrder(a.unit, b.unit) || naturalOrder(a.id, b.id));
  const head = ["Storage Unit", "Storage ID", "Type", "Pool", "Mountpoint", "Size", "Status", "Message"];
  const rows = sorted.map((item) => [
    item.unit,
    item.id,
    item.kind,
    item.pool,
    item.location,
    sizeText(item.size),
    item.status.status,
    item.status.message,
  ]);
  return table([head, ...rows]);
}
