/** Who the provider says the user is. */
import * as client from "openid-client";

/** Claims we use, read from the ID token and, where it lacks them, from the userinfo endpoint. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly preferredUsername: string;
  readonly groups: readonly string[];
}

/** Claims by name; without prototype. */
export type Claims = Readonly<Record<string, unknown>>;

/** Which claims hold the address and the groups. */
export interface ClaimNames {
  readonly email: string;
  readonly groups: string;
}

/** A claim by its name, or along a dotted path when no claim has that name. */
export function claim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const key of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Claims)[key];
  }
  return value;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Groups as a list: one text is one group; elements that are no text become JSON; null is left out. */
export function groupsOf(value: unknown): readonly string[] {
  if (value === undefined || value === null || value === "") return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list
    .filter((item) => item !== null && item !== "")
    .slice(0, 5000)
    .map((item) => (typeof item === "string" ? item : JSON.stringify(item)));
}

/** The identity in claims that were verified. `sub` and `iss` are there then. */
export function identityOf(claims: Claims, names: ClaimNames): Identity {
  const verified = claims["email_verified"];
  return {
    issuer: textOf(claims["iss"]),
    subject: textOf(claims["sub"]),
    email: textOf(claim(claims, names.email)),
    emailVerified: names.email !== "email" || (verified !== false && verified !== "false"),
    preferredUsername: textOf(claims["preferred_username"]),
    groups: groupsOf(claim(claims, names.groups)),
  };
}

function complete(claims: Claims, names: ClaimNames): boolean {
  return [names.email, names.groups, "preferred_username"].every((name) => claim(claims, name) !== undefined);
}

/**
 * Reads the identity in an answer of the token endpoint; asks the userinfo endpoint for what is missing, whose `sub`
 * must be the ID token's.
 *
 * @param subject The user whose tokens they should be; undefined at sign-in.
 * @throws {Error} What openid-client throws: the answer is not to be believed, or the provider does not answer.
 */
export async function readIdentity(
  configuration: client.Configuration,
  tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
  names: ClaimNames,
  subject?: string,
): Promise<Identity | undefined> {
  const claims: Claims = tokens.claims() ?? {};
  const sub = textOf(claims["sub"]) || subject;
  if (sub === undefined || (subject !== undefined && sub !== subject)) return undefined;
  const ask = !complete(claims, names) && configuration.serverMetadata().userinfo_endpoint !== undefined;
  const info: Claims = ask ? await client.fetchUserInfo(configuration, tokens.access_token, sub) : {};
  const issuer = configuration.serverMetadata().issuer;
  return identityOf({ ...info, ...claims, sub, iss: issuer }, names);
}
