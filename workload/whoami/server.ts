import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { PAGE_HEADERS, page } from "./page.ts";
import { report } from "./report.ts";

const wantsJson = (request: IncomingMessage): boolean =>
  (request.headers.accept ?? "")
    .split(",")
    .some((type) => type.split(";", 1)[0]?.trim() === "application/json");

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method = "", url = "" } = request;
  const path = url.split("?", 1)[0] ?? "";
  if (path === "/health" || path.endsWith("/health")) {
    response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" }).end("OK\n");
    return;
  }
  const told = report(method, url, request.rawHeaders);
  if (wantsJson(request)) {
    response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
    response.end(`${JSON.stringify(told, undefined, 2)}\n`);
  } else {
    response.writeHead(200, PAGE_HEADERS).end(page(told));
  }
}

/** A server that shows each request to whoever sent it; not listening yet. Bodies are not read. */
export function createWhoami(): Server {
  return createServer(
    { maxHeaderSize: 65_536, requestTimeout: 30_000, keepAliveTimeout: 65_000 },
    (request, response) => {
      if (
        request.headers["content-length"] !== undefined ||
        request.headers["transfer-encoding"] !== undefined
      ) {
        response.setHeader("Connection", "close");
      }
      answer(request, response);
    },
  );
}
