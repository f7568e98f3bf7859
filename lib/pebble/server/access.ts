import type { IdentityAccess } from "../types.ts";
import type { Daemon } from "./daemon.ts";
import { type ApiRequest, Refusal } from "./respond.ts";

/** Who asks. */
export interface Caller {
  readonly access: IdentityAccess;
  /** Absent for identities that are no user of the machine. */
  readonly userId?: number;
}

/** What an endpoint asks of a caller; `user` is read or admin. */
export type Required = "open" | "user" | "admin" | "metrics";

/**
 * Lets a request pass, or refuses it: an identity of the password or the user that it comes with, else who may
 * open the socket is admin. Over TCP only open endpoints answer, and metrics for `metrics` identities.
 *
 * @throws {Refusal} 401
 */
export function admit(
  daemon: Daemon,
  request: Omit<ApiRequest, "params" | "caller">,
  required: Required,
): Caller | undefined {
  const caller = callerOf(daemon, request);
  if (required === "open" || (caller && mayPass(caller.access, required, request.transport))) return caller;
  throw new Refusal(401, "access denied", "login-required");
}

function mayPass(access: IdentityAccess, required: Required, transport: ApiRequest["transport"]): boolean {
  if (transport === "tcp") return required === "metrics" && access === "metrics";
  if (required === "admin") return access === "admin";
  return access === "admin" || access === "read" || (required === "metrics" && access === "metrics");
}

function callerOf(daemon: Daemon, request: Pick<ApiRequest, "headers" | "transport">): Caller | undefined {
  const { userId } = daemon;
  const onSocket = request.transport === "socket";
  const credentials = basicCredentials(request.headers["authorization"] ?? "");
  const named = credentials && daemon.identities.withPassword(...credentials);
  if (named) return { access: named.access, ...(onSocket && named.local && { userId }) };
  if (!onSocket) return undefined;
  return { access: (credentials ? undefined : daemon.identities.ofUser(userId)?.access) ?? "admin", userId };
}

/** Name and password of a Basic header; undefined without one, or with nothing in it. */
function basicCredentials(header: string): [name: string, password: string] | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 || text === ":" ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
