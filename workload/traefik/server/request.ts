import type { IncomingMessage } from "node:http";
import { hostname } from "node:os";
import type { TLSSocket } from "node:tls";
import type { Exchange, Responder } from "../proxy/exchange.ts";
import { type HeaderList, valuesOf, withHeader, without } from "../proxy/headers.ts";
import { parseTarget } from "../proxy/target.ts";

const FORWARDED = [
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded-Port",
  "X-Forwarded-Proto",
  "X-Forwarded-Server",
  "X-Forwarded-Uri",
  "X-Forwarded-Method",
  "X-Forwarded-Prefix",
  "X-Forwarded-Tls-Client-Cert",
  "X-Forwarded-Tls-Client-Cert-Info",
  "X-Real-Ip",
] as const;

/**
 * Takes away what the client's `Connection` names, before any middleware adds something of that name; what stays of
 * it is whether the protocol is to change and whether trailers are understood.
 */
function withoutNamed(given: HeaderList): HeaderList {
  const tokens = valuesOf(given, "connection").flatMap((value) =>
    value.split(",").map((part) => part.trim().toLowerCase()),
  );
  const kept = ["host", "content-length", "transfer-encoding", "upgrade"];
  const upgrades = tokens.includes("upgrade");
  const gone = tokens.filter((token) => !kept.includes(token));
  const rest = without(given, ...gone, "connection", ...(upgrades ? [] : ["upgrade"]));
  return upgrades ? [...rest, ["Connection", "Upgrade"]] : rest;
}

function ownHeaders(
  given: HeaderList,
  info: { clientIp: string; host: string; port: string; scheme: string },
): HeaderList {
  const clean = without(withoutNamed(given), ...FORWARDED);
  const own: readonly (readonly [string, string])[] = [
    ["X-Forwarded-For", info.clientIp],
    ...(info.host === "" ? [] : [["X-Forwarded-Host", info.host] as const]),
    ["X-Forwarded-Port", info.port],
    ["X-Forwarded-Proto", info.scheme],
    ["X-Forwarded-Server", hostname()],
    ["X-Real-Ip", info.clientIp],
  ];
  return own.reduce<HeaderList>((headers, [name, value]) => withHeader(headers, name, value), clean);
}

/** Characters that Go takes in a `Host` field. */
export const isHost = (host: string): boolean => /^[A-Za-z0-9!$%&'()*+,\-.:;=@[\]_~]*$/.test(host);

/** Fields that a trailer must not carry (RFC 9110, section 6.5.1). */
export const announcesFraming = (given: HeaderList): boolean =>
  valuesOf(given, "trailer").some((value) =>
    /(^|,)\s*(transfer-encoding|content-length|trailer)\s*(,|$)/i.test(value),
  );

/** Whether the body comes in a coding other than chunks, which nobody here undoes. */
export const isEncodedBody = (codings: readonly string[]): boolean =>
  codings.length > 1 || codings.some((coding) => coding.trim().toLowerCase() !== "chunked");

/**
 * The exchange that a request begins. What its client says of who forwarded it is left out.
 *
 * @param given The request's headers as they came.
 * @returns `undefined` when its target or host is none.
 */
export function exchangeOf(
  request: IncomingMessage,
  responder: Responder,
  given: HeaderList,
  { port, semicolon }: { readonly port: string; readonly semicolon: "&" | "%3B" },
): Exchange | undefined {
  const secure = (request.socket as TLSSocket).encrypted === true;
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)(.*)$/is.exec(request.url ?? "");
  const host = absolute?.[1] ?? valuesOf(given, "host")[0] ?? "";
  const rest = absolute ? absolute[2] || "/" : (request.url ?? "/");
  const target = parseTarget(rest === "*" ? "/*" : rest.startsWith("?") ? `/${rest}` : rest);
  if (!target || !isHost(host)) return undefined;
  const scheme = secure ? "https" : "http";
  const clientIp = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const hostPort = /:(\d+)$/.exec(host)?.[1];
  const info = { clientIp, host, scheme, port: hostPort ?? (scheme === "https" ? "443" : "80") };
  return {
    request,
    responder,
    method: request.method ?? "GET",
    host,
    scheme,
    port: info.port || port,
    clientIp,
    semicolon,
    target,
    headers: ownHeaders(given, info),
    answerHeaders: [],
  };
}
