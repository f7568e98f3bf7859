import { type ApiCall, call, callIfFound, type Enveloped, json, list, open, withQuery } from "./api.ts";
import { PebblePathError, PebbleProtocolError } from "./errors.ts";
import { formatMultipart, MultipartFault, mediaParameters, parseMultipart } from "./multipart.ts";
import type { AnswerPart, PebbleResponse, PebbleTransport } from "./transport.ts";
import type { FileEntry } from "./types.ts";

/** Who owns a new file or directory. Set only if a user and a group can both be found. */
export interface Owner {
  readonly userId?: number;
  readonly user?: string;
  readonly groupId?: number;
  readonly group?: string;
}

/** Options of one file to write. */
export interface WriteOptions extends Owner {
  /** Three octal digits; default `644`. */
  readonly permissions?: string;
  /** Makes missing parents, mode 755; default false. */
  readonly makeDirs?: boolean;
}

/** One file to write. */
export interface FileToWrite extends WriteOptions {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Options of a directory to make. */
export interface MakeDirOptions extends Owner {
  /** Three octal digits; default `755`. */
  readonly permissions?: string;
  /** Makes missing parents, and accepts that the directory exists; default false. */
  readonly makeParents?: boolean;
}

const NOTHING = new Uint8Array();

/** Reads one regular file. */
export async function readFile(transport: PebbleTransport, path: string): Promise<Uint8Array> {
  const { contents, results } = await read(transport, [path]);
  checkPaths(results, "read");
  return contents.get(path)!;
}

/** Bytes of the paths in one request: well below the 16 KiB that servers accept as a head. */
const MAX_PATHS = 8192;

/** Reads regular files, as many as fit in one request at a time. Those that do not exist are left out. */
export async function readFiles(
  transport: PebbleTransport,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = await Promise.all(requestsOf(paths).map((some) => read(transport, some)));
  checkPaths(
    found.flatMap(({ results }) => results.filter(({ error }) => error?.kind !== "not-found")),
    "read",
  );
  return new Map(found.flatMap(({ contents }) => [...contents]));
}

function requestsOf(paths: readonly string[]): readonly string[][] {
  const requests: string[][] = [];
  let size = MAX_PATHS;
  for (const path of new Set(paths)) {
    const added = encodeURIComponent(path.toWellFormed()).length + "&path=".length;
    if (size + added > MAX_PATHS) {
      requests.push([]);
      size = 0;
    }
    requests.at(-1)!.push(path);
    size += added;
  }
  return requests;
}

interface Read {
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly results: readonly PathResult[];
}

async function read(transport: PebbleTransport, paths: readonly string[]): Promise<Read> {
  const what = `read ${quoted(paths)}`;
  const response = await transport.request({
    method: "GET",
    path: withQuery("/v1/files", { action: "read", path: paths }),
    headers: { accept: "multipart/form-data" },
  });
  if (response.status !== 200) open(response, what);
  const parts = partsOf(response, what);
  const outcome = parts.find((part) => part.name === "response");
  if (outcome === undefined)
    throw new PebbleProtocolError(`Cannot ${what}: the answer must end with its result`);
  const results = list<PathResult>(open(envelopeIn(outcome, response), what).result);
  const files = parts.filter((part) => part.name === "files");
  const contents = new Map(files.map(({ filename = "", content }) => [filename, content]));
  const missing = paths.find(
    (path) => !contents.has(path) && !results.some((one) => one.path === path && one.error),
  );
  if (missing !== undefined)
    throw new PebbleProtocolError(`Cannot ${what}: the answer must hold "${missing}" or say why not`);
  return { contents, results };
}

function envelopeIn(part: AnswerPart, { status }: PebbleResponse): Enveloped {
  const { json } = part;
  return json === undefined ? { status, body: part.content } : { status, body: NOTHING, json };
}

function quoted(paths: readonly string[]): string {
  return paths.map((path) => `"${path}"`).join(", ");
}

function partsOf(response: PebbleResponse, what: string): readonly AnswerPart[] {
  if (response.parts !== undefined) return response.parts;
  try {
    return parseMultipart(
      response.body,
      mediaParameters(response.headers["content-type"] ?? "")["boundary"] ?? "",
    );
  } catch (cause) {
    if (!(cause instanceof MultipartFault)) throw cause;
    throw new PebbleProtocolError(`Cannot ${what}: ${cause.message}`, { cause });
  }
}

/** Writes files in one request, each by a temporary file and a rename. */
export async function writeFiles(transport: PebbleTransport, files: readonly FileToWrite[]): Promise<void> {
  const boundary = `charmed-iap-${crypto.randomUUID()}`;
  const request = { action: "write", files: files.map(fileItem) };
  const body = formatMultipart(
    [
      { name: "request", content: Buffer.from(JSON.stringify(request)) },
      ...files.map(({ path, content }) => ({ name: "files", filename: path, content: bytes(content) })),
    ],
    boundary,
  );
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
  const answer = await call(transport, {
    method: "POST",
    path: "/v1/files",
    headers,
    body,
    what: `write ${quoted(files.map((file) => file.path))}`,
  });
  checkPaths(answer.result, "write");
}

function bytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? Buffer.from(content) : content;
}

function fileItem(file: FileToWrite): object {
  return {
    path: file.path,
    "make-dirs": file.makeDirs ?? false,
    permissions: file.permissions,
    ...owner(file),
  };
}

function owner(from: Owner): object {
  return { "user-id": from.userId, user: from.user, "group-id": from.groupId, group: from.group };
}

/** Which entries are listed. */
export interface ListOptions {
  /** Names, as a shell's pattern; default: all. */
  readonly pattern?: string;
  /** The entry of a directory itself. */
  readonly itself?: boolean;
}

/** Entries of a directory in name order, or the one entry of anything else. */
export async function listFiles(
  transport: PebbleTransport,
  path: string,
  options?: ListOptions,
): Promise<readonly FileEntry[]> {
  return list<FileEntry>((await call(transport, listing(path, options))).result);
}

/** As {@link listFiles}, or nothing where there is no such path. */
export async function findFiles(
  transport: PebbleTransport,
  path: string,
  options?: ListOptions,
): Promise<readonly FileEntry[] | undefined> {
  const answer = await callIfFound(transport, listing(path, options));
  return answer && list<FileEntry>(answer.result);
}

function listing(path: string, { pattern, itself }: ListOptions = {}): ApiCall {
  const query = { action: "list", path, pattern, itself: itself ? "true" : undefined };
  return { method: "GET", path: withQuery("/v1/files", query), what: `list "${path}"` };
}

/** Makes a directory. */
export async function makeDir(
  transport: PebbleTransport,
  path: string,
  options: MakeDirOptions = {},
): Promise<void> {
  const dir = {
    path,
    "make-parents": options.makeParents ?? false,
    permissions: options.permissions,
    ...owner(options),
  };
  const body = json({ action: "make-dirs", dirs: [dir] });
  const what = `make directory "${path}"`;
  checkPaths(
    (await call(transport, { method: "POST", path: "/v1/files", ...body, what })).result,
    "make directory",
  );
}

/** Removes a file or an empty directory; with `recursive` anything, and nothing there is no error. */
export async function removePath(
  transport: PebbleTransport,
  path: string,
  options: { readonly recursive?: boolean } = {},
): Promise<void> {
  const body = json({ action: "remove", paths: [{ path, recursive: options.recursive ?? false }] });
  const what = `remove "${path}"`;
  checkPaths((await call(transport, { method: "POST", path: "/v1/files", ...body, what })).result, "remove");
}

interface PathResult {
  readonly path: string;
  readonly error?: { readonly kind?: string; readonly message: string };
}

function checkPaths(results: unknown, verb: string): void {
  for (const { path, error } of list<PathResult>(results)) {
    if (error) throw new PebblePathError({ path, kind: error.kind ?? "", message: error.message }, verb);
  }
}
