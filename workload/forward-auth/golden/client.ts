/** A client that sends bytes as recorded and keeps the answer as it came. @module */

import { connect } from "node:net";
import type { Pairs } from "./recording.ts";

/** What is sent. */
export interface Outgoing {
  readonly method: string;
  readonly target: string;
  readonly headers: Pairs;
  readonly body?: string;
}

/** What came back. */
export interface Incoming {
  readonly status: number;
  readonly headers: Pairs;
  readonly body: string;
}

/** Longest wait for an answer, in milliseconds. */
const PATIENCE = 8000;

/** Bytes of a chunked body; undefined while it is not complete. */
function dechunk(body: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf("\r\n", at);
    if (end === -1) return undefined;
    const size = Number.parseInt(body.toString("latin1", at, end), 16);
    if (size === 0) return Buffer.concat(parts);
    if (end + 2 + size + 2 > body.length) return undefined;
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
}

/** The answer, when it is complete. */
function parse(bytes: Buffer, method: string, ended: boolean): Incoming | undefined {
  const split = bytes.indexOf("\r\n\r\n");
  if (split === -1) return undefined;
  const [first = "", ...lines] = bytes.toString("utf8", 0, split).split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const headerOf = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const rest = bytes.subarray(split + 4);
  const answer = (body: Buffer): Incoming => ({ status, headers, body: body.toString("utf8") });
  if (method === "HEAD" || status === 204 || status === 304) return answer(Buffer.alloc(0));
  if (headerOf("transfer-encoding") === "chunked") {
    const body = dechunk(rest);
    return body === undefined ? undefined : answer(body);
  }
  const length = headerOf("content-length");
  if (length === undefined) return ended ? answer(rest) : undefined;
  return rest.length >= Number(length) ? answer(rest.subarray(0, Number(length))) : undefined;
}

/** Sends a request on a connection of its own. Rejects when the connection ends without an answer. */
export function exchange(port: number, outgoing: Outgoing): Promise<Incoming> {
  const { method, target, headers, body } = outgoing;
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    let bytes: Buffer = Buffer.alloc(0);
    const done = (answer: Incoming | undefined, why: string): void => {
      if (answer === undefined) reject(new Error(why));
      else resolve(answer);
      socket.destroy();
    };
    socket.setTimeout(PATIENCE, () => done(undefined, "no answer in time"));
    socket.on("error", () => done(parse(bytes, method, true), "closed without a response"));
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const answer = parse(bytes, method, false);
      if (answer !== undefined) done(answer, "");
    });
    socket.on("end", () => done(parse(bytes, method, true), "closed without a response"));
    socket.write(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
  });
}
