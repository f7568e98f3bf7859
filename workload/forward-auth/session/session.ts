import { hash } from "node:crypto";
import { takeRandomText } from "./random.ts";

/** A signed-in browser. Times in milliseconds since the epoch. */
export interface Session {
  /** New at every sign-in, the same after a refresh; names the session in memory and in logs. */
  readonly id: string;
  /** Empty when it is not known: records of oauth2-proxy do not tell. */
  readonly issuer: string;
  /** The claim `sub`, or a local user's name; empty in records that have none. */
  readonly subject: string;
  /** Empty when the provider tells none. */
  readonly email: string;
  readonly preferredUsername: string;
  readonly groups: readonly string[];
  readonly createdAt: number;
  /** When the tokens were last asked for; equals `createdAt` at first. */
  readonly refreshedAt: number;
  /** When the access token expires, if the provider told. */
  readonly expiresOn?: number;
  readonly accessToken?: string;
  readonly idToken?: string;
  readonly refreshToken?: string;
  /** Random bytes whose SHA-256 was the login's `nonce`. */
  readonly nonce?: Uint8Array;
  /** Claims kept for injected headers; lists and objects in them have no prototype. */
  readonly additionalClaims?: ReadonlyMap<string, unknown>;
  /** Id of the provider, where several are configured. */
  readonly provider?: string;
  /** The claim `acr` of the sign-in: how the person proved who they are. */
  readonly acr?: string;
  /** The claim `sid`: the provider's own session, which a back-channel logout names. */
  readonly sid?: string;
}

/** A new session's id: 16 random bytes, base64url. */
export function newSessionId(): string {
  return takeRandomText(16);
}

/**
 * The id of a session that was stored without one: made from bytes that stay the same as long as it lives, such as
 * its nonce. 16 bytes of SHA-256, base64url.
 */
export function sessionIdOf(bytes: Uint8Array): string {
  return hash("sha256", bytes, "base64url").slice(0, 22);
}
