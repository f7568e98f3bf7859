import { formatMultipart, MultipartFault, mediaParameters, type Part, parseMultipart } from "../multipart.ts";
import type { Daemon } from "./daemon.ts";
import { faultStatus } from "./file-operations.ts";
import { FileFault } from "./go-errors.ts";
import { type ApiRequest, type ApiResponse, Refusal, readJson, sync, textOf } from "./respond.ts";

const MIN_BOUNDARY = 32;

interface PathResult {
  readonly path: string;
  readonly error?: { readonly kind: string; readonly message: string };
}

/** GET /v1/files */
export async function getFiles(daemon: Daemon, request: ApiRequest): Promise<ApiResponse> {
  const action = request.query.get("action") ?? "";
  if (action === "read") return await read(daemon, request);
  if (action === "list") return await list(daemon, request.query);
  throw new Refusal(400, `invalid action "${action}"`);
}

async function read(daemon: Daemon, { query, headers }: ApiRequest): Promise<ApiResponse> {
  const paths = query.getAll("path");
  if (paths.length === 0) throw new Refusal(400, "must specify one or more paths");
  if (headers["accept"] !== "multipart/form-data") throw new Refusal(400, "must accept multipart/form-data");
  const parts: Part[] = [];
  const result: PathResult[] = [];
  for (const path of paths) {
    const outcome = await outcomeOf(path, async () => {
      parts.push({ name: "files", filename: path, content: await daemon.files.read(path) });
    });
    result.push(outcome);
  }
  parts.push({ name: "response", content: bodyOf(sync(result)) });
  const boundary = `${crypto.randomUUID()}-${crypto.randomUUID()}`;
  return {
    status: 200,
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: formatMultipart(parts, boundary),
  };
}

function bodyOf(response: ApiResponse): Uint8Array {
  return response.body as Uint8Array;
}

/** Carries out one path of several; a fault of one does not end the others. */
async function outcomeOf(path: string, act: () => Promise<void>): Promise<PathResult> {
  try {
    await act();
    return { path };
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    return { path, error: { kind: error.kind, message: error.message } };
  }
}

async function list(daemon: Daemon, query: URLSearchParams): Promise<ApiResponse> {
  const path = query.get("path") ?? "";
  const itself = query.get("itself") ?? "";
  if (path === "") throw new Refusal(400, "must specify path");
  if (!["", "true", "false"].includes(itself))
    throw new Refusal(400, 'itself parameter must be "true" or "false"');
  if (!path.startsWith("/")) throw new Refusal(400, `path must be absolute, got "${path}"`);
  try {
    return sync(await daemon.files.list(path, query.get("pattern") ?? "", itself === "true"));
  } catch (error) {
    if (error instanceof FileFault) throw new Refusal(faultStatus(error), error.message, error.kind);
    throw error;
  }
}

/** POST /v1/files */
export async function postFiles(daemon: Daemon, request: ApiRequest): Promise<ApiResponse> {
  const type = request.headers["content-type"] ?? "";
  const media = type.split(";")[0]!.trim().toLowerCase();
  if (media === "") throw new Refusal(400, `invalid Content-Type "${type}"`);
  if (media === "multipart/form-data")
    return await write(daemon, request, mediaParameters(type)["boundary"] ?? "");
  if (media !== "application/json") throw new Refusal(400, `invalid media type "${media}"`);
  const payload = readJson(request, "request body");
  switch (payload["action"]) {
    case "make-dirs":
      return sync(
        await each(payload["dirs"], (dir) => daemon.files.makeDir(dir.path, makeDirOptions(dir.item))),
      );
    case "remove":
      return sync(
        await each(payload["paths"], ({ path, item }) =>
          daemon.files.remove(path, item["recursive"] === true),
        ),
      );
    case "write":
      throw new Refusal(400, 'must use multipart with "write" action');
    default:
      throw new Refusal(400, `invalid action "${textOf(payload["action"])}"`);
  }
}

interface PathItem {
  readonly path: string;
  readonly item: Readonly<Record<string, unknown>>;
}

function items(value: unknown): readonly PathItem[] {
  const objects = Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : [];
  return objects.map((item) => ({ path: textOf(item.path), item }));
}

async function each(value: unknown, act: (item: PathItem) => Promise<void>): Promise<readonly PathResult[]> {
  const results: PathResult[] = [];
  for (const item of items(value)) results.push(await outcomeOf(item.path, () => act(item)));
  return results;
}

function makeDirOptions(item: PathItem["item"]): { makeParents: boolean; permissions: string } {
  return { makeParents: item["make-parents"] === true, permissions: textOf(item["permissions"]) };
}

async function write(daemon: Daemon, request: ApiRequest, boundary: string): Promise<ApiResponse> {
  if (boundary.length < MIN_BOUNDARY) throw new Refusal(400, `invalid boundary "${boundary}"`);
  const { parts, fault } = partsOf(request.body, boundary);
  const wanted = metadata(parts[0], fault);
  const outcomes = new Map<string, PathResult>();
  for (const part of parts.slice(1)) {
    if (part.name !== "files") throw new Refusal(400, `field name must be "files", got "${part.name}"`);
    const path = part.filename ?? "";
    const item = wanted.findLast((one) => one.path === path);
    if (!item) throw new Refusal(400, `no metadata for path "${path}"`);
    const options = {
      makeDirs: item.item["make-dirs"] === true,
      permissions: textOf(item.item["permissions"]),
    };
    outcomes.set(path, await outcomeOf(path, () => daemon.files.write(path, part.content, options)));
  }
  if (fault) throw new Refusal(400, `cannot read file part ${parts.length - 1}: ${fault.message}`);
  return sync(wanted.map(({ path }) => outcomes.get(path) ?? { path, error: noContent(path) }));
}

function partsOf(
  body: Uint8Array,
  boundary: string,
): { parts: readonly Part[]; fault: MultipartFault | undefined } {
  try {
    return { parts: parseMultipart(body, boundary), fault: undefined };
  } catch (error) {
    if (error instanceof MultipartFault) return { parts: error.parts, fault: error };
    throw error;
  }
}

function metadata(part: Part | undefined, fault: MultipartFault | undefined): readonly PathItem[] {
  if (!part) throw new Refusal(400, `cannot read request metadata: ${fault?.message ?? "EOF"}`);
  if (part.name !== "request")
    throw new Refusal(400, `metadata field name must be "request", got "${part.name}"`);
  const request = { body: part.content } as ApiRequest;
  const payload = readJson(request, "request metadata");
  if (payload["action"] !== "write") {
    throw new Refusal(400, `multipart action must be "write", got "${textOf(payload["action"])}"`);
  }
  const wanted = items(payload["files"]);
  if (wanted.length === 0) throw new Refusal(400, "must specify one or more files");
  return wanted;
}

function noContent(path: string): PathResult["error"] & object {
  return { kind: "generic-file-error", message: `no file content for path "${path}"` };
}
