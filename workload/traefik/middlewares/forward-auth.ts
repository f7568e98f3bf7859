import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { MiddlewareConfig } from "../config/dynamic.ts";
import { answerText, type Exchange, type Middleware, writeAnswerHead } from "../proxy/exchange.ts";
import { fromRaw, type HeaderList, valuesOf, withHeader, without } from "../proxy/headers.ts";
import { setHeaders } from "../proxy/send.ts";
import { targetText, withoutSemicolons } from "../proxy/target.ts";
import { resolveLocation } from "./location.ts";

type Settings = NonNullable<MiddlewareConfig["forwardAuth"]>;

/** Longest body of a refusal that is kept. */
const MAX_BODY = 1 << 20;
const TIMEOUT_MS = 30_000;

/** Fields that are not sent on in either direction; fewer than for servers. */
const KEPT_BACK = [
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "upgrade",
] as const;

interface Decision {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

function requestHeaders(exchange: Exchange, settings: Settings, address: URL): HeaderList {
  const end = without(exchange.headers, ...KEPT_BACK, "host", "content-length");
  const chosen =
    settings.authRequestHeaders.length === 0
      ? end
      : end.filter(([name]) =>
          settings.authRequestHeaders.some((wanted) => wanted.toLowerCase() === name.toLowerCase()),
        );
  const own: readonly (readonly [string, string])[] = [
    ["X-Forwarded-Method", exchange.method],
    ["X-Forwarded-Proto", exchange.scheme],
    ...(exchange.host === "" ? [] : [["X-Forwarded-Host", exchange.host] as const]),
    ["X-Forwarded-Uri", targetText(withoutSemicolons(exchange.target, exchange.semicolon))],
    ["X-Forwarded-For", valuesOf(exchange.headers, "x-forwarded-for").join(", ") || exchange.clientIp],
    ["X-Forwarded-Port", exchange.port],
  ];
  const headers = own.reduce<HeaderList>((all, [name, value]) => withHeader(all, name, value), chosen);
  const isHead = settings.preserveRequestMethod && exchange.method === "HEAD";
  const packs = !isHead && valuesOf(headers, "accept-encoding").length === 0;
  return [["Host", address.host], ...headers, ...(packs ? [["Accept-Encoding", "gzip"] as const] : [])];
}

/** Asks. Rejects when there is no whole, well-formed answer: then nobody passes. */
function ask(exchange: Exchange, settings: Settings): Promise<Decision> {
  const address = new URL(settings.address);
  const secure = address.protocol === "https:";
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(address, {
      method: settings.preserveRequestMethod ? exchange.method : "GET",
      setHost: false,
      maxHeaderSize: MAX_BODY,
      ...(secure
        ? {
            rejectUnauthorized: !settings.tls?.insecureSkipVerify,
            ...(settings.tls?.ca === undefined ? {} : { ca: readFileSync(settings.tls.ca) }),
          }
        : {}),
    });
    setHeaders(request, requestHeaders(exchange, settings, address));
    request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error("no answer in time")));
    request.on("error", reject);
    request.on("upgrade", (_response, socket) => {
      socket.destroy();
      reject(new Error("the decision point changed the protocol"));
    });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BODY) request.destroy(new Error("the answer is too long"));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("aborted", () => reject(new Error("the answer ended early")));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: fromRaw(response.rawHeaders),
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.end();
  });
}

function refuse(exchange: Exchange, decision: Decision, { address, preserveLocationHeader }: Settings): void {
  const { response } = exchange.responder;
  const bare = decision.status === 304;
  const headers = without(
    decision.headers,
    ...KEPT_BACK,
    "content-length",
    "date",
    "location",
    ...(bare ? ["content-type"] : []),
  );
  const [given = ""] = valuesOf(decision.headers, "location");
  const resolved = given === "" ? "" : resolveLocation(given, address);
  if (resolved === undefined) {
    answerText(exchange, 500, "");
    return;
  }
  const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(given);
  const location = preserveLocationHeader && !isAbsolute ? given : resolved;
  writeAnswerHead(exchange, decision.status, [
    ...headers,
    ...(location === "" ? [] : [["Location", location] as const]),
    ...(bare ? [] : [["Content-Length", String(decision.body.length)] as const]),
  ]);
  response.end(response.req.method === "HEAD" ? undefined : decision.body);
}

/**
 * Asks a decision point about each request. 2xx passes it on; every other status goes back to the client; no answer
 * at all is 500. The fields of `authResponseHeaders` come from the answer only: what the client sent under those
 * names is gone, also when the answer has none.
 */
export function forwardAuth(settings: Settings): Middleware {
  const copied = settings.authResponseHeaders;
  const given = settings.maxResponseBodySize ?? -1;
  const longest = given < 0 ? MAX_BODY : given;
  const pattern = settings.authResponseHeadersRegex
    ? new RegExp(settings.authResponseHeadersRegex, "i")
    : undefined;
  return (next) => async (exchange) => {
    let decision: Decision;
    try {
      decision = await ask(exchange, settings);
    } catch {
      // Refused, garbled or too late: closed.
      answerText(exchange, 500, "");
      return;
    }
    // Traefik: a body that is too long is a refusal, whatever the status says.
    if (decision.body.length > longest) {
      answerText(exchange, 401, "");
      return;
    }
    if (decision.status < 200 || decision.status > 299) {
      refuse(exchange, decision, settings);
      return;
    }
    let headers = without(exchange.headers, ...copied);
    if (pattern) headers = headers.filter(([name]) => !pattern.test(name));
    for (const name of copied) {
      for (const value of valuesOf(decision.headers, name)) headers.push([name, value]);
    }
    if (pattern)
      headers.push(
        ...decision.headers
          .filter(([name]) => pattern.test(name))
          .map(([n, v]) => [n, v] as [string, string]),
      );
    exchange.headers = headers;
    const cookies = valuesOf(decision.headers, "set-cookie").filter((cookie) =>
      settings.addAuthCookiesToResponse.includes(cookie.split("=")[0] ?? ""),
    );
    if (cookies.length > 0) {
      exchange.answerHeaders.push((answer) => [
        ...answer,
        ...cookies.map((cookie) => ["Set-Cookie", cookie] as const),
      ]);
    }
    await next(exchange);
  };
}
