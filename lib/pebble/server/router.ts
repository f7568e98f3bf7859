import { admit, type Required } from "./access.ts";
import { getChange, getChanges, getChangeWait, postChange } from "./api-changes.ts";
import { getChecks, getHealth, postChecks, postRefresh } from "./api-checks.ts";
import { postExec } from "./api-exec.ts";
import { getFiles, postFiles } from "./api-files.ts";
import { getIdentities, postIdentities } from "./api-identities.ts";
import { getLogs } from "./api-logs.ts";
import { getNotice, getNotices, postNotices } from "./api-notices.ts";
import { getPlan, postLayers } from "./api-plan.ts";
import { getServices, postServices, postSignals, serviceNotImplemented } from "./api-services.ts";
import { getMetrics, getSystemInfo } from "./api-system.ts";
import type { Daemon } from "./daemon.ts";
import { type ApiRequest, type ApiResponse, Refusal, refusal } from "./respond.ts";

type Handler = (daemon: Daemon, request: ApiRequest) => ApiResponse | Promise<ApiResponse>;

/** What reading needs, what writing needs, and who answers. */
interface Endpoint {
  readonly read: Required;
  readonly write?: Required;
  readonly GET?: Handler;
  readonly POST?: Handler;
}

const open = { read: "open" } as const;
const user = { read: "user", write: "admin" } as const;
const admin = { read: "admin", write: "admin" } as const;

/** Everything served, by path; websockets of tasks are connected elsewhere. */
const ROUTES: readonly (readonly [path: string, endpoint: Endpoint])[] = [
  ["/v1/system-info", { ...open, GET: getSystemInfo }],
  ["/v1/health", { ...open, GET: getHealth }],
  ["/v1/services", { ...user, GET: getServices, POST: postServices }],
  ["/v1/services/{name}", { ...user, GET: serviceNotImplemented, POST: serviceNotImplemented }],
  ["/v1/signals", { ...admin, POST: postSignals }],
  ["/v1/plan", { ...admin, GET: getPlan }],
  ["/v1/layers", { ...admin, POST: postLayers }],
  ["/v1/changes", { ...user, GET: getChanges }],
  ["/v1/changes/{id}", { ...user, GET: getChange, POST: postChange }],
  ["/v1/changes/{id}/wait", { ...user, GET: getChangeWait }],
  ["/v1/files", { ...admin, GET: getFiles, POST: postFiles }],
  ["/v1/checks", { ...user, GET: getChecks, POST: postChecks }],
  ["/v1/checks/refresh", { ...admin, POST: postRefresh }],
  ["/v1/notices", { read: "user", write: "user", GET: getNotices, POST: postNotices }],
  ["/v1/notices/{id}", { ...user, GET: getNotice }],
  ["/v1/identities", { ...user, GET: getIdentities, POST: postIdentities }],
  ["/v1/logs", { ...user, GET: getLogs }],
  ["/v1/exec", { ...admin, POST: postExec }],
  ["/v1/metrics", { read: "metrics", GET: getMetrics }],
  ["/v1/tasks/{task}/websocket/{name}", { ...admin, GET: plainWebSocketRequest }],
];

/** A websocket's path asked for without an upgrade. */
function plainWebSocketRequest(daemon: Daemon, { params }: ApiRequest): ApiResponse {
  throw (
    daemon.refuseWebSocket(params["task"]!, params["name"]!) ??
    new Refusal(400, "must upgrade to a websocket")
  );
}

const TABLE = ROUTES.map(([path, endpoint]) => ({ names: path.split("/"), endpoint }));

type UnansweredRequest = Omit<ApiRequest, "params" | "caller">;

/** Answers one request; a fault of ours is status 500, never an exception. */
export async function route(daemon: Daemon, request: UnansweredRequest): Promise<ApiResponse> {
  try {
    const { endpoint, params } = match(request.path);
    const { method } = request;
    const handler = method === "GET" || method === "POST" ? endpoint[method] : undefined;
    if (!handler) throw new Refusal(405, `method "${method}" not allowed`);
    const caller = admit(daemon, request, method === "GET" ? endpoint.read : (endpoint.write ?? "admin"));
    return await handler(daemon, { ...request, params, caller });
  } catch (error) {
    if (error instanceof Refusal) return refusal(error);
    daemon.fault(error);
    return refusal(new Refusal(500, error instanceof Error ? error.message : String(error)));
  }
}

/** Why a task's websocket cannot be opened, or undefined. */
export function refuseWebSocket(daemon: Daemon, request: UnansweredRequest): Refusal | undefined {
  const found = websocketPath(request.path);
  if (!found) return new Refusal(404, "invalid API endpoint requested");
  try {
    admit(daemon, request, "admin");
    return daemon.refuseWebSocket(found.taskId, found.name);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function match(path: string): { endpoint: Endpoint; params: Record<string, string> } {
  const given = path.split("/");
  for (const { names, endpoint } of TABLE) {
    const params = matchNames(names, given);
    if (params) return { endpoint, params };
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
