import { type HookWorld, lateValue, type WorldSecret } from "../world.ts";
import { OperationError } from "./errors.ts";
import { quote } from "./go/text.ts";
import { textsOf } from "./go/value.ts";
import { applicationTag, unitTag } from "./names.ts";
import { SecretChanges } from "./secret-changes.ts";
import { secretChecksum } from "./secret-data.ts";
import type { SecretGrant, SecretMetadata, SecretRevoke, SecretValues } from "./secret-types.ts";
import type { SecretUri } from "./secret-uri.ts";
import type { Controller, ImmediateCall, SecretContent } from "./types.ts";

const notLeader = "this unit is not the leader";

/** What {@link Secrets} needs of its context. */
export interface SecretsHost {
  readonly world: HookWorld;
  readonly app: string;
  readonly controller: Controller;
  isLeader(): boolean;
  newSecretId(): string;
  immediate(call: ImmediateCall): void;
}

/** The secrets that the running hook may see, and what it wants to change about them. */
export class Secrets {
  readonly changes = new SecretChanges();
  readonly #host: SecretsHost;
  /** Labels that owners gave by reading, which the controller applies at once. */
  readonly #relabelled = new Map<string, string>();
  #known: ReadonlyMap<string, SecretMetadata> | undefined;

  constructor(host: SecretsHost) {
    this.#host = host;
  }

  create(
    values: SecretValues & { owner: "application" | "unit"; data: ReadonlyMap<string, string> },
  ): SecretUri {
    if (values.owner === "application" && !this.#host.isLeader()) throw new OperationError(notLeader);
    const uri = { source: this.#host.world.model.uuid, id: this.#host.newSecretId() };
    const taken = [...this.changes.creates.values()].some(
      (other) => values.label !== undefined && other.values.label === values.label,
    );
    if (taken) throw new OperationError(`secret with label ${quote(values.label ?? "")} already exists`);
    const ownerTag =
      values.owner === "unit" ? unitTag(this.#host.world.unit) : applicationTag(this.#host.app);
    const { owner: _, ...rest } = values;
    this.changes.create({ uri, ownerTag, values: rest });
    return uri;
  }

  update(uri: SecretUri, values: SecretValues): void {
    const known = this.#metadata().get(uri.id);
    this.#checkOwner(known);
    const { data, ...rest } = values;
    const changed = data !== undefined && data.size > 0 && known?.checksum !== secretChecksum(data);
    if (Object.keys(rest).length === 0 && !changed) return;
    this.changes.update({ uri, values: changed ? values : rest });
  }

  remove(uri: SecretUri, revision: number | undefined): void {
    this.#checkOwner(this.#metadata().get(uri.id));
    this.changes.remove(uri, revision);
  }

  grant(grant: SecretGrant): void {
    const known = this.list().get(grant.uri.id);
    if (known === undefined) throw new OperationError(`secret ${quote(grant.uri.id)} not found`);
    this.#checkOwner(known);
    for (const access of known.access) {
      if (access["scope-tag"] !== grant.scopeTag || access.role !== "view") continue;
      if (access["target-tag"] === grant.subjectTag) return;
      if (access["target-tag"].startsWith("application-")) return;
      if (grant.subjectTag.startsWith("application-")) {
        throw new OperationError(
          "any unit level grants need to be revoked before granting access to the corresponding application",
        );
      }
    }
    this.changes.grant(grant);
  }

  revoke(revoke: SecretRevoke): void {
    this.#checkOwner(this.#metadata().get(revoke.uri.id));
    this.changes.revoke(revoke);
  }

  /** Secrets this unit owns, and on the leader the application's, with this hook's changes. */
  list(): ReadonlyMap<string, SecretMetadata> {
    return this.changes.merge(this.#metadata());
  }

  /** Content by identifier or label; what was written in this hook counts as `secret-get` says. */
  read(request: {
    uri?: SecretUri;
    label: string;
    refresh: boolean;
    peek: boolean;
  }): ReadonlyMap<string, string> {
    const { refresh, peek } = request;
    const uri = request.uri ?? this.#ownedByLabel(request.label);
    const label = request.uri === undefined && uri !== undefined ? "" : request.label;
    const pending = this.changes.pendingContent({ uri, label, refresh, peek });
    if (pending !== undefined) return pending;
    const found = this.#host.controller.secretContent({
      ...(uri === undefined ? {} : { id: uri.id }),
      ...(label === "" ? {} : { label }),
      refresh,
      peek,
    });
    this.#report(found, { label, refresh, byUri: uri !== undefined });
    return textsOf(found.content);
  }

  #report(found: SecretContent, read: { label: string; refresh: boolean; byUri: boolean }): void {
    const { id, tracked: revision } = found;
    const relabel = read.byUri && read.label !== "";
    const owned = relabel && this.#owns(id);
    if (owned) {
      this.#relabelled.set(id, read.label);
      this.#host.immediate({ kind: "secret-label", id, label: read.label });
    }
    const label = relabel && !owned ? { label: read.label } : {};
    this.#host.immediate({ kind: "secret-read", id, ...label, revision, refresh: read.refresh });
  }

  #ownedByLabel(label: string): SecretUri | undefined {
    for (const [id, secret] of this.list()) if (secret.label === label) return { id };
    for (const create of this.changes.creates.values()) if (create.values.label === label) return create.uri;
    return undefined;
  }

  #owns(id: string): boolean {
    return this.#ownedSecrets().some((secret) => secret.id === id);
  }

  #checkOwner(secret: SecretMetadata | undefined): void {
    if (secret?.owner === "application" && !this.#host.isLeader()) throw new OperationError(notLeader);
  }

  #ownedSecrets(): readonly WorldSecret[] {
    const { world, app } = this.#host;
    const tags = [unitTag(world.unit), ...(this.#host.isLeader() ? [applicationTag(app)] : [])];
    return lateValue(world.secrets ?? []).filter((secret) => tags.includes(secret.owner));
  }

  /** As the controller told it once in this hook. */
  #metadata(): ReadonlyMap<string, SecretMetadata> {
    this.#known ??= new Map(
      this.#ownedSecrets().map((secret) => [secret.id, describe(secret, this.#relabelled.get(secret.id))]),
    );
    return this.#known;
  }
}

function describe(secret: WorldSecret, label: string | undefined): SecretMetadata {
  return {
    owner: secret.owner.startsWith("unit-") ? "unit" : "application",
    label: label ?? secret.label ?? "",
    description: secret.description ?? "",
    rotate: secret.rotate ?? "",
    revision: secret.revision,
    checksum: secret.checksum ?? "",
    expires: secret.expires ?? "",
    nextRotate: secret["next-rotate"] ?? "",
    access: secret.access ?? [],
  };
}
