/** The secrets of a commit: create, update, grant, revoke, delete, in this order. */

import { type Engine, isLeader } from "./engine.ts";
import { ModelError } from "./errors.ts";
import { nameOfTag, relationTag } from "./names.ts";
import { manages, nextRotation } from "./secret-events.ts";
import type { SecretState, UnitState } from "./state.ts";

interface SecretContentChange {
  readonly data?: Readonly<Record<string, string>>;
  readonly checksum?: string;
}

interface SecretChange {
  readonly uri: string;
  readonly label?: string;
  readonly description?: string;
  readonly "rotate-policy"?: string;
  readonly "expire-time"?: string;
  readonly content?: SecretContentChange;
}

interface SecretCreate extends SecretChange {
  readonly "owner-tag": string;
}

interface SecretAccess {
  readonly uri: string;
  readonly "scope-tag": string;
  readonly "subject-tags": readonly string[];
  readonly role: string;
}

/** The part of a commit that is about secrets. */
export interface SecretCommit {
  readonly "secret-creates"?: readonly SecretCreate[];
  readonly "secret-updates"?: readonly SecretChange[];
  readonly "secret-deletes"?: readonly { readonly uri: string; readonly revisions?: readonly number[] }[];
  readonly "secret-grants"?: readonly SecretAccess[];
  readonly "secret-revokes"?: readonly SecretAccess[];
}

/** `secret:<id>`, `secret://<model>/<id>` → `<id>`. */
export function secretId(uri: string): string {
  return uri.slice(Math.max(uri.lastIndexOf("/"), uri.lastIndexOf(":")) + 1);
}

function refuse(e: Engine, byLeader: boolean, text: string): never {
  throw new ModelError("ERR_COMMIT", e.major === 4 && byLeader ? `executing leadership func: ${text}` : text);
}

function labelTaken(e: Engine, owner: string, label: string | undefined, except: string): boolean {
  if (!label) return false;
  return Object.values(e.state.secrets).some(
    (secret) => secret.owner === owner && secret.label === label && secret.id !== except,
  );
}

function checkLabel(
  e: Engine,
  o: { owner: string; id: string; label?: string | undefined; verb: string },
): void {
  if (!labelTaken(e, o.owner, o.label, o.id)) return;
  const clash = `secret with label "${o.label}" already exists`;
  const four = `${o.verb === "creating" ? "create" : "update"} secrets: ${o.verb} secret "${o.id}": ${clash}`;
  refuse(e, !o.owner.includes("/"), e.major === 3 ? `${o.verb} secrets: ${clash}` : four);
}

function checkLeader(e: Engine, u: UnitState, owner: string): void {
  if (owner === u.app && !isLeader(e, u)) refuse(e, true, `"${u.name}" is not leader of "${u.app}"`);
}

/** @throws {ModelError} `ERR_COMMIT` when any change of secrets is refused. */
export function checkSecrets(e: Engine, u: UnitState, commit: SecretCommit): void {
  for (const create of commit["secret-creates"] ?? []) {
    const owner = nameOfTag(create["owner-tag"]);
    checkLeader(e, u, owner);
    checkLabel(e, { owner, id: secretId(create.uri), label: create.label, verb: "creating" });
  }
  for (const update of commit["secret-updates"] ?? []) {
    const secret = e.state.secrets[secretId(update.uri)];
    if (!secret) {
      // 4.0 lets the change of an unknown secret pass, and nothing happens.
      if (e.major === 3) refuse(e, false, `updating secrets: secret "${secretId(update.uri)}" not found`);
      continue;
    }
    if (!manages(e, u, secret))
      refuse(
        e,
        false,
        e.major === 3 ? "updating secrets: permission denied" : "update secrets: permission denied",
      );
    checkLabel(e, { owner: secret.owner, id: secret.id, label: update.label, verb: "updating" });
  }
  for (const { uri } of commit["secret-deletes"] ?? []) {
    const secret = e.state.secrets[secretId(uri)];
    if (secret && !manages(e, u, secret))
      refuse(
        e,
        false,
        e.major === 3 ? "removing secrets: permission denied" : "delete secrets: permission denied",
      );
  }
}

function setTimes(e: Engine, secret: SecretState, change: SecretChange): void {
  const policy = change["rotate-policy"];
  if (policy !== undefined && policy !== secret.rotate) {
    secret.rotate = policy;
    const at = nextRotation(policy, e.now());
    if (at === undefined) delete secret.rotateAt;
    else secret.rotateAt = at;
  }
  if (change["expire-time"] !== undefined) secret.expireAt = Date.parse(change["expire-time"]);
}

/** New content is a new revision; content equal to the latest is none. */
export function addRevision(e: Engine, secret: SecretState, content: SecretContentChange | undefined): void {
  if (!content?.data) return;
  const checksum = content.checksum ?? JSON.stringify(content.data);
  if (secret.latest > 0 && secret.checksums[secret.latest] === checksum) return;
  secret.latest += 1;
  secret.content[secret.latest] = { ...content.data };
  secret.checksums[secret.latest] = checksum;
  secret.updated = e.now();
  delete secret.expireAt;
  const at = nextRotation(secret.rotate, e.now());
  if (at !== undefined) secret.rotateAt = at;
}

/** A secret without content, which its first revision brings. */
export function newSecret(
  e: Engine,
  about: Pick<SecretState, "id" | "owner" | "ownerKind" | "label" | "description">,
): SecretState {
  return {
    ...about,
    rotate: "never",
    latest: 0,
    content: {},
    checksums: {},
    created: e.now(),
    updated: e.now(),
    removeTold: [],
    grants: [],
    consumers: {},
  };
}

function create(e: Engine, change: SecretCreate): void {
  const owner = nameOfTag(change["owner-tag"]);
  const id = secretId(change.uri);
  const ownerKind = owner.includes("/") ? "unit" : "application";
  const { label = "", description = "" } = change;
  const secret = newSecret(e, { id, owner, ownerKind, label, description });
  addRevision(e, secret, change.content);
  setTimes(e, secret, change);
  e.state.secrets[id] = secret;
}

function update(e: Engine, change: SecretChange): void {
  const secret = e.state.secrets[secretId(change.uri)];
  if (!secret) return;
  if (change.label !== undefined) secret.label = change.label;
  if (change.description !== undefined) secret.description = change.description;
  addRevision(e, secret, change.content);
  setTimes(e, secret, change);
}

function grant(e: Engine, access: SecretAccess): void {
  const secret = e.state.secrets[secretId(access.uri)];
  if (!secret) return;
  const scope = access["scope-tag"];
  const relation = Object.values(e.state.relations).find((candidate) => relationTag(candidate.key) === scope);
  for (const tag of access["subject-tags"]) {
    const subject = nameOfTag(tag);
    secret.grants = secret.grants.filter((own) => own.subject !== subject);
    const bound = relation ? { relation: relation.id } : {};
    secret.grants.push({ subject, scope, role: access.role || "view", ...bound });
  }
}

function revoke(e: Engine, access: SecretAccess): void {
  const secret = e.state.secrets[secretId(access.uri)];
  if (!secret) return;
  const subjects = new Set(access["subject-tags"].map(nameOfTag));
  secret.grants = secret.grants.filter((own) => !subjects.has(own.subject));
}

function remove(e: Engine, uri: string, revisions: readonly number[] | undefined): void {
  const secret = e.state.secrets[secretId(uri)];
  if (!secret) return;
  for (const revision of revisions ?? []) {
    delete secret.content[revision];
    delete secret.checksums[revision];
    if (revision === secret.latest) delete secret.expireAt;
  }
  const left = Object.keys(secret.content).length;
  if (!revisions || revisions.length === 0 || left === 0) delete e.state.secrets[secret.id];
}

/** Applies changes that {@link checkSecrets} accepted. */
export function applySecrets(e: Engine, _u: UnitState, commit: SecretCommit): void {
  for (const change of commit["secret-creates"] ?? []) create(e, change);
  for (const change of commit["secret-updates"] ?? []) update(e, change);
  for (const access of commit["secret-grants"] ?? []) grant(e, access);
  for (const access of commit["secret-revokes"] ?? []) revoke(e, access);
  for (const { uri, revisions } of commit["secret-deletes"] ?? []) remove(e, uri, revisions);
}
