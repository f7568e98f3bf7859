import type { Daemon } from "./daemon.ts";
import { decodeIdentity } from "./identities.ts";
import { type ApiRequest, type ApiResponse, readJson, sync, textOf } from "./respond.ts";

/** GET /v1/identities */
export function getIdentities(daemon: Pick<Daemon, "identities">): ApiResponse {
  return sync(daemon.identities.list());
}

/** POST /v1/identities */
export function postIdentities(daemon: Pick<Daemon, "identities">, request: ApiRequest): ApiResponse {
  const payload = readJson(request, "request body");
  const given = payload["identities"];
  const entries = typeof given === "object" && given !== null ? Object.entries(given) : [];
  const asked = new Map(entries.map(([name, value]) => [name, decodeIdentity(name, value)]));
  daemon.identities.change(textOf(payload["action"]), asked);
  return sync(undefined);
}
