/**
 * Tokens that only their provider can read.
 *
 * @see RFC 7662, section 2.2
 */
import { type JsonObject, member, NumberText, textMember } from "./json.ts";

/** Milliseconds for which an answer without an end is believed. */
const MOMENT = 60_000;

/** Milliseconds that the provider's clock may be ahead of ours. */
const SKEW = 5 * 60_000;

/** Which tokens are for us. */
export interface IntrospectionRules {
  readonly issuer: string;
  /** One of these must be the audience, or the client that the token was issued to. */
  readonly audiences: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A token that is active. */
export interface ActiveToken {
  /** `sub` is there: the answer's, else the user's name. */
  readonly claims: JsonObject;
  /** Milliseconds since the epoch. */
  readonly expiresOn: number;
}

/** A time in milliseconds; undefined when there is none, NaN when it is no time. */
function timeOf(claims: JsonObject, name: string): number | undefined {
  const value = member(claims, name);
  if (value === undefined || value === null) return undefined;
  const seconds = value instanceof NumberText ? Number(value.text) : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1000 : Number.NaN;
}

const isRefresh = (claims: JsonObject): boolean =>
  ["token_type", "token_use", "typ"].some((name) => /^refresh/i.test(textMember(claims, name)));

function isForUs(claims: JsonObject, { audiences }: IntrospectionRules): boolean {
  const named: readonly unknown[] = [member(claims, "aud")].flat();
  return [...named, member(claims, "client_id")].some(
    (name) => typeof name === "string" && audiences.includes(name),
  );
}

/** Reads an answer; undefined when the token is not active, not for us, or not an access token. */
export function readIntrospection(claims: JsonObject, rules: IntrospectionRules): ActiveToken | undefined {
  if (member(claims, "active") !== true || isRefresh(claims) || !isForUs(claims, rules)) return undefined;
  const issuer = member(claims, "iss");
  if (issuer !== undefined && issuer !== rules.issuer) return undefined;
  const expiresOn = timeOf(claims, "exp") ?? rules.now + MOMENT;
  const begins = timeOf(claims, "nbf") ?? 0;
  if (!(expiresOn > rules.now) || !(begins <= rules.now + SKEW)) return undefined;
  const subject = textMember(claims, "sub") || textMember(claims, "username");
  return subject === "" ? undefined : { claims: { ...claims, sub: subject }, expiresOn };
}
