import { runJson, runText } from "../run.ts";
import { isRecord, texts } from "../shapes.ts";
import type { HookTransport } from "../transport.ts";

/** Storage instances attached to this unit (`data/0`), of one name or of all, provisioned or not. */
export function storageList(transport: HookTransport, name?: string): Promise<readonly string[]> {
  return runJson(transport, "storage-list", name === undefined ? [] : ["--", name], texts);
}

/** One storage instance of the unit. */
export interface StorageInstance {
  readonly kind: "filesystem" | "block";
  /** Absolute path of the mount or device. */
  readonly location: string;
}

/**
 * Where a storage instance is.
 *
 * @throws {HookCommandError} `not-found`; `usage` while it is not provisioned.
 * @see Juju: storage-get
 */
export function storageGet(transport: HookTransport, id: string): Promise<StorageInstance> {
  return runJson(transport, "storage-get", ["-s", id], {
    expected: "a map with kind and location",
    read: (json) =>
      isRecord(json) && typeof json["kind"] === "string" && typeof json["location"] === "string"
        ? (json as unknown as StorageInstance)
        : undefined,
  });
}

/**
 * Asks for more instances, by storage name, when the hook succeeds.
 *
 * @see Juju: storage-add
 */
export async function storageAdd(
  transport: HookTransport,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  const pairs = Object.entries(counts).map(([name, count]) => `${name}=${count}`);
  if (pairs.length > 0) await runText(transport, "storage-add", ["--", ...pairs]);
}
