import { compareText } from "./go/text.ts";
import { secretChecksum } from "./secret-data.ts";
import type {
  SecretContentEntry,
  SecretCreate,
  SecretCreateEntry,
  SecretDeleteEntry,
  SecretGrant,
  SecretGrantEntry,
  SecretMetadata,
  SecretRevoke,
  SecretUpdate,
  SecretUpsertEntry,
  SecretValues,
} from "./secret-types.ts";
import { formatSecretUri, type SecretUri } from "./secret-uri.ts";

/** What the running hook wants to change about secrets, merged per secret as the agent does. */
export class SecretChanges {
  readonly creates = new Map<string, SecretCreate>();
  readonly #updates = new Map<string, SecretUpdate>();
  readonly #deletes = new Map<string, { uri: SecretUri; revisions: readonly number[] | undefined }>();
  /** Secret → relation → the one grant kept for both. */
  readonly #grants = new Map<string, Map<string, SecretGrant>>();
  readonly #revokes = new Map<string, readonly SecretRevoke[]>();
  readonly #trackLatest = new Set<string>();

  create(change: SecretCreate): void {
    this.#deletes.delete(change.uri.id);
    this.creates.set(change.uri.id, change);
  }

  update(change: SecretUpdate): void {
    const { id } = change.uri;
    this.#deletes.delete(id);
    const created = this.creates.get(id);
    if (created !== undefined) {
      this.creates.set(id, { ...created, values: { ...created.values, ...change.values } });
      return;
    }
    const previous = this.#updates.get(id);
    const values = { ...previous?.values, ...change.values };
    this.#updates.set(id, { uri: previous?.uri ?? change.uri, values });
  }

  remove(uri: SecretUri, revision: number | undefined): void {
    for (const map of [this.creates, this.#updates, this.#grants, this.#revokes]) map.delete(uri.id);
    this.#trackLatest.delete(uri.id);
    const previous = this.#deletes.get(uri.id);
    let revisions = revision === undefined ? undefined : [revision];
    if (previous !== undefined && revisions !== undefined) {
      // Once all of it goes, a single revision changes nothing.
      revisions = previous.revisions === undefined ? undefined : [...previous.revisions, ...revisions];
    }
    this.#deletes.set(uri.id, { uri: previous?.uri ?? uri, revisions });
  }

  grant(grant: SecretGrant): void {
    const byRelation = this.#grants.get(grant.uri.id) ?? new Map<string, SecretGrant>();
    this.#grants.set(grant.uri.id, byRelation.set(grant.relationKey, grant));
  }

  revoke(revoke: SecretRevoke): void {
    const list = this.#revokes.get(revoke.uri.id) ?? [];
    const covered = list.some(
      (other) => other.subjectTag === revoke.subjectTag || coversUnit(other.subjectTag, revoke.subjectTag),
    );
    if (!covered) this.#revokes.set(revoke.uri.id, [...list, revoke]);
  }

  /** Content written in this hook: a new secret's always, a changed one's only when asked for the latest. */
  pendingContent(request: {
    uri: SecretUri | undefined;
    label: string;
    refresh: boolean;
    peek: boolean;
  }): ReadonlyMap<string, string> | undefined {
    const created = this.#find(this.creates, request);
    if (created?.values.data !== undefined) return created.values.data;
    if (!request.refresh && !request.peek) return undefined;
    const updated = this.#find(this.#updates, request);
    if (updated === undefined) return undefined;
    if (request.refresh) this.#trackLatest.add(updated.uri.id);
    return updated.values.data;
  }

  #find<T extends SecretUpdate>(
    map: Map<string, T>,
    request: { uri: SecretUri | undefined; label: string },
  ): T | undefined {
    const { uri, label } = request;
    const byId = uri === undefined ? undefined : map.get(uri.id);
    if (byId !== undefined) {
      if (label !== "") map.set(byId.uri.id, { ...byId, values: { ...byId.values, label } });
      return byId;
    }
    return label === "" ? undefined : [...map.values()].find((change) => change.values.label === label);
  }

  /** Known secrets with this hook's changes; neither revisions nor grants of this hook show, as in Juju. */
  merge(known: ReadonlyMap<string, SecretMetadata>): ReadonlyMap<string, SecretMetadata> {
    if (this.#isEmpty) return known;
    const result = new Map<string, SecretMetadata>();
    for (const [id, create] of this.creates) result.set(id, created(create));
    for (const [id, secret] of known) {
      if (this.#deletes.has(id)) continue;
      result.set(id, changed(secret, this.#updates.get(id)?.values));
    }
    return result;
  }

  /** The parts of the commit about secrets; only those with something in them. */
  entries(): SecretCommit {
    if (this.#isEmpty) return {};
    const byUri = <T extends { uri: string }>(list: readonly T[]) =>
      list.toSorted((a, b) => compareText(a.uri, b.uri));
    const grants = [...this.#grants.values()].flatMap((byRelation) => [...byRelation.values()]);
    const all = {
      "secret-creates": byUri([...this.creates.values()].map(createEntry)),
      "secret-updates": byUri([...this.#updates.values()].map(({ uri, values }) => upsertEntry(uri, values))),
      "secret-deletes": byUri([...this.#deletes.values()].map(deleteEntry)),
      "secret-grants": byUri(grants.map(grantEntry)),
      "secret-revokes": byUri([...this.#revokes.values()].flat().map(revokeEntry)),
      "secret-track-latest": [...this.#trackLatest].toSorted(compareText),
    };
    return Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0));
  }

  get #isEmpty(): boolean {
    const kept = [this.creates, this.#updates, this.#deletes, this.#grants, this.#revokes, this.#trackLatest];
    return kept.every(({ size }) => size === 0);
  }
}

/** What a commit says about secrets. */
export interface SecretCommit {
  readonly "secret-creates"?: readonly SecretCreateEntry[];
  readonly "secret-updates"?: readonly SecretUpsertEntry[];
  readonly "secret-deletes"?: readonly SecretDeleteEntry[];
  readonly "secret-grants"?: readonly SecretGrantEntry[];
  readonly "secret-revokes"?: readonly SecretGrantEntry[];
  /** Secrets whose new revision this unit tracks from now on. */
  readonly "secret-track-latest"?: readonly string[];
}

function coversUnit(appTag: string, tag: string): boolean {
  if (!appTag.startsWith("application-") || !tag.startsWith("unit-")) return false;
  const app = appTag.slice("application-".length);
  return tag.startsWith(`unit-${app}-`) && /^[0-9]+$/.test(tag.slice(`unit-${app}-`.length));
}

function created({ ownerTag, values }: SecretCreate): SecretMetadata {
  const fresh: SecretMetadata = {
    owner: ownerTag.startsWith("unit-") ? "unit" : "application",
    label: "",
    description: "",
    rotate: "",
    revision: 1,
    checksum: values.data === undefined ? "" : secretChecksum(values.data),
    expires: "",
    nextRotate: "",
    access: [],
  };
  return changed(fresh, values);
}

function changed(secret: SecretMetadata, values: SecretValues | undefined): SecretMetadata {
  return {
    ...secret,
    label: values?.label ?? secret.label,
    description: values?.description ?? secret.description,
    rotate: values?.rotate ?? secret.rotate,
    expires: values?.expire ?? secret.expires,
  };
}

function createEntry({ uri, ownerTag, values }: SecretCreate): SecretCreateEntry {
  return { ...upsertEntry(uri, values), "owner-tag": ownerTag };
}

function upsertEntry(uri: SecretUri, values: SecretValues): SecretUpsertEntry {
  return {
    ...(values.rotate === undefined ? {} : { "rotate-policy": values.rotate }),
    ...(values.expire === undefined ? {} : { "expire-time": values.expire }),
    ...(values.description === undefined ? {} : { description: values.description }),
    ...(values.label === undefined ? {} : { label: values.label }),
    content: contentEntry(values.data),
    uri: formatSecretUri(uri),
  };
}

function contentEntry(data: ReadonlyMap<string, string> | undefined): SecretContentEntry {
  return data === undefined ? {} : { data: Object.fromEntries(data), checksum: secretChecksum(data) };
}

function deleteEntry(change: {
  uri: SecretUri;
  revisions: readonly number[] | undefined;
}): SecretDeleteEntry {
  const revisions = change.revisions === undefined ? {} : { revisions: change.revisions };
  return { uri: formatSecretUri(change.uri), label: "", ...revisions };
}

function grantEntry(grant: SecretGrant): SecretGrantEntry {
  return {
    uri: formatSecretUri(grant.uri),
    "scope-tag": grant.scopeTag,
    "subject-tags": [grant.subjectTag],
    role: "view",
  };
}

function revokeEntry(revoke: SecretRevoke): SecretGrantEntry {
  return {
    uri: formatSecretUri(revoke.uri),
    "scope-tag": revoke.subjectTag,
    "subject-tags": [revoke.subjectTag],
    role: "",
  };
}
