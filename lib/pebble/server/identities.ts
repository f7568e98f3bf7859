import { X509Certificate } from "node:crypto";
import type { Identity, IdentityAccess } from "../types.ts";
import { Refusal } from "./respond.ts";
import { verifySha512Crypt } from "./sha512-crypt.ts";

const LEVELS: readonly IdentityAccess[] = ["admin", "read", "metrics", "untrusted"];
const NAME = /^[a-zA-Z][a-zA-Z0-9_-]*$/;
const HIDDEN = "*****";
const MAX_USER_ID = 2 ** 32 - 1;

/** What a request asks for: null takes the identity away. */
export type IdentityChanges = ReadonlyMap<string, Identity | null>;

/** Who may do what, by name. */
export class Identities {
  #known: ReadonlyMap<string, Identity> = new Map();

  /** All of them, passwords and certificates hidden. */
  list(): Record<string, Identity> {
    const shown = ({ access, local, basic, cert }: Identity): Identity => ({
      access,
      ...(local && { local }),
      ...(basic && { basic: { password: HIDDEN } }),
      ...(cert && { cert: { pem: HIDDEN } }),
    });
    return Object.fromEntries([...this.#known].sort().map(([name, one]) => [name, shown(one)]));
  }

  /** Carries out one of Pebble's four actions, whole or not at all. @throws {Refusal} 400 */
  change(action: string, asked: IdentityChanges): void {
    const names = [...asked.keys()].sort();
    if (action === "add" || action === "update" || action === "remove") {
      requireValues(action, asked);
      const faulty = names.filter((name) => this.#known.has(name) === (action === "add"));
      const fault = action === "add" ? "identities already exist" : "identities do not exist";
      if (faulty.length > 0) throw new Refusal(400, `${fault}: ${faulty.join(", ")}`);
    } else if (action !== "replace") {
      throw new Refusal(400, `invalid action "${action}", must be "add", "update", "replace", or "remove"`);
    }
    const next = new Map(this.#known);
    for (const [name, identity] of asked) {
      if (identity === null) next.delete(name);
      else next.set(name, identity);
    }
    requireUniqueUsers(next);
    this.#known = next;
  }

  /** The identity that a name and a password belong to. */
  withPassword(name: string, password: string): Identity | undefined {
    const identity = this.#known.get(name);
    if (!identity?.basic || !verifySha512Crypt(identity.basic.password, password)) return undefined;
    return identity;
  }

  /** The identity of a user of the machine. */
  ofUser(id: number): Identity | undefined {
    return [...this.#known.values()].find(({ local }) => local?.["user-id"] === id);
  }
}

function requireValues(action: string, asked: IdentityChanges): void {
  const removes = action === "remove";
  for (const [name, identity] of asked) {
    if ((identity === null) === removes) continue;
    const must = removes ? "must be null" : "must not be null";
    throw new Refusal(400, `identity value for "${name}" ${must} for ${action} operation`);
  }
}

function requireUniqueUsers(identities: ReadonlyMap<string, Identity>): void {
  const byUser = Map.groupBy(identities, ([, { local }]) => local?.["user-id"]);
  for (const [id, entries] of byUser) {
    if (id === undefined || entries.length < 2) continue;
    const names = entries.map(([name]) => name).sort();
    throw new Refusal(400, `cannot have multiple identities with user ID ${id} (${names.join(", ")})`);
  }
}

/** Reads an identity of a request. @throws {Refusal} 400 with Pebble's reason. */
export function decodeIdentity(name: string, value: unknown): Identity | null {
  if (value === null) return null;
  const fields = fieldsOf(value);
  const fault = identityFault(name, fields);
  if (fault !== undefined) throw new Refusal(400, `invalid identity for "${name}": ${fault}`);
  return fields as unknown as Identity;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const { access, local, basic, cert } = value as Record<string, unknown>;
    const given = Object.entries({ access, local, basic, cert }).filter(([, one]) => one != null);
    return Object.fromEntries(given);
  }
  throw new Refusal(400, "cannot decode request body: json: cannot unmarshal into an identity");
}

function identityFault(
  name: string,
  { access, local, basic, cert }: Record<string, unknown>,
): string | undefined {
  const userId = valueIn(local, "user-id");
  if (local !== undefined && !isUserId(userId)) return "local identity must specify user-id";
  const certFault = cert === undefined ? undefined : certificateFault(String(valueIn(cert, "pem") ?? ""));
  if (certFault !== undefined) return certFault;
  if (!NAME.test(name)) {
    return 'identity name "" invalid: must start with an alphabetic character and only contain alphanumeric characters, underscore, and hyphen';
  }
  const levels = '"admin", "read", "metrics", or "untrusted"';
  if (access === undefined || access === "") return `access value must be specified (${levels})`;
  if (!LEVELS.includes(access as IdentityAccess))
    return `invalid access value "${access}", must be ${levels}`;
  const password = valueIn(basic, "password");
  if (basic !== undefined && (typeof password !== "string" || password === "")) {
    return "basic identity must specify password (hashed)";
  }
  if (local === undefined && basic === undefined && cert === undefined) {
    return 'identity must have at least one type ("local", "basic", or "cert")';
  }
  return undefined;
}

function valueIn(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function isUserId(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_USER_ID;
}

const PEM = /-----BEGIN [A-Z0-9 ]+-----\n[\s\S]*?-----END [A-Z0-9 ]+-----\n?/;

function certificateFault(pem: string): string | undefined {
  const block = PEM.exec(pem);
  if (!block) return "cert identity must include a PEM-encoded certificate";
  if (block.index + block[0].length < pem.length)
    return "cert identity cannot have extra data after the PEM block";
  try {
    new X509Certificate(block[0]);
    return undefined;
  } catch (error) {
    return `cannot parse certificate from cert identity: ${(error as Error).message}`;
  }
}
