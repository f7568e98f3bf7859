import type { Exchange } from "../server/exchange.ts";

/** Envoy's own default for a check, in milliseconds. */
const USUAL = 200;

/** Milliseconds that an answer needs on its way. */
const RESERVE = 50;

/**
 * Milliseconds that a decision may wait for somebody else, so that Envoy still waits for us; it says how long, by the deadline of
 * the call or by `X-Envoy-Expected-Rq-Timeout-Ms`. Undefined for other enforcement points, whose time is long.
 */
export function patienceOf({ point, timeLeft, head }: Exchange): number | undefined {
  if (point?.question !== "check") return undefined;
  const told = timeLeft ?? Number(head["x-envoy-expected-rq-timeout-ms"] ?? USUAL);
  return Math.max(RESERVE, (Number.isFinite(told) ? told : USUAL) - RESERVE);
}
