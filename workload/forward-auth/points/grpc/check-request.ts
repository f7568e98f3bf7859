/**
 * From Envoy's question to a request as every other: method, path, host, scheme and the user's address come from their own
 * fields, so no header of the user's can say otherwise.
 */
import { CONSTRAINT_NAMES, type Constraints, constraints } from "../../decision/constraints.ts";
import type { Asked } from "../../server/reply.ts";
import type { CheckRequest, HttpRequest } from "./messages.ts";

/** Most headers of one request. */
const MOST = 1000;

/** Names whose values come from Envoy's own fields, or mean nothing without the body. */
const REPLACED: ReadonlySet<string> = new Set([
  "host",
  "x-forwarded-proto",
  "x-forwarded-for",
  "content-length",
  "transfer-encoding",
]);

/** Text of a protobuf string as bytes in latin1, as Node.js has headers and request lines. */
const latin1 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

function* headersOf({ headers = {}, header_map }: HttpRequest): Generator<readonly [string, string]> {
  for (const { key = "", value = "", raw_value } of header_map?.headers ?? [])
    yield [key, raw_value?.length ? Buffer.from(raw_value).toString("latin1") : latin1(value)];
  for (const [name, value] of Object.entries(headers)) yield [name, latin1(value)];
}

function rawHeaders(http: HttpRequest, source: string | undefined): string[] | undefined {
  const raw = ["host", latin1(http.host ?? ""), "x-forwarded-proto", http.scheme ?? ""];
  if (source !== undefined && source !== "") raw.push("x-forwarded-for", source);
  for (const [key, value] of headersOf(http)) {
    const name = key.toLowerCase();
    if (!name.startsWith(":") && !REPLACED.has(name)) raw.push(name, value);
    if (raw.length > MOST * 2) return undefined;
  }
  return raw;
}

/** What the operator wrote on the route. A misspelt restriction would restrict nothing, so it is a fault. */
function routeConstraints(
  extensions: Readonly<Record<string, string>>,
): Constraints | undefined | "bad-context-extension" {
  const names = Object.keys(extensions);
  const known = (name: string) => CONSTRAINT_NAMES.some((candidate) => candidate === name);
  if (names.some((name) => name.startsWith("allowed") && !known(name))) return "bad-context-extension";
  const lists = CONSTRAINT_NAMES.filter((name) => extensions[name] !== undefined).map(
    (name) => [name, [extensions[name] ?? ""]] as const,
  );
  const { application } = extensions;
  const asked = constraints({
    ...Object.fromEntries(lists),
    ...(application === undefined ? {} : { application }),
  });
  const empty = asked === undefined && (lists.length > 0 || application !== undefined);
  return empty ? "bad-context-extension" : asked;
}

/** A question that can be answered, and why it cannot be decided when it cannot. */
export interface CheckReading {
  readonly asked: Asked;
  readonly fault?: "no-request" | "too-many-headers" | "bad-context-extension";
}

/** @param peer Address of Envoy. */
export function readCheck(check: CheckRequest, peer: string): CheckReading {
  const { source, request, context_extensions = {} } = check.attributes ?? {};
  const socket = { remoteAddress: peer };
  const http = request?.http;
  const nothing = { socket, rawHeaders: [] };
  if (http?.method === undefined || http.path === undefined) return { asked: nothing, fault: "no-request" };
  const headers = rawHeaders(http, source?.address?.socket_address?.address);
  if (headers === undefined) return { asked: nothing, fault: "too-many-headers" };
  const asked = { method: http.method, url: latin1(http.path), rawHeaders: headers, socket };
  const asks = routeConstraints(context_extensions);
  if (asks === "bad-context-extension") return { asked, fault: asks };
  return { asked: asks === undefined ? asked : { ...asked, asks } };
}
