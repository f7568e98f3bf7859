/** What an application asks of somebody who is signed in. */
import type { RulesAllow } from "../config.ts";
import { claimTexts } from "../identity/claims.ts";
import { type EmailRule, emailRule } from "./email.ts";

/** Somebody who signed in, as far as rules care. */
export interface Subject {
  readonly email: string;
  readonly groups: readonly string[];
  /** When the sign-in happened, in milliseconds since the epoch; absent: nobody knows, so it is too long ago. */
  readonly createdAt?: number;
  /** The claim `acr` of the sign-in. */
  readonly acr?: string;
  /** Id of the provider of the sign-in; absent: the first one. */
  readonly provider?: string;
  readonly additionalClaims?: ReadonlyMap<string, unknown>;
}

/** A sign-in that would do, where the present one does not. */
export interface StepUp {
  readonly kind: "step-up";
  readonly reason: "acr-required" | "session-too-old" | "other-provider";
  /** Values of `acr` of which one is wanted; empty: any. */
  readonly acr: readonly string[];
  /** Milliseconds; absent: any age will do. */
  readonly maxAge?: number;
  /** Id of the provider; absent: any. */
  readonly provider?: string;
}

/** What a requirement says of a person. */
export type Verdict = { readonly kind: "allow" } | { readonly kind: "deny" } | StepUp;

/** What a sign-in should be like; all of it may be empty. */
export type SignInWish = Omit<StepUp, "kind" | "reason">;

/** Something asked of a person. */
export interface Requirement {
  /** How somebody signs in who is not signed in yet. */
  readonly wish: SignInWish;
  /** @param now Milliseconds since the epoch. */
  judge(subject: Subject, now: number): Verdict;
}

const ALLOW: Verdict = { kind: "allow" };
const DENY: Verdict = { kind: "deny" };

/** Refuses everybody. */
export const NOBODY: Requirement = { wish: { acr: [] }, judge: () => DENY };

function claimsRule(claims: Readonly<Record<string, readonly string[]>>): (subject: Subject) => boolean {
  const wanted = Object.entries(claims).map(([name, values]) => [name, new Set(values)] as const);
  return ({ additionalClaims }) =>
    wanted.every(([name, values]) =>
      claimTexts(additionalClaims?.get(name)).some((text) => values.has(text)),
    );
}

/** Who may pass by `allow`: every kind that has entries must match; without entries nobody does. */
function allowance(allow: RulesAllow): (subject: Subject) => boolean {
  const { everyone, emails = [], email_domains = [], groups = [], claims = {} } = allow;
  if (everyone === true) return () => true;
  const byEmail: EmailRule = emailRule(
    emails,
    email_domains.filter((domain) => domain.trim() !== "*"),
  );
  const wanted = new Set(groups);
  const byClaims = claimsRule(claims);
  if (!byEmail.some && wanted.size === 0 && Object.keys(claims).length === 0) return () => false;
  return (subject) =>
    (!byEmail.some || byEmail.matches(subject.email)) &&
    (wanted.size === 0 || subject.groups.some((group) => wanted.has(group))) &&
    byClaims(subject);
}

/** What a requirement is made of. */
export interface RequirementParts {
  readonly allow: RulesAllow;
  readonly acr: readonly string[];
  /** Milliseconds; undefined: sessions of any age. */
  readonly maxAge: number | undefined;
  readonly provider: string | undefined;
  /** Id of the provider of sessions that name none. */
  readonly firstProvider: string;
}

/** Builds a requirement. The provider is looked at first: what another provider says of a person counts for nothing. */
export function requirement({ allow, acr, maxAge, provider, firstProvider }: RequirementParts): Requirement {
  const allows = allowance(allow);
  const wish: SignInWish = {
    acr,
    ...(maxAge === undefined ? {} : { maxAge }),
    ...(provider === undefined ? {} : { provider }),
  };
  const stepUp = (reason: StepUp["reason"]): StepUp => ({ kind: "step-up", reason, ...wish });
  const [otherProvider, acrRequired, tooOld] = [
    stepUp("other-provider"),
    stepUp("acr-required"),
    stepUp("session-too-old"),
  ];
  return {
    wish,
    judge(subject, now) {
      if (provider !== undefined && (subject.provider ?? firstProvider) !== provider) return otherProvider;
      if (!allows(subject)) return DENY;
      if (acr.length > 0 && !acr.includes(subject.acr ?? "")) return acrRequired;
      if (maxAge !== undefined && !(now - (subject.createdAt ?? 0) <= maxAge)) return tooOld;
      return ALLOW;
    },
  };
}
