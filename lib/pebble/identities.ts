import { call, json, record } from "./api.ts";
import type { PebbleTransport } from "./transport.ts";
import type { Identity } from "./types.ts";

const PATH = "/v1/identities";

/** Identities by name. */
export async function getIdentities(transport: PebbleTransport): Promise<Readonly<Record<string, Identity>>> {
  const { result } = await call(transport, { method: "GET", path: PATH, what: "list identities" });
  return record(result) as Record<string, Identity>;
}

/** One of Pebble's four ways to change them. */
export async function changeIdentities(
  transport: PebbleTransport,
  action: "add" | "update" | "replace" | "remove",
  identities: Readonly<Record<string, Identity | null>>,
): Promise<void> {
  const what = `${action} identities`;
  await call(transport, { method: "POST", path: PATH, ...json({ action, identities }), what });
}
