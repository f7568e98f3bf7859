/**
 * What claims say of a person, read as oauth2-proxy reads them: a claim by its name, else along a dotted path; first in the
 * ID token, then at the userinfo endpoint, which is asked once and only when something is missing.
 *
 * @see OpenID Connect Core, sections 5.1 and 5.3
 */
import { goJson, isJsonObject, type JsonObject, NumberText, textMember, withoutNumbers } from "./json.ts";
import { type Identity, ProviderError } from "./provider.ts";

/** Most groups that are kept of a person. */
const MOST_GROUPS = 5000;

/** Which claims are read. */
export interface ClaimNames {
  readonly email: string;
  readonly groups: string;
  readonly additional: readonly string[];
  /** Accept `email_verified: false`. */
  readonly allowUnverified: boolean;
}

/** Where claims come from. */
export interface ClaimSources {
  readonly token: JsonObject;
  /** Asks the userinfo endpoint; undefined when it has none, or must not be asked. */
  readonly userinfo: (() => Promise<JsonObject>) | undefined;
}

/** A claim by its name, or along a dotted path when no claim has that name. `null` is no claim. */
export function claim(claims: JsonObject, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name] ?? undefined;
  let value: unknown = claims;
  for (const key of name.split(".")) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value ?? undefined;
}

/** A claim as one text: lists and objects become JSON. */
export function claimText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : goJson(value);
}

/** Groups as a list: one value is one group; what is no text becomes JSON. */
export function groupsOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value.slice(0, MOST_GROUPS) : [value];
  return list.map(claimText);
}

/** A claim as a truth value; undefined when it is none. */
function truthOf(value: unknown): boolean | undefined {
  const text = value instanceof NumberText ? value.text : value;
  if (text === true || (typeof text === "string" && /^(?:1|t|T|TRUE|true|True)$/.test(text))) return true;
  if (text === false || (typeof text === "string" && /^(?:0|f|F|FALSE|false|False)$/.test(text)))
    return false;
  return undefined;
}

/** Reads claims from the token, else from the userinfo endpoint. */
class ClaimReader {
  readonly #sources: ClaimSources;
  #info: JsonObject | undefined;

  constructor(sources: ClaimSources) {
    this.#sources = sources;
  }

  async get(name: string): Promise<unknown> {
    if (name === "") return undefined;
    const value = claim(this.#sources.token, name);
    if (value !== undefined || this.#sources.userinfo === undefined) return value;
    this.#info ??= await this.#sources.userinfo();
    return claim(this.#info, name);
  }
}

/**
 * Reads who somebody is.
 *
 * @throws {ProviderError} `person` when the address is not verified; what the userinfo endpoint's request throws.
 */
export async function readIdentity(
  issuer: string,
  sources: ClaimSources,
  names: ClaimNames,
): Promise<Identity> {
  const reader = new ClaimReader(sources);
  const identity = {
    issuer,
    subject: claimText(await reader.get("sub")),
    email: claimText(await reader.get(names.email)),
    groups: groupsOf(await reader.get(names.groups)),
    preferredUsername: claimText(await reader.get("preferred_username")),
    acr: textMember(sources.token, "acr"),
    sid: textMember(sources.token, "sid"),
    additionalClaims: await additionalClaims(reader, names.additional),
  };
  if (names.email === "email" && !names.allowUnverified) {
    const verified = await reader.get("email_verified");
    if (verified !== undefined && truthOf(verified) !== true)
      throw new ProviderError("person", "email-not-verified");
  }
  return identity;
}

async function additionalClaims(
  reader: ClaimReader,
  names: readonly string[],
): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const name of names) {
    const value = await reader.get(name);
    if (value !== undefined) found.set(name, withoutNumbers(value));
  }
  return found;
}
