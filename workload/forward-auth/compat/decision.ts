/** Whether a request may pass in mode `compat`. */
import { compatConstraints } from "../decision/constraints.ts";
import { decide } from "../decision/decide.ts";
import { compatOriginal } from "../decision/original.ts";
import type { SignInWish } from "../rules/access.ts";
import type { Application } from "../rules/rules.ts";
import type { Exchange } from "../server/exchange.ts";
import type { Entry } from "../session/store.ts";
import { decidesOnly, openReason } from "./open.ts";

/** What becomes of a request. */
export type Verdict =
  | {
      readonly kind: "allow";
      readonly reason: string;
      /** Who passes; undefined: anybody. */
      readonly entry: Entry | undefined;
      readonly applications: readonly Application[];
    }
  /** Nobody is signed in, or not in the way that an application asks for. */
  | { readonly kind: "challenge"; readonly reason: string; readonly wish?: SignInWish }
  /** Somebody who may not sign in at all: the session ends. */
  | { readonly kind: "unwelcome"; readonly reason: string }
  /** Somebody who may not do this. */
  | { readonly kind: "forbidden"; readonly reason: string };

const NONE: readonly Application[] = [];
const CHALLENGE: Verdict = { kind: "challenge", reason: "no-session" };
const UNWELCOME: Verdict = { kind: "unwelcome", reason: "not-permitted-globally" };
const FORBIDDEN: Verdict = { kind: "forbidden", reason: "not-permitted" };

/** What the query asks of a session. */
function meets(exchange: Exchange, entry: Entry): boolean {
  if (exchange.query === "") return true;
  const { allow_query_semicolons } = exchange.context.settings.options;
  return compatConstraints(exchange.query, allow_query_semicolons)?.allow(entry.session) ?? true;
}

/**
 * Decides a request.
 *
 * @param endpoint True on endpoints that only decide.
 */
export function judge(exchange: Exchange, entry: Entry | undefined, endpoint: boolean): Verdict {
  const open = openReason(exchange, endpoint);
  if (open !== undefined) {
    return entry === undefined || meets(exchange, entry)
      ? { kind: "allow", reason: open, entry, applications: NONE }
      : FORBIDDEN;
  }
  const { policy } = exchange.context;
  if (policy.rules !== undefined) return judgeByRules(exchange, entry, endpoint);
  if (entry === undefined) return CHALLENGE;
  if (!policy.gate(entry.session)) return UNWELCOME;
  return meets(exchange, entry) ? { kind: "allow", reason: "session", entry, applications: NONE } : FORBIDDEN;
}

/** The request that rules are about. @param endpoint True on endpoints that only decide. */
export function originalOf(exchange: Exchange, endpoint: boolean): ReturnType<typeof compatOriginal> {
  return compatOriginal(
    exchange.head,
    exchange.forwards,
    exchange,
    endpoint ? "never" : decidesOnly(exchange, endpoint) ? "unless-forwarded" : "always",
  );
}

/** With a rules file each application's rules hold too. */
function judgeByRules(exchange: Exchange, entry: Entry | undefined, endpoint: boolean): Verdict {
  const { context } = exchange;
  const original = originalOf(exchange, endpoint);
  if (typeof original === "string") return { kind: "forbidden", reason: original };
  const decision = decide(context.policy, original, entry, context.now());
  if (decision.kind === "challenge") return decision;
  if (decision.kind === "deny")
    return {
      kind: decision.reason === "not-permitted-globally" ? "unwelcome" : "forbidden",
      reason: decision.reason,
    };
  return entry === undefined || meets(exchange, entry) ? decision : FORBIDDEN;
}
