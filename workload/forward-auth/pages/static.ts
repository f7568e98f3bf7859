/** `<prefix>/static/…`: what templates that were made for oauth2-proxy load. */
import { NO_CACHE } from "../compat/reply.ts";
import type { Exchange } from "../server/exchange.ts";
import { escapeMarkup } from "../template/escape.ts";
import { BULMA, ICONS } from "./assets.ts";

interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const CSS = "text/css; charset=utf-8";

const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["css/all.min.css", { type: CSS, body: Buffer.from(ICONS) }],
  ["css/bulma.min.css", { type: CSS, body: Buffer.from(BULMA) }],
]);

/** Folders and what they hold. */
const FOLDERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["", ["css/"]],
  ["css/", ["all.min.css", "bulma.min.css"]],
]);

function listing(names: readonly string[]): Buffer {
  const links = names.map((name) => `<a href="${escapeMarkup(name)}">${escapeMarkup(name)}</a>\n`);
  return Buffer.from(
    `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${links.join("")}</pre>\n`,
  );
}

/** Answers for a path behind `static/`. */
export function answerStatic(exchange: Exchange, path: string): void {
  const asset = ASSETS.get(path);
  const folder = FOLDERS.get(path);
  if (asset !== undefined) {
    exchange.send(200, ["Accept-Ranges", "bytes", "Content-Type", asset.type, ...NO_CACHE], asset.body);
  } else if (folder !== undefined) {
    exchange.send(200, ["Content-Type", "text/html; charset=utf-8", ...NO_CACHE], listing(folder));
  } else if (FOLDERS.has(`${path}/`)) {
    exchange.send(301, ["Location", `${path.slice(path.lastIndexOf("/") + 1)}/`, ...NO_CACHE]);
  } else {
    const headers = ["Content-Type", "text/plain; charset=utf-8", "X-Content-Type-Options", "nosniff"];
    exchange.send(404, [...headers, ...NO_CACHE.slice(2)], Buffer.from("404 page not found\n"));
  }
}
