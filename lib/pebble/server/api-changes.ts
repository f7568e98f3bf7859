import { formatDuration, parseDuration } from "../duration.ts";
import type { ShownChange } from "./changes.ts";
import { sleep } from "./clock.ts";
import type { Daemon } from "./daemon.ts";
import { type ApiRequest, type ApiResponse, Refusal, readJson, sync, textOf } from "./respond.ts";

/** GET /v1/changes */
export function getChanges({ changes }: Daemon, { query }: ApiRequest): ApiResponse {
  const select = query.get("select") || "in-progress";
  if (!["all", "in-progress", "ready"].includes(select)) {
    throw new Refusal(400, "select should be one of: all,in-progress,ready");
  }
  const service = query.get("for") ?? "";
  const wanted = changes
    .list()
    .filter(({ ready }) => select === "all" || ready === (select === "ready"))
    .filter(({ id }) => service === "" || changes.concerns(id, service));
  return sync(wanted);
}

/** GET /v1/changes/{id} */
export function getChange(daemon: Daemon, { params }: ApiRequest): ApiResponse {
  return sync(found(daemon, params["id"]!));
}

function found({ changes }: Daemon, id: string): ShownChange {
  const change = changes.get(id);
  if (!change) throw new Refusal(404, `cannot find change with id "${id}"`);
  return change;
}

/** GET /v1/changes/{id}/wait */
export async function getChangeWait(daemon: Daemon, request: ApiRequest): Promise<ApiResponse> {
  const id = request.params["id"]!;
  found(daemon, id);
  const timeoutMs = optionalDuration(request.query.get("timeout"), "timeout");
  const done = new AbortController();
  const stop = AbortSignal.any([done.signal, request.signal]);
  const over = sleep(daemon.clock, timeoutMs || Number.MAX_SAFE_INTEGER, stop);
  const elapsed = await Promise.race([daemon.changes.finished(id).then(() => false), over]);
  done.abort();
  if (elapsed) throw new Refusal(504, `timed out waiting for change after ${formatDuration(timeoutMs)}`);
  return sync(found(daemon, id));
}

/**
 * Milliseconds of a Go duration; 0 when there is none.
 *
 * @throws {Refusal} 400
 */
export function optionalDuration(text: string | null, what: string): number {
  if (!text) return 0;
  const ms = parseDuration(text);
  if (ms === undefined) throw new Refusal(400, `invalid ${what}: time: invalid duration "${text}"`);
  return ms;
}

/** POST /v1/changes/{id} */
export function postChange(daemon: Daemon, request: ApiRequest): ApiResponse {
  const id = request.params["id"]!;
  const change = found(daemon, id);
  const action = textOf(readJson(request, "data from request body")["action"]);
  if (action !== "abort") throw new Refusal(400, `invalid action "${action}"`);
  if (change.ready) throw new Refusal(400, `cannot abort change ${id} with nothing pending`);
  daemon.changes.abort(id);
  return sync(found(daemon, id));
}
