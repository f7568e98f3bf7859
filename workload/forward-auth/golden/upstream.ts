/** The application behind the program: it answers what it saw. @module */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { UpstreamSaw } from "./recording.ts";

/** A running application. */
export interface EchoUpstream {
  readonly url: string;
  close(): Promise<void>;
}

const bytes = (text: string): string => Buffer.from(text, "latin1").toString("utf8");

/** Header names as Go's server canonicalises them, which the recording shows. */
const canonical = (name: string): string =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(name)
    ? name.toLowerCase().replace(/(?:^|-)[a-z]/g, (letters) => letters.toUpperCase())
    : name;

function sawOf(request: IncomingMessage, body: string): UpstreamSaw {
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = canonical(request.rawHeaders[index] ?? "");
    if (name !== "Connection") headers.push([name, bytes(request.rawHeaders[index + 1] ?? "")]);
  }
  headers.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const saw = { method: request.method ?? "", url: bytes(request.url ?? ""), headers };
  return body === "" ? saw : { ...saw, body };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = "";
  for await (const chunk of request) body += (chunk as Buffer).toString("utf8");
  const url = request.url ?? "";
  if (url.startsWith("/drop")) return void request.socket.destroy();
  if (url.startsWith("/slow")) await new Promise((resolve) => setTimeout(resolve, 2500));
  const headers: [string, string][] = [
    ["Content-Type", "application/json"],
    ["X-Upstream", "1"],
  ];
  if (url.includes("spoofhdr"))
    headers.push(["X-Auth-Request-User", "from-upstream"], ["Gap-Auth", "from-upstream"]);
  if (url.includes("multi")) headers.push(["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]);
  const status = Number(/^\/status\/(\d{3})/.exec(url)?.[1] ?? 200);
  response.writeHead(status, headers.flat());
  response.end(JSON.stringify(sawOf(request, body)));
}

/** Starts the application. */
export async function startUpstream(): Promise<EchoUpstream> {
  const server = createServer({ maxHeaderSize: 2_000_000 }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
