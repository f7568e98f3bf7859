import type { Daemon } from "./daemon.ts";
import {
  type ApiRequest,
  type ApiResponse,
  listParameter,
  Refusal,
  readJson,
  sync,
  textOf,
  textsOf,
} from "./respond.ts";

function levelOf(query: URLSearchParams): string {
  const level = query.get("level") ?? "";
  if (["", "alive", "ready"].includes(level)) return level;
  throw new Refusal(400, 'level must be "alive" or "ready"');
}

/** GET /v1/checks */
export function getChecks(daemon: Daemon, { query }: ApiRequest): ApiResponse {
  const level = levelOf(query);
  const names = listParameter(query, "names");
  const wanted = daemon.checks
    .list()
    .filter(
      (check) =>
        (level === "" || check.level === level) && (names.length === 0 || names.includes(check.name)),
    );
  return sync(wanted);
}

/** GET /v1/health */
export function getHealth(daemon: Daemon, { query }: ApiRequest): ApiResponse {
  const level = levelOf(query);
  const names = listParameter(query, "names");
  const down = daemon.checks
    .list()
    .filter(
      (check) => level === "" || check.level === level || (level === "ready" && check.level === "alive"),
    )
    .filter((check) => names.length === 0 || names.includes(check.name))
    .some((check) => check.status === "down");
  return sync({ healthy: !down }, down ? 502 : 200);
}

/** POST /v1/checks */
export function postChecks(daemon: Daemon, request: ApiRequest): ApiResponse {
  const payload = readJson(request, "data from request body");
  const action = textOf(payload["action"]);
  const names = textsOf(payload["checks"]);
  if (names.length === 0) throw new Refusal(400, `must specify checks for ${action} action`);
  if (action !== "start" && action !== "stop") throw new Refusal(400, `invalid action "${action}"`);
  const missing = daemon.checks.missing(names);
  if (missing.length > 0) {
    throw new Refusal(400, `cannot ${action} checks: cannot find checks in plan: ${missing.join(", ")}`);
  }
  const changed = action === "start" ? daemon.checks.start(names) : daemon.checks.stop(names);
  return sync({ changed: changed.toSorted() });
}

/** POST /v1/checks/refresh */
export async function postRefresh(daemon: Daemon, request: ApiRequest): Promise<ApiResponse> {
  const name = textOf(readJson(request, "data from request body")["name"]);
  if (name === "") throw new Refusal(400, "must specify check name");
  const refreshed = await daemon.checks.refresh(name, request.signal);
  if (!refreshed) throw new Refusal(404, `cannot find check with name "${name}"`);
  return sync({ info: refreshed.info, ...(refreshed.error && { error: refreshed.error }) });
}
