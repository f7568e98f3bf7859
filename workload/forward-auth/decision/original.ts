/** The original request, as the gateway tells it. */
import { type HostReading, readHost } from "../rules/host.ts";
import { type PathReading, readPath } from "../rules/path.ts";
import type { Target } from "../rules/rules.ts";
import type { Head } from "../server/head.ts";

/** The original request. */
export interface Original extends Target {
  readonly host: HostReading;
  readonly path: PathReading;
  /** As sent, `gw.localhost:8443`. */
  readonly hostText: string;
  /** Path and query as sent, latin1. */
  readonly uri: string;
  /** Why no login is needed, whatever the path. */
  readonly waived?: Waiver | undefined;
}

/** What needs no login beside open paths: a preflight as browsers send it, an address that is trusted. */
export type Waiver = "preflight" | "trusted-address";

/** Why a request cannot be decided. */
export type OriginalFault =
  | "missing-forwarded-header"
  | "bad-forwarded-method"
  | "bad-forwarded-proto"
  | "bad-forwarded-host"
  | "bad-forwarded-uri";

const SCHEMES: ReadonlyMap<string, string> = new Map([
  ["http", "http"],
  ["https", "https"],
  ["ws", "http"],
  ["wss", "https"],
]);

/** A method as RFC 9110 has it, in the spelling that was sent. */
const METHOD = /^[A-Za-z][A-Za-z-]{0,31}$/;

function build(method: string, proto: string, hostText: string, uri: string): Original | OriginalFault {
  const scheme = SCHEMES.get(proto);
  if (!METHOD.test(method)) return "bad-forwarded-method";
  if (scheme === undefined) return "bad-forwarded-proto";
  const host = readHost(hostText);
  if (host === undefined) return "bad-forwarded-host";
  const path = readPath(uri);
  if (path === undefined) return "bad-forwarded-uri";
  return { method, scheme, host, path, hostText: hostText.toLowerCase(), uri };
}

/** Reads X-Forwarded-Method, -Proto, -Host and -Uri, all of which must be there and well-formed. */
export function forwardedOriginal(head: Head): Original | OriginalFault {
  const method = head["x-forwarded-method"];
  const proto = head["x-forwarded-proto"];
  const host = head["x-forwarded-host"];
  const uri = head["x-forwarded-uri"];
  if (method === undefined || proto === undefined || host === undefined || uri === undefined) {
    return "missing-forwarded-header";
  }
  return build(method, proto, host, uri);
}

/** The request line that we got ourselves. */
export interface OwnRequest {
  readonly method: string;
  readonly url: string;
}

/**
 * When the request's own line is the original one: `never` on endpoints whose own path says nothing; `always` where we hand
 * the request on ourselves, because the path that decides must be the path that is used.
 */
export type OwnPath = "never" | "unless-forwarded" | "always";

/**
 * Reads the original request as oauth2-proxy does: what a trusted proxy forwarded, else the request itself.
 *
 * @returns Undefined when the path is unknown.
 */
export function compatOriginal(
  head: Head,
  trusted: boolean,
  own: OwnRequest,
  ownPath: OwnPath,
): Original | OriginalFault | undefined {
  const told = trusted && ownPath !== "always";
  const uri = (told ? head["x-forwarded-uri"] : undefined) ?? (ownPath === "never" ? undefined : own.url);
  if (uri === undefined) return undefined;
  const method = (told ? head["x-forwarded-method"] : undefined) ?? own.method;
  const proto = (trusted ? head["x-forwarded-proto"]?.toLowerCase() : undefined) ?? "http";
  const host = (trusted ? head["x-forwarded-host"] : undefined) ?? head.host ?? "";
  const original = build(method, SCHEMES.has(proto) ? proto : "http", host, uri);
  // A path that nobody told and that cannot be read: the session decides, and no rule by path can match.
  return original === "bad-forwarded-uri" && uri === own.url ? undefined : original;
}
