import type { HookChanges } from "../model/hook-context/index.ts";
import type { ImmediateCall } from "../model/hook-context/types.ts";
import { relationTag } from "../model/names.ts";
import type { HookWorld, WorldSecret } from "../model/world.ts";
import type { RemovedSecret, SecretOutcome } from "./outcome-shapes.ts";
import type { StateWorld } from "./world-of-state.ts";

/** What of an event concerns secrets. */
export interface SecretEvents {
  readonly world: StateWorld;
  readonly commit: HookChanges | undefined;
  readonly immediate: readonly ImmediateCall[];
}

/** The secrets that the application and the unit own after the event, by label. */
export function secretOutcomes({ world, commit, immediate }: SecretEvents): readonly SecretOutcome[] {
  const secrets = new Map<string, SecretOutcome>();
  for (const secret of world.secrets)
    if (secret.owner !== "") secrets.set(secret.id, existing(secret, world));
  for (const create of commit?.["secret-creates"] ?? []) {
    const id = idOf(create.uri);
    const owner = create["owner-tag"].startsWith("unit-") ? "unit" : "app";
    const fresh: SecretOutcome = { id, owner, label: "", revision: 0, content: {}, grants: [] };
    secrets.set(id, updated(fresh, create));
  }
  const change = (uri: string, next: (before: SecretOutcome) => SecretOutcome): void => {
    const before = secrets.get(idOf(uri));
    if (before !== undefined) secrets.set(before.id, next(before));
  };
  for (const call of immediate) {
    if (call.kind === "secret-read") change(call.id, (before) => ({ ...before, tracked: call.revision }));
    if (call.kind === "secret-label") change(call.id, (before) => ({ ...before, label: call.label }));
  }
  for (const update of commit?.["secret-updates"] ?? [])
    change(update.uri, (before) => updated(before, update));
  for (const id of commit?.["secret-track-latest"] ?? [])
    change(id, (before) => ({ ...before, tracked: before.revision }));
  for (const grant of commit?.["secret-grants"] ?? []) {
    const relation = world.relations.find((one) => relationTag(one.key) === grant["scope-tag"]);
    if (relation !== undefined) change(grant.uri, (before) => granted(before, relation.id));
  }
  for (const revoke of commit?.["secret-revokes"] ?? [])
    change(revoke.uri, (before) => ({ ...before, grants: withoutRevoked(before.grants, revoke, world) }));
  for (const { uri, revisions } of commit?.["secret-deletes"] ?? []) {
    const latest = secrets.get(idOf(uri))?.revision;
    if (revisions === undefined || (latest === 1 && revisions.includes(1))) secrets.delete(idOf(uri));
  }
  return [...secrets.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
}

/** What the event removed, of secrets or whole ones. */
export function removedSecrets(commit: HookChanges | undefined): readonly RemovedSecret[] {
  return (commit?.["secret-deletes"] ?? []).map(({ uri, revisions }) => ({
    id: idOf(uri),
    ...(revisions === undefined ? {} : { revisions }),
  }));
}

function existing(secret: WorldSecret, world: HookWorld): SecretOutcome {
  const tags = (secret.access ?? []).map((access) => access["scope-tag"]);
  return {
    id: secret.id,
    label: secret.label,
    owner: secret.owner.startsWith("unit-") ? "unit" : "app",
    revision: secret.revision,
    ...(secret.tracked === undefined ? {} : { tracked: secret.tracked }),
    content: decoded(secret.content?.[String(secret.revision)] ?? {}),
    grants: world.relations.filter(({ key }) => tags.includes(relationTag(key))).map(({ id }) => id),
    ...(secret.description === undefined ? {} : { description: secret.description }),
    ...(secret.rotate === undefined ? {} : { rotate: secret.rotate }),
    ...(secret.expires === undefined ? {} : { expire: secret.expires }),
  };
}

type SecretUpdate = NonNullable<HookChanges["secret-updates"]>[number];

function updated(before: SecretOutcome, update: SecretUpdate): SecretOutcome {
  const { data } = update.content;
  const { label, description } = update;
  const rotate = update["rotate-policy"];
  const expire = update["expire-time"];
  return {
    ...before,
    ...(data === undefined ? {} : { content: decoded(data), revision: before.revision + 1 }),
    ...(label === undefined ? {} : { label }),
    ...(description === undefined ? {} : { description }),
    ...(rotate === undefined ? {} : { rotate }),
    ...(expire === undefined ? {} : { expire }),
  };
}

function granted(before: SecretOutcome, relation: number): SecretOutcome {
  return { ...before, grants: [...new Set([...before.grants, relation])].sort((a, b) => a - b) };
}

type Revoke = NonNullable<HookChanges["secret-revokes"]>[number];

/** A revoke names the application, and with it every relation to it. */
function withoutRevoked(grants: readonly number[], revoke: Revoke, world: HookWorld): readonly number[] {
  const tags = revoke["subject-tags"];
  const gone = world.relations.filter((one) => tags.includes(`application-${one["remote-app"]}`));
  return grants.filter((id) => !gone.some((relation) => relation.id === id));
}

function idOf(uri: string): string {
  return uri.slice(Math.max(uri.lastIndexOf("/"), uri.lastIndexOf(":")) + 1);
}

/** Content as it was before Juju stored it. */
export function decoded(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
  );
}
