import { parseDuration } from "../duration.ts";
import type { Service } from "../plan/types.ts";

/** How long a run must last, in milliseconds, for the next failure to count as the first. */
export function backOffLimitMs(service: Service): number {
  return durationMs(service["backoff-limit"], 30_000);
}

/** Milliseconds to wait before the next restart, without jitter; `currentMs` is the wait before, 0 at first. */
export function nextBackOffMs(service: Service, currentMs: number): number {
  if (currentMs === 0) return durationMs(service["backoff-delay"], 500);
  return Math.min(backOffLimitMs(service), currentMs * (service["backoff-factor"] ?? 2));
}

/** Milliseconds of a duration of the plan, which is valid if it is set. */
export function durationMs(duration: string | undefined, otherwise: number): number {
  return duration === undefined ? otherwise : (parseDuration(duration) ?? otherwise);
}
