import { getChange, getChanges, getChangeWait, postChange } from "./api-changes.ts";
import { getChecks, getHealth, postChecks, postRefresh } from "./api-checks.ts";
import { postExec } from "./api-exec.ts";
import { getFiles, postFiles } from "./api-files.ts";
import { getLogs } from "./api-logs.ts";
import { getNotice, getNotices, postNotices } from "./api-notices.ts";
import { getPlan, postLayers } from "./api-plan.ts";
import { getServices, postServices, postSignals, serviceNotImplemented } from "./api-services.ts";
import { getMetrics, getSystemInfo } from "./api-system.ts";
import type { Daemon } from "./daemon.ts";
import { type ApiRequest, type ApiResponse, Refusal, refusal } from "./respond.ts";

type Handler = (daemon: Daemon, request: ApiRequest) => ApiResponse | Promise<ApiResponse>;

/** Everything served, by path and method; websockets of tasks are connected elsewhere. */
const ROUTES: readonly (readonly [path: string, handlers: Readonly<Record<string, Handler>>])[] = [
  ["/v1/system-info", { GET: getSystemInfo }],
  ["/v1/health", { GET: getHealth }],
  ["/v1/services", { GET: getServices, POST: postServices }],
  ["/v1/services/{name}", { GET: serviceNotImplemented, POST: serviceNotImplemented }],
  ["/v1/signals", { POST: postSignals }],
  ["/v1/plan", { GET: getPlan }],
  ["/v1/layers", { POST: postLayers }],
  ["/v1/changes", { GET: getChanges }],
  ["/v1/changes/{id}", { GET: getChange, POST: postChange }],
  ["/v1/changes/{id}/wait", { GET: getChangeWait }],
  ["/v1/files", { GET: getFiles, POST: postFiles }],
  ["/v1/checks", { GET: getChecks, POST: postChecks }],
  ["/v1/checks/refresh", { POST: postRefresh }],
  ["/v1/notices", { GET: getNotices, POST: postNotices }],
  ["/v1/notices/{id}", { GET: getNotice }],
  ["/v1/logs", { GET: getLogs }],
  ["/v1/exec", { POST: postExec }],
  ["/v1/metrics", { GET: getMetrics }],
  ["/v1/tasks/{task}/websocket/{name}", { GET: plainWebSocketRequest }],
];

/** A websocket's path asked for without an upgrade. */
function plainWebSocketRequest(daemon: Daemon, { params }: ApiRequest): ApiResponse {
  throw (
    daemon.refuseWebSocket(params["task"]!, params["name"]!) ??
    new Refusal(400, "must upgrade to a websocket")
  );
}

const TABLE = ROUTES.map(([path, handlers]) => ({ names: path.split("/"), handlers }));

/** Answers one request; a fault of ours is status 500, never an exception. */
export async function route(daemon: Daemon, request: Omit<ApiRequest, "params">): Promise<ApiResponse> {
  try {
    const { handlers, params } = match(request.path);
    const handler = Object.hasOwn(handlers, request.method) ? handlers[request.method] : undefined;
    if (!handler) throw new Refusal(405, `method "${request.method}" not allowed`);
    return await handler(daemon, { ...request, params });
  } catch (error) {
    if (error instanceof Refusal) return refusal(error);
    daemon.fault(error);
    return refusal(new Refusal(500, error instanceof Error ? error.message : String(error)));
  }
}

function match(path: string): {
  handlers: Readonly<Record<string, Handler>>;
  params: Record<string, string>;
} {
  const given = path.split("/");
  for (const { names, handlers } of TABLE) {
    const params = matchNames(names, given);
    if (params) return { handlers, params };
  }
  throw new Refusal(404, "invalid API endpoint requested");
}

function matchNames(names: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (names.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const value = given[index]!;
    if (name.startsWith("{")) params[name.slice(1, -1)] = decode(value);
    else if (name !== value) return undefined;
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded: it names nothing, and the handler says so
  }
}

const WEBSOCKET = /^\/v1\/tasks\/([^/]+)\/websocket\/([^/]+)$/;

/** Task and name of a websocket's path. */
export function websocketPath(path: string): { readonly taskId: string; readonly name: string } | undefined {
  const found = WEBSOCKET.exec(path);
  return found ? { taskId: decode(found[1]!), name: decode(found[2]!) } : undefined;
}
