import { call, json, list, record, withQuery } from "./api.ts";
import { formatDuration } from "./duration.ts";
import type { PebbleTransport } from "./transport.ts";
import type { Notice } from "./types.ts";

/** Which notices. */
export interface NoticeOptions {
  readonly types?: readonly string[];
  readonly keys?: readonly string[];
  /** Only those repeated later than this; a `last-repeated` value. */
  readonly after?: string;
  /** Milliseconds to wait for one if there is none; default 0. An empty list when none came. */
  readonly timeoutMs?: number;
  /** `all`: of all users, which needs admin access; default one's own and public ones. */
  readonly users?: "all";
  /** Of one user and public ones, which needs admin access; default one's own and public ones. */
  readonly userId?: number;
  readonly signal?: AbortSignal;
}

/** What a custom notice says, and how often it is repeated at most. */
export interface NotifyOptions {
  readonly data?: Readonly<Record<string, string>>;
  readonly repeatAfterMs?: number;
}

/** Notices by the time they last repeated. */
export async function getNotices(
  transport: PebbleTransport,
  { types, keys, after, users, userId, timeoutMs, signal }: NoticeOptions,
): Promise<readonly Notice[]> {
  const timeout = timeoutMs ? formatDuration(timeoutMs) : undefined;
  const user = userId === undefined ? undefined : String(userId);
  const path = withQuery("/v1/notices", { types, keys, after, users, "user-id": user, timeout });
  const request = { method: "GET", path, what: "list notices", ...(signal && { signal }) } as const;
  return list<Notice>((await call(transport, request)).result);
}

/** One notice. */
export async function getNotice(transport: PebbleTransport, id: string): Promise<Notice> {
  const path = `/v1/notices/${encodeURIComponent(id)}`;
  return (await call(transport, { method: "GET", path, what: `get notice ${id}` })).result as Notice;
}

/** Records a custom notice. @returns Its id. */
export async function addNotice(
  transport: PebbleTransport,
  key: string,
  { data, repeatAfterMs }: NotifyOptions,
): Promise<string> {
  const repeat = repeatAfterMs && { "repeat-after": formatDuration(repeatAfterMs) };
  const body = json({ action: "add", type: "custom", key, data, ...repeat });
  const what = `record notice "${key}"`;
  const { result } = await call(transport, { method: "POST", path: "/v1/notices", ...body, what });
  return String(record(result)["id"]);
}
