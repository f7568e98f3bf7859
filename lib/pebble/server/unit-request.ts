import type { IncomingMessage } from "node:http";
import type { Container } from "./environment.ts";
import { systemErrorText } from "./go-errors.ts";

/** What is asked of a server over HTTP. */
export interface UnitRequest {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** `localhost` and `0.0.0.0` mean the unit itself, whose processes listen on its own address. */
export function unitHost(host: string, container: Container): string {
  return container.address !== undefined && (host === "localhost" || host === "0.0.0.0")
    ? container.address
    : host;
}

/** An error of a connection, in Go's words. */
export function dialFault(error: Error, host: string, port: number | string): Error {
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  return new Error(`dial tcp ${host}:${port}: connect: ${systemErrorText(cause)}`, { cause: error });
}

/**
 * Asks a server, as a program of the container would.
 *
 * @throws {Error} With Go's words, when there is no answer.
 */
export function requestFrom(
  container: Container,
  url: URL,
  { method, headers, body, signal }: UnitRequest,
): Promise<IncomingMessage> {
  const secure = url.protocol === "https:";
  const { request } = secure ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const target = unitHost(host, container);
  const port = url.port || (secure ? "443" : "80");
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        method,
        host: target,
        port,
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host, ...headers },
        servername: /^[\d.]+$|:/.test(host) ? "" : host,
        agent: false,
        signal,
      },
      resolve,
    );
    sent.on("error", (error) => reject(dialFault(error, target, port)));
    sent.end(body);
  });
}
