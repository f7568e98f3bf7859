import { formatPlan } from "../../pebble/plan/yaml.ts";
import { getIdentities, postIdentities } from "../../pebble/server/api-identities.ts";
import { getNotice, getNotices, postNotices } from "../../pebble/server/api-notices.ts";
import { postLayers } from "../../pebble/server/api-plan.ts";
import { type ApiRequest, type ApiResponse, Refusal } from "../../pebble/server/respond.ts";
import type { PebbleRequest, PebbleResponse } from "../../pebble/transport.ts";
import { type Asked, EPOCH, envelope, failure, sync } from "./answers.ts";
import type { ExecSettings } from "./fake-executions.ts";
import type { FakeChange, FakePebble } from "./fake-pebble.ts";
import { getFiles, postFiles } from "./route-files.ts";

const decoder = new TextDecoder();

type Answer = PebbleResponse | Promise<PebbleResponse>;

type Handler = (asked: Asked) => Answer;

/** Path → method → what answers; `*` is an identifier. */
const routes: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/v1/system-info": { GET: ({ pebble }) => sync({ version: "v1.32.1", "boot-id": pebble.bootId }) },
  "/v1/health": {
    GET: ({ pebble }) => sync({ healthy: pebble.down.size === 0 }, pebble.down.size === 0 ? 200 : 502),
  },
  "/v1/plan": { GET: getPlan },
  "/v1/layers": { POST: postLayer },
  "/v1/services": { GET: getServices, POST: postServices },
  "/v1/checks": { GET: getChecks, POST: postChecks },
  "/v1/checks/refresh": { POST: refreshCheck },
  "/v1/changes": { GET: getChanges },
  "/v1/changes/*": { GET: getChange },
  "/v1/changes/*/wait": { GET: getChange },
  "/v1/files": { GET: getFiles, POST: postFiles },
  "/v1/exec": { POST: postExec },
  "/v1/signals": { POST: postSignals },
  "/v1/logs": { GET: () => ({ status: 200, headers: {}, body: new Uint8Array() }) },
  "/v1/notices": {
    GET: served(({ noticeRecord: notices }, request) => getNotices({ notices }, request)),
    POST: served(({ noticeRecord: notices }, request) => postNotices({ notices }, request)),
  },
  "/v1/notices/*": {
    GET: served(({ noticeRecord: notices }, request) => getNotice({ notices }, request)),
  },
  "/v1/identities": { GET: served(getIdentities), POST: served(postIdentities) },
};

/** A request whose query and body are read when somebody looks. */
class Opened implements Asked {
  readonly pebble: FakePebble;
  readonly request: PebbleRequest;
  readonly id: string;

  constructor(pebble: FakePebble, request: PebbleRequest, id: string) {
    this.pebble = pebble;
    this.request = request;
    this.id = id;
  }

  get query(): URLSearchParams {
    const { path } = this.request;
    const mark = path.indexOf("?");
    return new URLSearchParams(mark < 0 ? "" : path.slice(mark + 1));
  }

  get body(): Record<string, unknown> {
    return bodyOf(this.request);
  }
}

const WITH_ID = /^(\/v1\/(?:changes|notices)\/)([^/]+)(\/wait)?$/;

/** Answers one request, as Pebble would; what it does not know is 404. */
export function route(pebble: FakePebble, request: PebbleRequest): Answer {
  const mark = request.path.indexOf("?");
  const path = mark < 0 ? request.path : request.path.slice(0, mark);
  const [, before = "", id = "", after = ""] = Object.hasOwn(routes, path) ? [] : (WITH_ID.exec(path) ?? []);
  const known = id === "" ? path : `${before}*${after}`;
  if (!Object.hasOwn(routes, known)) return failure(404, "invalid API endpoint requested");
  const answer = routes[known]![request.method];
  if (answer === undefined) return failure(405, `method "${request.method}" not allowed`);
  return answer(new Opened(pebble, request, id));
}

/** User that requests count as, as of the real Pebble in the same process. */
const caller = { access: "admin", userId: process.getuid?.() ?? 0 } as const;
const never = new AbortController().signal;

/** An answer of the embedded Pebble's own. */
function served(handler: (pebble: FakePebble, request: ApiRequest) => ApiResponse | Promise<ApiResponse>) {
  return async ({ pebble, query, request, id }: Asked): Promise<PebbleResponse> => {
    const { method, path, headers = {}, body = new Uint8Array(), signal = never } = request;
    const asked = { method, path, headers, body, query, signal, transport: "socket", caller } as const;
    try {
      const answer = await handler(pebble, { ...asked, params: { id } });
      signal.throwIfAborted();
      return { ...answer, body: answer.body as Uint8Array };
    } catch (error) {
      if (error instanceof Refusal) return failure(error.status, error.message, error.kind);
      throw error;
    }
  };
}

/** What a hook does most often: the layer that is there already. */
async function postLayer(asked: Asked): Promise<PebbleResponse> {
  const { pebble, request } = asked;
  const body = request.body ?? new Uint8Array();
  if (pebble.idleLayer !== undefined && Buffer.compare(pebble.idleLayer, body) === 0) return sync(true);
  const { plan } = pebble;
  const answer = await addLayer(asked);
  if (answer.status === 200 && pebble.plan === plan) pebble.idleLayer = body; // A layer that changes something makes another plan.
  return answer;
}

const addLayer = served(postLayers);

function bodyOf(request: PebbleRequest): Record<string, unknown> {
  const isJson = (request.headers?.["content-type"] ?? "application/json").startsWith("application/json");
  return isJson && request.body !== undefined ? JSON.parse(decoder.decode(request.body)) : {};
}

function changed(change: FakeChange, result: unknown = null): PebbleResponse {
  return envelope({ type: "async", "status-code": 202, status: "Accepted", change: change.id, result }, 202);
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
  const action = String(body["action"]);
  const takesNames = action !== "replan" && action !== "autostart";
  if (takesNames && names.length === 0) return failure(400, `must specify services for ${action} action`);
  if (!takesNames && names.length > 0) return failure(400, `${action} accepts no service names`);
  if (!["start", "stop", "restart", "replan", "autostart"].includes(action))
    return failure(400, `invalid action "${action}"`);
  const missing = names.find((name) => pebble.plan.services[name] === undefined);
  if (missing !== undefined)
    return failure(400, `cannot ${action} services: service "${missing}" does not exist`);
  switch (action) {
    case "start":
      return changed(pebble.start(names));
    case "stop":
      return changed(pebble.stop(names));
    case "restart":
      return changed(pebble.restart(names));
    case "autostart": {
      const services = Object.entries(pebble.plan.services);
      const enabled = services.flatMap(([name, { startup }]) => (startup === "enabled" ? [name] : []));
      if (enabled.length === 0) return failure(400, "no default services", "no-default-services");
      return changed(pebble.start(enabled, "autostart"));
    }
    default:
      return changed(pebble.replan());
  }
}

function getChecks({ pebble, query }: Asked): PebbleResponse {
  const asked = namesIn(query);
  const names = Object.keys(pebble.plan.checks).sort();
  const wanted = names.filter((name) => asked.length === 0 || asked.includes(name));
  return sync(wanted.map((name) => checkState(pebble, name)));
}

function checkState(pebble: FakePebble, name: string): object {
  const { level, startup, threshold = 3 } = pebble.plan.checks[name]!;
  const isDown = pebble.down.has(name);
  return {
    name,
    ...(level === undefined ? {} : { level }),
    startup: startup ?? "enabled",
    status: !pebble.isChecked(name) ? "inactive" : isDown ? "down" : "up",
    successes: 1,
    ...failuresOf(pebble, name, threshold),
    threshold,
  };
}

async function getPlan({ pebble, query }: Asked): Promise<PebbleResponse> {
  const format = query.get("format") ?? "";
  return format === "yaml" ? sync(await formatPlan(pebble.plan)) : failure(400, `invalid format "${format}"`);
}

function postSignals({ pebble, body }: Asked): PebbleResponse {
  const names = (body["services"] ?? []) as readonly string[];
  const signal = String(body["signal"]);
  if (names.length === 0) return failure(400, "must specify one or more services");
  const stopped = names.filter((name) => !pebble.isRunning(name));
  for (const service of names) if (pebble.isRunning(service)) pebble.signals.push({ service, signal });
  const faults = stopped.map((name) => `cannot send signal to "${name}": service is not running`);
  return faults.length > 0 ? failure(500, faults.join("; ")) : sync(true);
}

function postChecks({ pebble, body }: Asked): PebbleResponse {
  const names = (body["checks"] ?? []) as readonly string[];
  const action = String(body["action"]);
  if (names.length === 0) return failure(400, `must specify checks for ${action} action`);
  if (action !== "start" && action !== "stop") return failure(400, `invalid action "${action}"`);
  const missing = names.filter((name) => pebble.plan.checks[name] === undefined).sort();
  if (missing.length > 0)
    return failure(400, `cannot ${action} checks: cannot find checks in plan: ${missing.join(", ")}`);
  const changed = names.filter((name) => pebble.isChecked(name) === (action === "stop"));
  for (const name of changed) pebble.check(name, action === "start");
  return sync({ changed });
}

function refreshCheck({ pebble, body }: Asked): PebbleResponse {
  const name = String(body["name"]);
  if (pebble.plan.checks[name] === undefined) return failure(404, `cannot find check with name "${name}"`);
  const error = pebble.down.has(name) ? "check is down" : "";
  return sync({ info: checkState(pebble, name), ...(error && { error }) });
}

function getChanges({ pebble, query }: Asked): PebbleResponse {
  const select = query.get("select") ?? "in-progress";
  if (!["all", "in-progress", "ready"].includes(select))
    return failure(400, "select should be one of: all,in-progress,ready");
  return sync(select === "in-progress" ? [] : pebble.changes.map(changeState)); // every one is ready at once
}

function failuresOf({ down, failures }: FakePebble, name: string, threshold: number): object {
  const known = failures[name] ?? 0;
  const count = down.has(name) ? Math.max(known, threshold) : known;
  return count === 0 ? {} : { failures: count };
}

function getChange({ pebble, id }: Asked): PebbleResponse {
  const change = pebble.changes[Number(id) - 1];
  if (change === undefined) return failure(404, `cannot find change with id "${id}"`);
  return sync(changeState(change));
}

function changeState(change: FakeChange): object {
  const { id, kind, summary, err, data } = change;
  const status = err === undefined ? "Done" : "Error";
  const task = {
    id,
    kind,
    summary,
    status,
    progress: { label: "", done: 1, total: 1 },
    "spawn-time": EPOCH,
    data: { ...data },
  };
  const times = { "spawn-time": EPOCH, "ready-time": EPOCH };
  return {
    id,
    kind,
    summary,
    status,
    ready: true,
    ...(err === undefined ? {} : { err }),
    ...times,
    tasks: [task],
  };
}

function postExec({ pebble, body }: Asked): PebbleResponse {
  const command = (body["command"] ?? []) as readonly string[];
  if (command.length === 0) return failure(400, "must specify command");
  const context = body["service-context"];
  if (context !== undefined && pebble.plan.services[String(context)] === undefined)
    return failure(400, `context service "${String(context)}" not found`);
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
