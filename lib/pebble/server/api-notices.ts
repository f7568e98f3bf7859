import { optionalDuration } from "./api-changes.ts";
import type { Daemon } from "./daemon.ts";
import { keyFault, type NoticeFilter } from "./notices.ts";
import {
  type ApiRequest,
  type ApiResponse,
  listParameter,
  Refusal,
  readJson,
  sync,
  textOf,
} from "./respond.ts";
import { parseTimestamp } from "./timestamp.ts";

const TYPES = ["custom", "change-update", "warning"];
const MAX_DATA_BYTES = 4096;

/** GET /v1/notices */
export async function getNotices(daemon: Pick<Daemon, "notices">, request: ApiRequest): Promise<ApiResponse> {
  const { query, signal } = request;
  const userId = userFilter(request);
  const asked = listParameter(query, "types");
  const types = asked.filter((type) => TYPES.includes(type));
  if (asked.length > 0 && types.length === 0) return sync([]);
  const filter: NoticeFilter = {
    userId,
    types,
    keys: listParameter(query, "keys"),
    after: afterFilter(query),
  };
  const timeoutMs = optionalDuration(query.get("timeout"), "timeout");
  if (timeoutMs <= 0) return sync(daemon.notices.list(filter));
  return sync(await daemon.notices.wait(filter, timeoutMs, signal));
}

/** The user that a notice belongs to. @throws {Refusal} 403 for an identity that is no user of the machine. */
function userOf({ caller }: ApiRequest, verb: string): number {
  if (caller?.userId !== undefined) return caller.userId;
  throw new Refusal(403, `cannot determine UID of request, so cannot ${verb}`);
}

function userFilter(request: ApiRequest): number | null {
  const { query } = request;
  const own = userOf(request, "retrieve notices");
  const ids = listParameter(query, "user-id");
  const users = query.get("users");
  for (const name of ["user-id", "users"]) {
    if (query.has(name) && request.caller?.access !== "admin") {
      throw new Refusal(403, `only admins may use the "${name}" filter`);
    }
  }
  if (users !== null) {
    if (ids.length > 0) throw new Refusal(400, 'cannot use both "users" and "user-id" parameters');
    if (users !== "all") throw new Refusal(400, 'invalid "users" filter: must be "all"');
    return null;
  }
  if (ids.length === 0) return own;
  if (ids.length > 1) throw new Refusal(400, 'invalid "user-id" filter: must only include one "user-id"');
  const id = Number(ids[0]);
  if (/^\d+$/.test(ids[0]!) && id < 2 ** 32) return id;
  throw new Refusal(400, `invalid "user-id" filter: user ID is not a valid uint32: ${ids[0]}`);
}

function afterFilter(query: URLSearchParams): bigint | undefined {
  const text = query.get("after");
  if (!text) return undefined;
  const time = parseTimestamp(text);
  if (time === undefined) throw new Refusal(400, `invalid "after" timestamp: cannot parse "${text}"`);
  return time;
}

/** POST /v1/notices */
export function postNotices(daemon: Pick<Daemon, "notices">, request: ApiRequest): ApiResponse {
  const userId = userOf(request, "create notice");
  const payload = readJson(request, "request body");
  const action = textOf(payload["action"]);
  const type = textOf(payload["type"]);
  const key = textOf(payload["key"]);
  if (action !== "add") throw new Refusal(400, `invalid action "${action}"`);
  if (type !== "custom") throw new Refusal(400, `invalid type "${type}" (can only add "custom" notices)`);
  const fault = keyFault(key);
  if (fault !== undefined) throw new Refusal(400, fault);
  const repeatAfterMs = optionalDuration(textOf(payload["repeat-after"]), "repeat-after");
  const data = dataOf(payload["data"]);
  return sync({ id: daemon.notices.add({ userId, type, key, data, repeatAfterMs }) });
}

function dataOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_DATA_BYTES) {
    throw new Refusal(400, `total size of data must be ${MAX_DATA_BYTES} bytes or less`);
  }
  const texts = typeof value === "object" && !Array.isArray(value);
  if (texts && Object.values(value).every((one) => typeof one === "string"))
    return value as Record<string, string>;
  throw new Refusal(400, "cannot decode notice data: json: cannot unmarshal into Go value of type string");
}

/** GET /v1/notices/{id} */
export function getNotice(daemon: Pick<Daemon, "notices">, request: ApiRequest): ApiResponse {
  const { params } = request;
  userOf(request, "retrieve notice");
  const notice = daemon.notices.get(params["id"]!);
  if (!notice) throw new Refusal(404, `cannot find notice with ID "${params["id"]}"`);
  return sync(notice);
}
