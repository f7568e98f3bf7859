import path from "node:path";
import { formatMultipart, mediaParameters, type Part, parseMultipart } from "../../pebble/multipart.ts";
import { pathBelow } from "../../pebble/paths.ts";
import type { PebbleRequest, PebbleResponse, PebbleTransport } from "../../pebble/transport.ts";

/** A way to a Pebble of which it is known where files of its container are. */
export interface RootedPebble extends PebbleTransport {
  /** Folder of this machine that is the container's file system; `/`: paths mean what they say. */
  readonly root: string;
}

/**
 * A Pebble that runs on this machine, with a folder as its container's file system: files of a plan land there, and not in
 * the machine's own `/etc`. Paths of the files API are taken from the folder, `..` leads no higher, and answers have them as they were
 * asked for. `container.path("/etc/web.json")` is where programs find the file. Symbolic links go where the machine says.
 *
 * @param root Absolute. `/` for a Pebble that has a file system of its own, in a container for example.
 *
 * @example
 * ```ts
 * const pebble = rooted(unixSocket("/tmp/web/.pebble.socket"), "/tmp/web/root");
 * await transition(charm, "web-pebble-ready", { containers: { web: { pebble } } });
 * ```
 */
export function rooted(transport: PebbleTransport, root: string): RootedPebble {
  if (!path.isAbsolute(root)) throw new TypeError(`Cannot use root "${root}": must be absolute`);
  const folder = path.resolve(root);
  const { stream, websocket } = transport;
  return {
    root: folder,
    close: () => transport.close(),
    request: (request) =>
      folder === "/" || !/^\/v1\/files(\?|$)/.test(request.path)
        ? transport.request(request)
        : inFolder(transport, folder, request),
    ...(stream && { stream: (request) => stream.call(transport, request) }),
    ...(websocket && { websocket: (target) => websocket.call(transport, target) }),
  };
}

async function inFolder(
  transport: PebbleTransport,
  folder: string,
  request: PebbleRequest,
): Promise<PebbleResponse> {
  const paths = new Paths(folder);
  const sent = request.method === "GET" ? askedBelow(request, paths) : writtenBelow(request, paths);
  return answered(await transport.request(sent), paths);
}

function askedBelow(request: PebbleRequest, paths: Paths): PebbleRequest {
  const { pathname, searchParams } = new URL(request.path, "http://localhost");
  const fields = new URLSearchParams();
  for (const [key, value] of searchParams) fields.append(key, key === "path" ? paths.below(value) : value);
  return { ...request, path: `${pathname}?${fields}` };
}

function writtenBelow(request: PebbleRequest, paths: Paths): PebbleRequest {
  const { headers = {}, body = new Uint8Array() } = request;
  const boundary = boundaryOf(headers);
  const below = (text: Uint8Array) =>
    withStrings(text, (key, value) => (key === "path" ? paths.below(value) : value));
  if (boundary === undefined) return { ...request, body: below(body) };
  const parts = parseMultipart(body, boundary).map(({ name, filename, content }): Part => {
    if (filename !== undefined) return { name, filename: paths.below(filename), content };
    return { name, content: below(content) };
  });
  return { ...request, body: formatMultipart(parts, boundary) };
}

function answered(response: PebbleResponse, paths: Paths): PebbleResponse {
  const { "content-length": _changed, ...headers } = response.headers;
  const { status } = response;
  const back = (text: Uint8Array) => withStrings(text, (key, value) => paths.back(key, value));
  const boundary = boundaryOf(headers);
  if (boundary === undefined) return { status, headers, body: back(response.body) };
  const parts = parseMultipart(response.body, boundary).map(({ name, filename, content }): Part => {
    if (filename !== undefined) return { name, filename: paths.back("path", filename), content };
    return { name, content: back(content) };
  });
  return { status, headers, body: formatMultipart(parts, boundary), parts };
}

function boundaryOf(headers: Readonly<Record<string, string>>): string | undefined {
  const type = headers["content-type"] ?? "";
  return type.startsWith("multipart/form-data") ? (mediaParameters(type)["boundary"] ?? "") : undefined;
}

/** JSON with other texts in it; what is no JSON is as it was. */
function withStrings(bytes: Uint8Array, change: (key: string, value: string) => string): Uint8Array {
  if (bytes.byteLength === 0) return bytes;
  const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"), (key, one: unknown) =>
    typeof one === "string" ? change(key, one) : one,
  );
  return Buffer.from(JSON.stringify(value));
}

/** Paths of one request: below the folder on the way there, as they were asked for on the way back. */
class Paths {
  readonly #folder: string;
  readonly #asked = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A path that is not absolute is refused by Pebble. */
  below(given: string): string {
    if (!given.startsWith("/")) return given;
    const found = pathBelow(this.#folder, path.posix.normalize(given));
    this.#asked.set(found, given);
    return found;
  }

  back(key: string, value: string): string {
    if (key !== "path" && key !== "message") return value;
    const asked = key === "path" ? this.#asked.get(value) : undefined;
    if (asked !== undefined || this.#isAskedFromMachine()) return asked ?? value;
    return value.replaceAll(`${this.#folder}/`, "/");
  }

  /** Whether all was asked for by paths that are the machine's already, as `container.path()` makes them. */
  #isAskedFromMachine(): boolean {
    return [...this.#asked].every(([found, asked]) => found === path.posix.normalize(asked));
  }
}
