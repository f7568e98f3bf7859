/** Upstreams that are a folder of files. What is outside the folder is not there, whatever links say. */

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readdir, realpath } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { type Conditions, type Part, partsOf, precondition } from "./conditions.ts";
import { listing } from "./listing.ts";
import { mediaType } from "./media-type.ts";
import type { Passed } from "./passed.ts";
import { cleanPath } from "./target.ts";

/** A file or folder that was opened. */
interface Opened {
  readonly handle: FileHandle;
  readonly folder: boolean;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly modified: number;
}

/** A refusal: 403, 404 or 500. */
type Refusal = { readonly status: 403 | 404 | 500 };

const NOT_FOUND: Refusal = { status: 404 };

const WORDS = { 403: "403 Forbidden\n", 404: "404 page not found\n", 500: "500 Internal Server Error\n" };

/** Headers of a refusal's text. */
const TEXT = ["Content-Type", "text/plain; charset=utf-8", "X-Content-Type-Options", "nosniff"];

/** Bytes looked at to tell text from other files. */
const SNIFFED = 512;

const bytesOf = (path: string): Buffer => Buffer.from(path, "latin1");

function refusalOf(error: unknown): Refusal {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (
    ["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EINVAL", "ENXIO", "ERR_INVALID_ARG_VALUE"].includes(code)
  )
    return NOT_FOUND;
  return { status: code === "EACCES" || code === "EPERM" ? 403 : 500 };
}

/** The request's conditions. */
function conditionsOf({ request }: Passed): Conditions {
  const { headers } = request;
  return {
    method: request.method ?? "GET",
    range: headers.range,
    ifRange: headers["if-range"] as string | undefined,
    ifMatch: headers["if-match"],
    ifNoneMatch: headers["if-none-match"],
    ifModifiedSince: headers["if-modified-since"],
    ifUnmodifiedSince: headers["if-unmodified-since"],
  };
}

/** A folder of files. */
export class Files {
  readonly #root: string;
  readonly #prefix: string;

  /**
   * @param root The folder, UTF-8.
   * @param prefix Path under which it is served; it is no part of the file's name.
   */
  constructor(root: string, prefix: string) {
    this.#root = Buffer.from(root, "utf8").toString("latin1").replace(/\/+$/, "") || "/";
    this.#prefix = prefix;
  }

  /**
   * Answers with a file, a folder's list, or the way to one of them.
   *
   * @param path Decoded, latin1.
   * @param query With its `?`, or empty.
   */
  async serve(passed: Passed, path: string, query: string): Promise<void> {
    const inner = path.startsWith(this.#prefix) ? path.slice(this.#prefix.length) : path;
    const url = inner.startsWith("/") ? inner : `/${inner}`;
    if (url.endsWith("/index.html")) return redirect(passed, `./${query}`);
    const name = cleanPath(url).replace(/(?<=.)\/$/, "");
    const opened = await this.#open(name);
    if ("status" in opened) return refuse(passed, opened.status);
    const base = name.slice(name.lastIndexOf("/") + 1);
    if (opened.folder === url.endsWith("/")) {
      if (opened.folder) return this.#folder(passed, name, opened);
      return send(passed, base, opened);
    }
    await opened.handle.close();
    redirect(passed, opened.folder ? `${base}/${query}` : `../${base}${query}`);
  }

  async #folder(passed: Passed, name: string, folder: Opened): Promise<void> {
    await folder.handle.close();
    const index = await this.#open(`${name === "/" ? "" : name}/index.html`);
    if (!("status" in index)) {
      if (!index.folder) return send(passed, "index.html", index);
      await index.handle.close();
    }
    const modified = ["Last-Modified", new Date(folder.modified * 1000).toUTCString()];
    const conditions = {
      ...conditionsOf(passed),
      ifMatch: undefined,
      ifUnmodifiedSince: undefined,
      ifNoneMatch: undefined,
    };
    if (precondition(conditions, folder.modified) === 304) return passed.reply(304, modified);
    const entries = await readdir(bytesOf(this.#root + name), { withFileTypes: true, encoding: "buffer" });
    const listed = entries.map((entry) => ({
      name: entry.name.toString("latin1"),
      folder: entry.isDirectory(),
    }));
    passed.reply(200, ["Content-Type", "text/html; charset=utf-8", ...modified], listing(listed));
  }

  /** Opens a file or folder inside the root. What was opened is looked at, so that no link can change in between. */
  async #open(name: string): Promise<Opened | Refusal> {
    if (name.includes("\0")) return NOT_FOUND;
    let handle: FileHandle | undefined;
    try {
      const { O_RDONLY, O_NONBLOCK } = constants;
      handle = await open(bytesOf(this.#root + name), O_RDONLY | O_NONBLOCK);
      const status = await handle.stat();
      const inside = status.isFile() || status.isDirectory() ? await this.#inside(handle) : false;
      if (!inside) {
        await handle.close();
        return NOT_FOUND;
      }
      const { size, mtimeMs } = status;
      return { handle, folder: status.isDirectory(), size, modified: Math.floor(mtimeMs / 1000) };
    } catch (error) {
      await handle?.close();
      return refusalOf(error);
    }
  }

  async #inside(handle: FileHandle): Promise<boolean> {
    const options = { encoding: "latin1" } as const;
    const root = await realpath(bytesOf(this.#root), options);
    const real = await realpath(`/proc/self/fd/${handle.fd}`, options);
    return real === root || real.startsWith(root === "/" ? root : `${root}/`);
  }
}

function redirect(passed: Passed, location: string): void {
  passed.reply(301, [
    "Location",
    location.replace(/[^\x21-\x7e]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`),
  ]);
}

function refuse(passed: Passed, status: Refusal["status"]): void {
  passed.reply(status, TEXT, Buffer.from(WORDS[status]));
}

async function send(passed: Passed, name: string, { handle, size, modified }: Opened): Promise<void> {
  const conditions = conditionsOf(passed);
  const stamp = ["Last-Modified", new Date(modified * 1000).toUTCString()];
  const failed = precondition(conditions, modified);
  const parts = failed === undefined ? partsOf(conditions, size, modified) : [];
  if (failed !== undefined || typeof parts === "string") {
    await handle.close();
    return failed === undefined ? unsatisfied(passed, parts as string, size) : passed.reply(failed, stamp);
  }
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(SNIFFED), 0, SNIFFED, 0);
  const type = mediaType(name, buffer.subarray(0, bytesRead));
  const head = ["Accept-Ranges", "bytes", ...stamp];
  const [only] = parts;
  if (parts.length > 1) return stream(passed, 206, ...several(handle, parts, { head, type, size }));
  if (only === undefined)
    return stream(
      passed,
      200,
      [...head, "Content-Type", type],
      size,
      [{ part: { start: 0, end: size } }],
      handle,
    );
  const range = `bytes ${only.start}-${only.end - 1}/${size}`;
  stream(
    passed,
    206,
    [...head, "Content-Type", type, "Content-Range", range],
    only.end - only.start,
    [{ part: only }],
    handle,
  );
}

function unsatisfied(passed: Passed, fault: string, size: number): void {
  const range = fault === "outside" ? ["Content-Range", `bytes */${size}`] : [];
  const text = fault === "outside" ? "invalid range: failed to overlap\n" : "invalid range\n";
  passed.reply(416, [...range, ...TEXT], Buffer.from(text));
}

/** What is sent, one behind the other: texts and parts of the file. */
type Piece = { readonly text: string } | { readonly part: Part };

/** Several parts, each with its own head. */
function several(
  handle: FileHandle,
  parts: readonly Part[],
  { head, type, size }: { readonly head: readonly string[]; readonly type: string; readonly size: number },
): [string[], number, Piece[], FileHandle] {
  const boundary = randomBytes(30).toString("hex");
  const pieces = parts.flatMap((part, index): Piece[] => [
    {
      text: `${index === 0 ? "" : "\r\n"}--${boundary}\r\nContent-Range: bytes ${part.start}-${part.end - 1}/${size}\r\nContent-Type: ${type}\r\n\r\n`,
    },
    { part },
  ]);
  pieces.push({ text: `\r\n--${boundary}--\r\n` });
  const length = pieces.reduce(
    (sum, piece) => sum + ("text" in piece ? piece.text.length : piece.part.end - piece.part.start),
    0,
  );
  return [[...head, "Content-Type", `multipart/byteranges; boundary=${boundary}`], length, pieces, handle];
}

async function* chunks(pieces: readonly Piece[], handle: FileHandle): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    if ("text" in piece) {
      yield Buffer.from(piece.text, "latin1");
      continue;
    }
    for (let { start } = piece.part; start < piece.part.end; ) {
      const wanted = Math.min(65_536, piece.part.end - start);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, start);
      // A file that became shorter ends the connection: the client must not take it for the whole.
      if (bytesRead === 0) throw new Error("The file became shorter");
      start += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

function stream(
  passed: Passed,
  status: number,
  headers: readonly string[],
  length: number,
  pieces: readonly Piece[],
  handle: FileHandle,
): void {
  const { request, response, answer } = passed;
  const close = request.complete ? [] : ["Connection", "close"];
  response.writeHead(status, [...answer, ...headers, "Content-Length", String(length), ...close]);
  const source = request.method === "HEAD" ? [] : chunks(pieces, handle);
  pipeline(Readable.from(source, { objectMode: false }), response, () => {
    void handle.close();
    passed.done(status, request.method === "HEAD" ? 0 : length);
  });
}
