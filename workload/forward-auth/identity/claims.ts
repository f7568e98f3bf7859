/** What a session says, as texts for headers. */
import { goTime } from "./go-time.ts";

/** The part of a session that headers are made of. Times in milliseconds since the epoch. */
export interface Identified {
  readonly subject: string;
  readonly email: string;
  readonly preferredUsername: string;
  readonly groups: readonly string[];
  readonly createdAt: number;
  readonly refreshedAt: number;
  readonly expiresOn?: number | undefined;
  readonly accessToken?: string | undefined;
  readonly idToken?: string | undefined;
  readonly refreshToken?: string | undefined;
  readonly additionalClaims?: ReadonlyMap<string, unknown> | undefined;
}

/** A claim's value as text: texts as they are, anything else as JSON. */
function claimText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return (
    JSON.stringify(value, (_, member: unknown) =>
      member instanceof Map ? Object.fromEntries(member) : member,
    ) ?? ""
  );
}

/** A claim's values as texts: each element of a list, else the one value; an empty one for what is absent. */
export function claimTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(claimText) : [claimText(value)];
}

/** Reads one claim of a session; absent and empty values may be among the texts. */
export type ClaimReader = (session: Identified) => readonly string[];

const READERS: ReadonlyMap<string, ClaimReader> = new Map<string, ClaimReader>([
  ["access_token", ({ accessToken }) => [accessToken ?? ""]],
  ["id_token", ({ idToken }) => [idToken ?? ""]],
  ["refresh_token", ({ refreshToken }) => [refreshToken ?? ""]],
  ["created_at", ({ refreshedAt }) => [goTime(refreshedAt)]],
  ["expires_on", ({ expiresOn }) => [expiresOn === undefined ? "" : goTime(expiresOn)]],
  ["email", ({ email }) => [email]],
  ["user", ({ subject }) => [subject]],
  ["groups", ({ groups }) => groups.filter(unambiguous)],
  ["preferred_username", ({ preferredUsername }) => [preferredUsername]],
]);

/** A group name with a comma could pass for several groups: it is left out. */
const unambiguous = (group: string): boolean => !group.includes(",");

/** True for a claim that every session has, and that no provider need be asked for. */
export const isSessionClaim = (claim: string): boolean => READERS.has(claim);

/**
 * Makes the reader of a claim: a member of the session, or an additional claim of that name.
 *
 * @see oauth2-proxy/oauth2-proxy: pkg/apis/sessions/session_state.go (GetClaim)
 */
export function claimReader(claim: string): ClaimReader {
  return READERS.get(claim) ?? (({ additionalClaims }) => claimTexts(additionalClaims?.get(claim)));
}
