import { call, list, withQuery } from "./api.ts";
import { formatDuration } from "./duration.ts";
import { ChangeError, ChangeTimeoutError, PebbleApiError } from "./errors.ts";
import type { PebbleTransport } from "./transport.ts";
import type { Change } from "./types.ts";

/** How long to wait for a change, and what ends the wait. */
export interface WaitOptions {
  /** Milliseconds; default 30 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** One wait request takes at most this long, so that a dead connection is noticed. */
const SLICE_MS = 4000;

/** One change. */
export async function getChange(transport: PebbleTransport, id: string): Promise<Change> {
  const path = `/v1/changes/${encodeURIComponent(id)}`;
  return readChange((await call(transport, { method: "GET", path, what: `get change ${id}` })).result);
}

/** Pebble leaves the tasks out when there are none. */
export function readChange(result: unknown): Change {
  return { tasks: [], ...(result as Omit<Change, "tasks">) };
}

/** Changes in progress, ready ones, or all that Pebble still knows. */
export async function getChanges(
  transport: PebbleTransport,
  options: { readonly select?: "in-progress" | "ready" | "all"; readonly service?: string } = {},
): Promise<readonly Change[]> {
  const path = withQuery("/v1/changes", { select: options.select, for: options.service });
  return list((await call(transport, { method: "GET", path, what: "list changes" })).result).map(readChange);
}

/** Milliseconds of a clock that nobody sets; to load `performance` would cost a hook 1 ms. */
function now(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/**
 * Waits until a change is ready, whether it succeeded or not.
 *
 * @throws {ChangeTimeoutError} `ERR_PEBBLE_CHANGE_TIMEOUT`; the change goes on.
 */
export async function awaitChange(
  transport: PebbleTransport,
  id: string,
  options: WaitOptions = {},
): Promise<Change> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const deadline = now() + timeoutMs;
  while (true) {
    const left = deadline - now();
    if (left <= 0) throw new ChangeTimeoutError(id, timeoutMs);
    const change = await waitSlice(transport, id, Math.min(left, SLICE_MS), options.signal);
    if (change) return change;
  }
}

async function waitSlice(
  transport: PebbleTransport,
  id: string,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<Change | undefined> {
  const path = `/v1/changes/${encodeURIComponent(id)}/wait?timeout=${formatDuration(Math.max(1, Math.ceil(ms)))}`;
  try {
    const answer = await call(transport, {
      method: "GET",
      path,
      what: `wait for change ${id}`,
      ...(signal && { signal }),
    });
    return readChange(answer.result);
  } catch (error) {
    if (error instanceof PebbleApiError && error.status === 504) return undefined;
    throw error;
  }
}

/**
 * Waits for a change and insists that it succeeded.
 *
 * @throws {ChangeError} `ERR_PEBBLE_CHANGE`, with the logs of its tasks.
 */
export async function succeedChange(
  transport: PebbleTransport,
  id: string,
  options: WaitOptions = {},
): Promise<Change> {
  const change = await awaitChange(transport, id, options);
  if (change.err !== undefined) throw new ChangeError(change);
  return change;
}
