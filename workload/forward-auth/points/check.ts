/** A question whose request line is the user's own: our endpoints answer under their paths, everything else is decided. */
import { answerDecision } from "../decision/answer.ts";
import { type Answered, type Exchange, NO_STORE } from "../server/exchange.ts";
import type { Point } from "./point.ts";

/** Answers one of our own endpoints, such as `start`, by its name. */
export type OwnEndpoint = (exchange: Exchange, name: string) => Answered;

/** Endpoints that decide; nobody's browser asks them, and through a check their answer could pass for another's. */
const DECIDING = /^(?:auth$|authz(?:\/|$))/;

/** Answers a question of an enforcement point. */
export function answerPoint(
  exchange: Exchange,
  point: Point,
  name: string | undefined,
  own: OwnEndpoint,
): Answered {
  if (point.question !== "check") return answerDecision(exchange, point.question);
  if (name === undefined) return answerDecision(exchange, "root");
  if (!exchange.trusted)
    return exchange.text(403, "Forbidden\n", NO_STORE, { decision: "deny", reason: "untrusted-proxy" });
  return DECIDING.test(name) ? exchange.text(404, "Not Found\n", NO_STORE) : own(exchange, name);
}
