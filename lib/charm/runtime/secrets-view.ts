import type { SecretDescription } from "../../hook/commands/secrets.ts";
import { HookCommandError } from "../../hook/errors.ts";
import type { HookCommands } from "../../hook/hook-commands.ts";
import { sensitive } from "../../hook/sensitive.ts";
import { SecretUnavailableError } from "../errors.ts";
import type {
  OwnedSecret,
  Rotation,
  SecretContent,
  SecretInfo,
  SecretInput,
  SecretOptions,
  Secrets,
} from "../secrets.ts";
import { undefinedIfNotFound } from "./command-failure.ts";
import type { Outbox } from "./outbox.ts";
import type { Redactor } from "./redactor.ts";
import { reveal } from "./reveal.ts";

/** What the secrets of a hook need. */
export interface SecretsInput {
  readonly juju: HookCommands;
  readonly outbox: Outbox;
  readonly redactor: Redactor;
  readonly leader: boolean;
  readonly modelUuid: string;
}

/** An owned secret, and what Juju keeps about it; followers are not told that. */
interface Found {
  readonly secret: OwnedSecret;
  readonly about: SecretDescription | undefined;
}

/** Secrets as handlers see them. */
export function secretsView(input: SecretsInput): Secrets {
  const { outbox } = input;
  const found = new Map<string, Promise<Found | undefined>>();
  const observed = new Map<string, Promise<SecretContent>>();
  const find = (label: string) => remembered(found, label, () => findOwned(input, label));
  const add = async (label: string, content: SecretInput, options: SecretOptions) => {
    const secret = await addSecret(input, label, content, options);
    found.set(label, Promise.resolve({ secret, about: undefined }));
    return secret;
  };
  const mayWrite = (options: SecretOptions) => input.leader || options.owner === "unit";
  return {
    ensure: async (label, make, options = {}) => {
      const existing = await find(label);
      if (existing !== undefined || !mayWrite(options)) return existing?.secret;
      return await add(label, await make(), options);
    },
    set: async (label, content, options = {}) => {
      const existing = await find(label);
      if (!mayWrite(options)) return existing?.secret;
      if (existing === undefined) return await add(label, content, options);
      const changed = changeOf(existing, content, options);
      if (changed === undefined) return existing.secret;
      outbox.setSecret({ id: existing.secret.id, ...changed });
      const secret = { ...existing.secret, content: protect(input.redactor, content) };
      found.set(label, Promise.resolve({ secret, about: existing.about }));
      return secret;
    },
    byLabel: async (label) => (await find(label))?.secret,
    get: (id, { refresh = false, peek = false, label } = {}) => {
      if (refresh && peek)
        throw new TypeError("Cannot read a secret: refresh and peek are given, must be one of them");
      const revision = refresh ? "refresh" : peek ? "peek" : "tracked";
      return remembered(observed, `${id} ${revision} ${label ?? ""}`, () =>
        observe(input, { id, revision, ...(label === undefined ? {} : { label }) }),
      );
    },
    info: async (label) => {
      const about =
        (await find(label))?.about ?? (await input.juju.secretInfoGet({ label }).catch(undefinedIfNotFound));
      return about === undefined ? undefined : infoOf(about);
    },
    grant: ({ id }, relation, { unit } = {}) =>
      writeOwned(input, id, () => outbox.grant({ secret: id, relation: relation.id, unit }, true)),
    revoke: ({ id }, relation, { unit } = {}) =>
      writeOwned(input, id, () => outbox.grant({ secret: id, relation: relation.id, unit }, false)),
    remove: ({ id }, { revision } = {}) => writeOwned(input, id, () => outbox.removeSecret(id, revision)),
  };

  function remembered<T>(memory: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
    const answer = memory.get(key) ?? ask();
    memory.set(key, answer);
    return answer;
  }
}

/** A follower's secret of the application has no id: what it wants to write is the leader's to write. */
function writeOwned({ leader }: SecretsInput, id: string, write: () => void): void {
  if (id !== "") write();
  else if (leader) throw new TypeError("Cannot write a secret: its id is empty, must be one this unit owns");
}

/** Looks up by label: the owner gets id and latest revision, which it tracks from then on. */
async function findOwned(
  { juju, redactor, modelUuid }: SecretsInput,
  label: string,
): Promise<Found | undefined> {
  const about = await juju.secretInfoGet({ label }).catch(undefinedIfNotFound);
  // By id where it is known: `--label` with `--refresh` has had faults in Juju.
  const which = about === undefined ? { label } : { id: about.id };
  const content = await juju.secretGet({ ...which, revision: "refresh" }).catch(undefinedIfNotFound);
  if (content === undefined) return undefined;
  for (const value of Object.values(content)) redactor.add(value.reveal());
  return { secret: { id: about === undefined ? "" : uriOf(about.id, modelUuid), label, content }, about };
}

/** One spelling whatever Juju printed, so that published text does not change; readable from other models too. */
function uriOf(id: string, modelUuid: string): string {
  const bare = id.slice(Math.max(id.lastIndexOf("/"), id.lastIndexOf(":")) + 1);
  return modelUuid === "" ? `secret:${bare}` : `secret://${modelUuid}/${bare}`;
}

async function addSecret(
  { juju, redactor, modelUuid }: SecretsInput,
  label: string,
  content: SecretInput,
  options: SecretOptions,
): Promise<OwnedSecret> {
  const guarded = protect(redactor, content);
  const { owner, ...metadata } = options;
  const kept = { ...metadata, owner: owner === "unit" ? ("unit" as const) : ("application" as const) };
  const id = uriOf(await juju.secretAdd({ ...kept, label, content: guarded }), modelUuid);
  return { id, label, content: guarded };
}

function protect(redactor: Redactor, content: SecretInput): SecretContent {
  const values = Object.entries(content).map(([key, value]) => [key, reveal(value)] as const);
  for (const [, value] of values) redactor.add(value);
  return Object.fromEntries(values.map(([key, value]) => [key, sensitive(value)]));
}

/** What has to be sent so that the secret is as wanted; `undefined`: nothing. */
function changeOf({ secret, about }: Found, content: SecretInput, options: SecretOptions) {
  const { owner: _owner, expire, description, rotate } = options;
  const sameContent = isSame(secret.content, content);
  const sameMetadata =
    (description === undefined || description === about?.description) &&
    (rotate === undefined || rotate === (about?.rotation ?? "never"));
  if (sameContent && (sameMetadata || about === undefined)) return undefined;
  return {
    ...(sameContent ? {} : { content, ...(expire === undefined ? {} : { expire }) }),
    ...(description === undefined ? {} : { description }),
    ...(rotate === undefined ? {} : { rotate }),
  };
}

function isSame(now: SecretContent, wanted: SecretInput): boolean {
  const keys = Object.keys(wanted);
  return (
    keys.length === Object.keys(now).length &&
    keys.every((key) => now[key] !== undefined && reveal(now[key]) === reveal(wanted[key]!))
  );
}

interface Observed {
  readonly id: string;
  readonly revision: "tracked" | "peek" | "refresh";
  readonly label?: string;
}

async function observe({ juju, redactor }: SecretsInput, wanted: Observed): Promise<SecretContent> {
  try {
    const content = await juju.secretGet(wanted);
    for (const value of Object.values(content)) redactor.add(value.reveal());
    return content;
  } catch (cause) {
    const reason = cause instanceof HookCommandError ? cause.reason : undefined;
    if (reason !== "not-found" && reason !== "permission-denied") throw cause;
    throw new SecretUnavailableError(wanted.id, { cause });
  }
}

function infoOf(about: SecretDescription): SecretInfo {
  const { label, owner, revision, description, rotation, rotates, expiry, access = [] } = about;
  return {
    label,
    owner: owner === "unit" ? "unit" : "app",
    revision,
    description,
    rotation: (rotation ?? "never") as Rotation,
    rotates: rotates === undefined ? undefined : new Date(rotates),
    expires: expiry === undefined ? undefined : new Date(expiry),
    access: access.map(({ target, scope }) => ({ target, scope })),
  };
}
