/** The decision itself: a function of the rules, the original request and the session. Deny is what is left over. */
import type { SignInWish, StepUp, Subject } from "../rules/access.ts";
import { bothReadings } from "../rules/path.ts";
import type { Application, Covered, Rules } from "../rules/rules.ts";
import type { Entry } from "../session/store.ts";
import type { Constraints } from "./constraints.ts";
import type { Original, Waiver } from "./original.ts";

/** Who may pass at all, and what needs no login, whatever the application. */
export interface Policy {
  /** Undefined: no rules file, the gate alone decides. */
  readonly rules: Rules | undefined;
  /** The global rules on address and groups. */
  gate(subject: Subject): boolean;
  /** The global rules on the address alone, for what logs say. */
  admits?(subject: Subject): boolean;
  /** Global open paths; never with a rules file. */
  open(method: string, path: string): boolean;
}

/** Why it was decided so; a closed set, for logs and metrics. */
export type Reason =
  | "session"
  | "anonymous-path"
  | Waiver
  | "no-session"
  | "no-rule"
  | "ambiguous-path"
  | "unknown-path"
  | "not-permitted"
  | "not-permitted-globally"
  | "step-up-unmet"
  | StepUp["reason"];

/** Reasons of an allow. */
export type AllowReason = "session" | "anonymous-path" | Waiver;

/** Reasons of a refusal. */
export type DenyReason = Exclude<Reason, AllowReason | "no-session" | StepUp["reason"]>;

/** The decision. `challenge`: nobody is signed in, or not in the way that the application asks for. */
export type Decision =
  | {
      readonly kind: "allow";
      readonly reason: AllowReason;
      readonly entry: Entry | undefined;
      /** What the request touches; empty without rules. */
      readonly applications: readonly Application[];
    }
  | {
      readonly kind: "challenge";
      readonly reason: "no-session" | StepUp["reason"];
      /** The sign-in that would do. */
      readonly wish: SignInWish;
    }
  | { readonly kind: "deny"; readonly reason: DenyReason };

/** Milliseconds after a sign-in in which another one would not help: the provider does not give what is asked for. */
const JUST_SIGNED_IN = 60_000;

const NONE: readonly Application[] = [];
const CHALLENGE: Decision = { kind: "challenge", reason: "no-session", wish: { acr: [] } };
const deny = (reason: DenyReason): Decision => ({ kind: "deny", reason });
const NO_RULE = deny("no-rule");
const AMBIGUOUS = deny("ambiguous-path");
const UNKNOWN = deny("unknown-path");
const NOT_PERMITTED = deny("not-permitted");
const NOT_GLOBALLY = deny("not-permitted-globally");
const UNMET = deny("step-up-unmet");

/** Applications that the request touches, or the refusal. */
function touched(
  policy: Policy,
  original: Original | undefined,
  named: string | undefined,
): readonly Covered[] | Decision {
  if (policy.rules === undefined) return named === undefined ? [] : NO_RULE;
  if (original === undefined) return UNKNOWN;
  const coverage = policy.rules.coverage(original);
  if (coverage === "ambiguous") return AMBIGUOUS;
  const covered = coverage.some(({ application }) => named === undefined || application.name === named);
  return covered ? coverage : NO_RULE;
}

/**
 * Ids of the providers whose sessions the applications of a request accept; undefined: of any. What no application covers, or two
 * that want different ones, nobody's session opens.
 */
export function acceptedProviders(
  { rules }: Policy,
  original: Original | undefined,
): ReadonlySet<string> | undefined {
  if (rules === undefined) return undefined;
  const coverage = original === undefined ? [] : rules.coverage(original);
  if (coverage === "ambiguous" || coverage.length === 0) return new Set();
  const named = coverage.flatMap(({ requirements }) =>
    requirements.flatMap(({ wish }) => wish.provider ?? []),
  );
  const ids = new Set(named);
  return ids.size === 0 ? undefined : ids.size === 1 ? ids : new Set();
}

/** True when the path is open: globally, or in each application that it touches. */
function open(policy: Policy, original: Original | undefined, applications: readonly Covered[]): boolean {
  if (!original?.path.plain) return false;
  const { method, path } = original;
  return bothReadings(path, (text) =>
    applications.length === 0
      ? policy.open(method, text)
      : applications.every(({ application }) => application.anonymous(method, text)),
  );
}

/**
 * Decides a request.
 *
 * @param original Undefined when nobody told the path; then path rules never match.
 * @param entry The session, if there is one.
 * @param now Milliseconds since the epoch.
 * @param constraints What the enforcement point asks of a session in addition.
 */
export function decide(
  policy: Policy,
  original: Original | undefined,
  entry: Entry | undefined,
  now: number,
  constraints?: Constraints,
): Decision {
  const applications = touched(policy, original, constraints?.application);
  if ("kind" in applications) return applications;
  const refusal =
    entry === undefined
      ? challenge(applications)
      : (refuse(policy, applications, entry, now) ?? unmet(constraints, entry));
  const allowed = (reason: AllowReason, who: Entry | undefined): Decision => ({
    kind: "allow",
    reason,
    entry: who,
    applications: applications.length === 0 ? NONE : applications.map(({ application }) => application),
  });
  if (refusal === undefined) return allowed("session", entry);
  const waived = original?.waived ?? (open(policy, original, applications) ? "anonymous-path" : undefined);
  if (waived !== undefined) return allowed(waived, undefined);
  return refusal;
}

/** Somebody has to sign in, in the way that the first of the applications asks for. */
function challenge(applications: readonly Covered[]): Decision {
  const wish = applications[0]?.requirements[0]?.wish;
  return wish === undefined ? CHALLENGE : { kind: "challenge", reason: "no-session", wish };
}

const unmet = (constraints: Constraints | undefined, { session }: Entry): Decision | undefined =>
  constraints === undefined || constraints.allow(session) ? undefined : NOT_PERMITTED;

function refuse(
  policy: Policy,
  applications: readonly Covered[],
  { session }: Entry,
  now: number,
): Decision | undefined {
  if (!policy.gate(session)) return NOT_GLOBALLY;
  let stepUp: StepUp | undefined;
  for (const { requirements } of applications) {
    for (const requirement of requirements) {
      const verdict = requirement.judge(session, now);
      if (verdict.kind === "deny") return NOT_PERMITTED;
      if (verdict.kind === "step-up") stepUp ??= verdict;
    }
  }
  if (stepUp === undefined) return undefined;
  if (now - session.createdAt < JUST_SIGNED_IN) return UNMET;
  const { kind: _, reason, ...wish } = stepUp;
  return { kind: "challenge", reason, wish };
}
