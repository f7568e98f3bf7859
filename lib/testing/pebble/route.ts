import { LayerError } from "../../pebble/errors.ts";
import { formatMultipart, mediaParameters, parseMultipart } from "../../pebble/multipart.ts";
import { formatPlan } from "../../pebble/plan/yaml.ts";
import type { PebbleRequest, PebbleResponse } from "../../pebble/transport.ts";
import type { ExecSettings } from "./fake-executions.ts";
import { FakeFileFault } from "./fake-files.ts";
import type { FakeChange, FakePebble } from "./fake-pebble.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Asked {
  readonly pebble: FakePebble;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly request: PebbleRequest;
  /** The last part of the path that has an id. */
  readonly id: string;
}

type Answer = PebbleResponse | Promise<PebbleResponse>;

const routes: readonly (readonly [string, RegExp, (asked: Asked) => Answer])[] = [
  ["GET", /^\/v1\/system-info$/, ({ pebble }) => sync({ version: "v1.32.1", "boot-id": pebble.bootId })],
  [
    "GET",
    /^\/v1\/health$/,
    ({ pebble }) => sync({ healthy: pebble.down.size === 0 }, pebble.down.size === 0 ? 200 : 502),
  ],
  ["GET", /^\/v1\/plan$/, async ({ pebble }) => sync(await formatPlan(pebble.plan))],
  ["POST", /^\/v1\/layers$/, postLayers],
  ["GET", /^\/v1\/services$/, getServices],
  ["POST", /^\/v1\/services$/, postServices],
  ["GET", /^\/v1\/checks$/, getChecks],
  ["GET", /^\/v1\/changes$/, () => sync([])],
  ["GET", /^\/v1\/changes\/([^/]+)(?:\/wait)?$/, getChange],
  ["GET", /^\/v1\/files$/, getFiles],
  ["POST", /^\/v1\/files$/, postFiles],
  ["POST", /^\/v1\/exec$/, postExec],
  ["POST", /^\/v1\/signals$/, () => sync(true)],
  ["POST", /^\/v1\/notices$/, postNotices],
  ["GET", /^\/v1\/notices$/, getNotices],
  ["GET", /^\/v1\/notices\/([^/]+)$/, getNotice],
];

/** Answers one request, as Pebble would; what it does not know is 404. */
export async function route(pebble: FakePebble, request: PebbleRequest): Promise<PebbleResponse> {
  const url = new URL(request.path, "http://localhost");
  for (const [method, pattern, answer] of routes) {
    const match = pattern.exec(url.pathname);
    if (match === null || request.method !== method) continue;
    const asked = { pebble, query: url.searchParams, body: bodyOf(request), request, id: match[1] ?? "" };
    return await answer(asked);
  }
  return failure(404, "invalid API endpoint requested");
}

function bodyOf(request: PebbleRequest): Record<string, unknown> {
  const isJson = (request.headers?.["content-type"] ?? "application/json").startsWith("application/json");
  return isJson && request.body !== undefined ? JSON.parse(decoder.decode(request.body)) : {};
}

function sync(result: unknown, status = 200): PebbleResponse {
  return envelope({ type: "sync", "status-code": status, status: "OK", result }, status);
}

function changed(change: FakeChange, result: unknown = null): PebbleResponse {
  return envelope({ type: "async", "status-code": 202, status: "Accepted", change: change.id, result }, 202);
}

function failure(status: number, message: string, kind?: string): PebbleResponse {
  return envelope(
    { type: "error", "status-code": status, result: { message, ...(kind ? { kind } : {}) } },
    status,
  );
}

function envelope(value: object, status: number): PebbleResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: encoder.encode(JSON.stringify(value)),
  };
}

async function postLayers({ pebble, body }: Asked): Promise<PebbleResponse> {
  try {
    await pebble.addLayer(String(body["label"]), String(body["layer"]), body["combine"] === true);
    return sync(true);
  } catch (error) {
    if (error instanceof LayerError) return failure(400, error.message);
    throw error;
  }
}

function namesIn(query: URLSearchParams): readonly string[] {
  return query
    .getAll("names")
    .flatMap((names) => names.split(","))
    .filter((name) => name !== "");
}

function getServices({ pebble, query }: Asked): PebbleResponse {
  const asked = namesIn(query);
  const all = Object.entries(pebble.plan.services).sort(([a], [b]) => (a < b ? -1 : 1));
  const services = all.filter(([name]) => asked.length === 0 || asked.includes(name));
  return sync(
    services.map(([name, { startup }]) => ({
      name,
      startup: startup ?? "disabled",
      current: pebble.isRunning(name) ? "active" : "inactive",
    })),
  );
}

function postServices({ pebble, body }: Asked): PebbleResponse {
  const names = (body["services"] ?? []) as readonly string[];
  const missing = names.find((name) => pebble.plan.services[name] === undefined);
  if (missing !== undefined) return failure(400, `service "${missing}" does not exist`);
  switch (body["action"]) {
    case "start":
      return changed(pebble.start(names));
    case "stop":
      return changed(pebble.stop(names));
    case "restart":
      return changed(pebble.restart(names));
    default:
      return changed(pebble.replan()); // `replan`, and `autostart` on a fresh container.
  }
}

function getChecks({ pebble, query }: Asked): PebbleResponse {
  const asked = namesIn(query);
  const all = Object.entries(pebble.plan.checks).sort(([a], [b]) => (a < b ? -1 : 1));
  const checks = all.filter(([name]) => asked.length === 0 || asked.includes(name));
  return sync(
    checks.map(([name, { level, startup, threshold = 3 }]) => ({
      name,
      ...(level === undefined ? {} : { level }),
      startup: startup ?? "enabled",
      status: startup === "disabled" ? "inactive" : pebble.down.has(name) ? "down" : "up",
      successes: 1,
      ...failuresOf(pebble, name, threshold),
      threshold,
    })),
  );
}

function failuresOf({ down, failures }: FakePebble, name: string, threshold: number): object {
  const count = failures[name] ?? (down.has(name) ? threshold : 0);
  return count === 0 ? {} : { failures: count };
}

function getNotices({ pebble, query }: Asked): PebbleResponse {
  const all = pebble.notices.map((notice, index) => noticeOf(notice, index));
  const wanted = (key: string, value: string): boolean => {
    const asked = query.getAll(key).flatMap((list) => list.split(","));
    return asked.length === 0 || asked.includes(value);
  };
  return sync(all.filter(({ type, key }) => wanted("types", type) && wanted("keys", key)));
}

function getNotice({ pebble, id }: Asked): PebbleResponse {
  const found = pebble.notices.map((notice, index) => noticeOf(notice, index)).find((one) => one.id === id);
  return found === undefined ? failure(404, `cannot find notice with ID "${id}"`, "not-found") : sync(found);
}

function postNotices({ pebble, body }: Asked): PebbleResponse {
  const { type, key, data } = body as { type?: string; key?: string; data?: Record<string, string> };
  pebble.notices.push({ type: type ?? "custom", key: key ?? "", ...(data ? { "last-data": data } : {}) });
  return sync({ id: String(pebble.notices.length) });
}

function noticeOf(notice: FakePebble["notices"][number], index: number) {
  const times = { "first-occurred": EPOCH, "last-occurred": EPOCH, "last-repeated": EPOCH };
  const defaults = { id: String(index + 1), "user-id": null, type: "custom", occurrences: 1 };
  return { ...defaults, ...notice, ...times, "expire-after": "168h0m0s" };
}

function getChange({ pebble, id }: Asked): PebbleResponse {
  const change = pebble.changes.find((one) => one.id === id);
  if (change === undefined) return failure(404, `cannot find change with id "${id}"`);
  const { kind, summary, err, data } = change;
  const status = err === undefined ? "Done" : "Error";
  const task = {
    id,
    kind,
    summary,
    status,
    progress: { label: "", done: 1, total: 1 },
    "spawn-time": EPOCH,
    data,
  };
  const times = { "spawn-time": EPOCH, "ready-time": EPOCH };
  return sync({
    id,
    kind,
    summary,
    status,
    ready: true,
    ...(err === undefined ? {} : { err }),
    ...times,
    tasks: [task],
  });
}

const EPOCH = "1970-01-01T00:00:00Z";

function getFiles({ pebble, query }: Asked): PebbleResponse {
  const path = query.get("path") ?? "";
  if (query.get("action") === "list") return listFiles(pebble, path, query);
  const boundary = "fake-pebble";
  const results: object[] = [];
  const parts: { name: string; filename?: string; content: Uint8Array }[] = [];
  for (const one of query.getAll("path")) {
    results.push(
      attempt(one, () =>
        parts.push({ name: "files", filename: one, content: pebble.files.read(one).content }),
      ),
    );
  }
  const outcome = encoder.encode(JSON.stringify({ type: "sync", "status-code": 200, result: results }));
  const body = formatMultipart([...parts, { name: "response", content: outcome }], boundary);
  return { status: 200, headers: { "content-type": `multipart/form-data; boundary=${boundary}` }, body };
}

function attempt(path: string, act: () => unknown): object {
  try {
    act();
    return { path };
  } catch (error) {
    if (error instanceof FakeFileFault) return { path, error: { kind: error.kind, message: error.message } };
    throw error;
  }
}

function listFiles(pebble: FakePebble, path: string, query: URLSearchParams): PebbleResponse {
  const { files } = pebble;
  const clean = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  try {
    if (!files.isDirectory(clean)) return sync([entryOf(pebble, clean)]);
    if (query.get("itself") === "true") return sync([entryOf(pebble, clean)]);
    return sync(
      files.list(clean).map((name) => entryOf(pebble, clean === "/" ? `/${name}` : `${clean}/${name}`)),
    );
  } catch (error) {
    if (error instanceof FakeFileFault) return failure(404, error.message, error.kind);
    throw error;
  }
}

function entryOf({ files }: FakePebble, path: string): object {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const common = { path, name, "last-modified": EPOCH, "user-id": 0, "group-id": 0 };
  if (files.isDirectory(path))
    return { ...common, type: "directory", permissions: "755", user: "root", group: "root" };
  const { content, permissions, user, group } = files.read(path);
  return { ...common, type: "file", size: content.length, permissions, user, group };
}

interface FileOrder {
  readonly path: string;
  readonly permissions?: string;
  readonly user?: string;
  readonly group?: string;
  readonly recursive?: boolean;
}

function postFiles(asked: Asked): PebbleResponse {
  const { pebble, body, request } = asked;
  const type = request.headers?.["content-type"] ?? "";
  if (type.startsWith("multipart/"))
    return writeFiles(pebble, request, mediaParameters(type)["boundary"] ?? "");
  if (body["action"] === "make-dirs") {
    const dirs = body["dirs"] as readonly FileOrder[];
    return sync(dirs.map(({ path }) => attempt(path, () => pebble.files.makeDirectory(path))));
  }
  const paths = body["paths"] as readonly FileOrder[];
  return sync(
    paths.map(({ path, recursive }) => attempt(path, () => pebble.files.remove(path, recursive ?? false))),
  );
}

function writeFiles(pebble: FakePebble, request: PebbleRequest, boundary: string): PebbleResponse {
  const parts = parseMultipart(request.body ?? new Uint8Array(), boundary);
  const head = parts.find(({ name }) => name === "request");
  const orders = JSON.parse(decoder.decode(head?.content)).files as readonly FileOrder[];
  const results = orders.map(({ path, permissions, user, group }) => {
    const content = parts.find(({ filename }) => filename === path)?.content ?? new Uint8Array();
    const rest = {
      ...(permissions ? { permissions } : {}),
      ...(user ? { user } : {}),
      ...(group ? { group } : {}),
    };
    return attempt(path, () => pebble.files.write(path, { content, ...rest }));
  });
  return sync(results);
}

function postExec({ pebble, body }: Asked): PebbleResponse {
  const command = body["command"] as readonly string[];
  if (!pebble.canExec(command)) return failure(400, `cannot find executable "${command[0]}"`);
  const change = pebble.exec(command, settingsOf(body));
  return changed(change, { "task-id": change.id });
}

function settingsOf(body: Record<string, unknown>): ExecSettings {
  const names = [
    ["environment", "environment"],
    ["working-dir", "workingDir"],
    ["user", "user"],
    ["group", "group"],
    ["service-context", "serviceContext"],
  ] as const;
  return Object.fromEntries(
    names.flatMap(([key, name]) => (body[key] === undefined ? [] : [[name, body[key]]])),
  );
}
