/**
 * User secrets: made by the operator, owned by the model, read by applications that were granted them.
 *
 * Source: Juju: secrets, `juju add-secret` and its kin.
 *
 * @module
 */

import { application, type Engine } from "./engine.ts";
import { ModelError } from "./errors.ts";
import { secretChecksum } from "./hook-context/index.ts";
import { addRevision, newSecret } from "./secret-commit.ts";
import { prune } from "./secret-events.ts";
import { randomSecretId } from "./secret-ids.ts";
import type { SecretState } from "./state.ts";

const KEY = /^[a-z](?:-?[a-z0-9]){2,}$/;

/** What can be said of a user secret beside its content. */
export interface UserSecretOptions {
  readonly description?: string;
}

/** Key → what it holds; bytes for what is no text. */
export type UserSecretContent = Readonly<Record<string, string | Uint8Array>>;

/** What an update changes; what is left out stays. */
export interface UserSecretChange extends UserSecretOptions {
  /** Other content than the latest is a new revision. */
  readonly content?: UserSecretContent;
  /** Another name. */
  readonly name?: string;
  /** Revisions that nobody tracks any more go by themselves. */
  readonly autoPrune?: boolean;
}

function encoded(content: UserSecretContent): Record<string, string> {
  const keys = Object.keys(content);
  if (keys.length === 0) throw new ModelError("ERR_NOT_VALID", "missing secret value or filename");
  const bad = keys.find((key) => !KEY.test(key));
  if (bad !== undefined) throw new ModelError("ERR_NOT_VALID", `key ${JSON.stringify(bad)} not valid`);
  const entries = keys.map((key) => [key, Buffer.from(content[key] ?? "").toString("base64")]);
  return Object.fromEntries(entries);
}

function userSecrets(e: Engine): SecretState[] {
  return Object.values(e.state.secrets).filter(({ ownerKind }) => ownerKind === "model");
}

/** By name, identifier or URI. @throws {ModelError} `ERR_NOT_FOUND`. */
function findUserSecret(e: Engine, ref: string): SecretState {
  const id = ref.slice(Math.max(ref.lastIndexOf("/"), ref.lastIndexOf(":")) + 1);
  const found = userSecrets(e).find((secret) => secret.label === ref || secret.id === id);
  if (found) return found;
  throw new ModelError("ERR_NOT_FOUND", `secret ${JSON.stringify(ref)} not found`);
}

function checkName(e: Engine, name: string): void {
  if (name === "") {
    throw new ModelError("ERR_NOT_VALID", "secret name needs to be supplied as the first argument");
  }
  if (!userSecrets(e).some(({ label }) => label === name)) return;
  throw new ModelError("ERR_ALREADY_EXISTS", `user secret label ${JSON.stringify(name)} already exists`);
}

function revise(e: Engine, secret: SecretState, data: Record<string, string>): void {
  addRevision(e, secret, { data, checksum: secretChecksum(new Map(Object.entries(data))) });
}

/** @returns The URI, `secret:<id>`. @throws {ModelError} `ERR_ALREADY_EXISTS`, `ERR_NOT_VALID`. */
export function addUserSecret(
  e: Engine,
  name: string,
  content: UserSecretContent,
  o: UserSecretOptions,
): string {
  checkName(e, name);
  const data = encoded(content);
  const id = randomSecretId(e);
  const { description = "" } = o;
  const secret = newSecret(e, { id, owner: "", ownerKind: "model", label: name, description });
  revise(e, secret, data);
  e.state.secrets[id] = secret;
  return `secret:${id}`;
}

/** @throws {ModelError} `ERR_NOT_FOUND`, `ERR_ALREADY_EXISTS`, `ERR_NOT_VALID`. */
export function updateUserSecret(e: Engine, ref: string, change: UserSecretChange): void {
  const secret = findUserSecret(e, ref);
  const data = change.content === undefined ? undefined : encoded(change.content);
  if (change.name !== undefined && change.name !== secret.label) checkName(e, change.name);
  secret.label = change.name ?? secret.label;
  secret.description = change.description ?? secret.description;
  secret.autoPrune = change.autoPrune ?? secret.autoPrune ?? false;
  if (data !== undefined) revise(e, secret, data);
  prune(secret);
}

/** Removes one revision, or with the last one or none named the whole secret. */
export function removeUserSecret(e: Engine, ref: string, revision: number | undefined): void {
  const secret = findUserSecret(e, ref);
  if (revision !== undefined) {
    if (!(revision in secret.content)) {
      throw new ModelError("ERR_NOT_FOUND", `secret revision ${secret.id}/${revision} not found`);
    }
    delete secret.content[revision];
    delete secret.checksums[revision];
  }
  if (revision === undefined || Object.keys(secret.content).length === 0) delete e.state.secrets[secret.id];
}

export function grantUserSecret(e: Engine, ref: string, app: string): void {
  const secret = findUserSecret(e, ref);
  application(e, app);
  if (secret.grants.some(({ subject }) => subject === app)) return;
  secret.grants.push({ subject: app, scope: `model-${e.state.uuid}`, role: "view" });
}

export function revokeUserSecret(e: Engine, ref: string, app: string): void {
  const secret = findUserSecret(e, ref);
  application(e, app);
  secret.grants = secret.grants.filter(({ subject }) => subject !== app);
}
