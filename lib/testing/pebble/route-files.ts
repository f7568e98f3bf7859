import { mediaParameters, type Part, parseMultipart } from "../../pebble/multipart.ts";
import { globMatches } from "../../pebble/server/glob.ts";
import type { PebbleRequest, PebbleResponse } from "../../pebble/transport.ts";
import { type Asked, EPOCH, failure, MultipartResponse, OutcomePart, sync } from "./answers.ts";
import { FakeFileFault, type FakeFiles } from "./fake-files.ts";

const decoder = new TextDecoder();

/** GET /v1/files */
export function getFiles({ pebble, query, request }: Asked): PebbleResponse {
  const action = query.get("action");
  if (action === "list") return listFiles(pebble.files, query);
  if (action !== "read") return failure(400, `invalid action "${action}"`);
  const paths = query.getAll("path");
  if (paths.length === 0) return failure(400, "must specify one or more paths");
  if (request.headers?.["accept"] !== "multipart/form-data")
    return failure(400, "must accept multipart/form-data");
  const parts: Part[] = [];
  const read = (path: string) =>
    parts.push({
      name: "files",
      filename: path,
      content: Buffer.from(pebble.files.read(cleaned(path)).content),
    });
  const result = paths.map((path) => attempt(path, () => read(path)));
  return new MultipartResponse([...parts, new OutcomePart({ type: "sync", "status-code": 200, result })]);
}

/** What became of one path. */
function attempt(path: string, act: () => unknown): object {
  try {
    if (!path.startsWith("/"))
      throw new FakeFileFault("generic-file-error", `paths must be absolute, got "${path}"`);
    act();
    return { path };
  } catch (error) {
    if (error instanceof FakeFileFault) return { path, error: { kind: error.kind, message: error.message } };
    throw error;
  }
}

const STATUS: Readonly<Record<string, number>> = { "not-found": 404, "permission-denied": 403 };

function listFiles(files: FakeFiles, query: URLSearchParams): PebbleResponse {
  const path = query.get("path") ?? "";
  if (path === "") return failure(400, "must specify path");
  if (!path.startsWith("/")) return failure(400, `path must be absolute, got "${path}"`);
  const clean = cleaned(path);
  const pattern = query.get("pattern") ?? "";
  const fits = (name: string) => pattern === "" || globMatches(pattern, name);
  try {
    if (query.get("itself") === "true" || !files.isDirectory(clean)) return sync([entryOf(files, clean)]);
    const names = files.list(clean).filter(fits);
    return sync(names.map((name) => entryOf(files, clean === "/" ? `/${name}` : `${clean}/${name}`)));
  } catch (error) {
    if (error instanceof FakeFileFault) return failure(STATUS[error.kind] ?? 400, error.message, error.kind);
    throw error;
  }
}

function cleaned(path: string): string {
  return path.endsWith("/") ? path.replace(/(?<=.)\/+$/, "") : path;
}

function entryOf(files: FakeFiles, path: string): object {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const common = { path, name, "last-modified": EPOCH, "user-id": 0, "group-id": 0 };
  if (!files.has(path) && files.isDirectory(path)) {
    const permissions = files.permissionsOf(path);
    return { ...common, type: "directory", permissions, user: "root", group: "root" };
  }
  const { content, permissions, user, group } = files.read(path);
  return { ...common, type: "file", size: content.length, permissions, user, group };
}

interface FileOrder {
  readonly path: string;
  readonly permissions?: string;
  readonly user?: string;
  readonly group?: string;
  readonly recursive?: boolean;
  readonly "make-dirs"?: boolean;
  readonly "make-parents"?: boolean;
}

/** POST /v1/files */
export function postFiles({ pebble, body, request }: Asked): PebbleResponse {
  const { files } = pebble;
  const type = request.headers?.["content-type"] ?? "";
  if (type.startsWith("multipart/")) return writeFiles(files, request, type);
  const action = body["action"];
  if (action === "write") return failure(400, 'must use multipart with "write" action');
  if (action === "make-dirs") {
    const dirs = body["dirs"] as readonly FileOrder[];
    return sync(dirs.map((dir) => attempt(dir.path, () => makeDirectory(files, dir))));
  }
  if (action !== "remove") return failure(400, `invalid action "${String(action)}"`);
  const paths = body["paths"] as readonly FileOrder[];
  return sync(
    paths.map(({ path, recursive }) => attempt(path, () => files.remove(cleaned(path), recursive ?? false))),
  );
}

function makeDirectory(files: FakeFiles, dir: FileOrder): void {
  files.makeDirectory(cleaned(dir.path), {
    parents: dir["make-parents"] ?? false,
    permissions: permissionsOf(dir, "755"),
  });
}

function permissionsOf({ permissions = "" }: FileOrder, unset: string): string {
  if (permissions === "" || /^[0-7]{3}$/.test(permissions)) return permissions || unset;
  const message = `permissions must be a 3-digit octal string, got "${permissions}"`;
  throw new FakeFileFault("generic-file-error", message);
}

const MIN_BOUNDARY = 32;

function writeFiles(files: FakeFiles, request: PebbleRequest, type: string): PebbleResponse {
  const boundary = mediaParameters(type)["boundary"] ?? "";
  if (boundary.length < MIN_BOUNDARY) return failure(400, `invalid boundary "${boundary}"`);
  const parts = partsOf(request, boundary);
  const head = parts?.find(({ name }) => name === "request");
  if (!parts || !head) return failure(400, "cannot read request metadata: multipart: NextPart: EOF");
  const orders = JSON.parse(decoder.decode(head.content)).files as readonly FileOrder[];
  const results = orders.map((order) => {
    const { path, user, group } = order;
    const content = parts.find(({ filename }) => filename === path)?.content ?? new Uint8Array();
    return attempt(path, () => {
      const permissions = permissionsOf(order, "644");
      if (!order["make-dirs"]) files.requireParent(path, "open");
      files.write(path, { content, permissions, ...(user && { user }), ...(group && { group }) });
    });
  });
  return sync(results);
}

function partsOf(request: PebbleRequest, boundary: string) {
  try {
    return parseMultipart(request.body ?? new Uint8Array(), boundary);
  } catch {
    return undefined; // the answer says that there is nothing to read
  }
}
