/**
 * Juju's variables, read once. Empty text means absent everywhere.
 *
 * @see Juju: hook environment variables
 * @module
 */

import type { PebbleEvent, PlainEvent, RelationEvent, SecretEvent, StorageEvent } from "../events.ts";

/** A hook's environment. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Any event, as its handler gets it. */
export type AnyEvent = PlainEvent | RelationEvent | SecretEvent | PebbleEvent | StorageEvent;

/** What the environment says about this run. */
export interface Invocation {
  readonly unit: string;
  readonly app: string;
  readonly model: string;
  readonly modelUuid: string;
  readonly jujuVersion: string;
  /** The application at the other end of the hook's own relation; empty for other relations. */
  readonly remoteAppOf: (relation: number) => string;
  /** Id of the relation that is breaking in this hook. */
  readonly breaking: number | undefined;
  readonly run:
    | { readonly kind: "hook"; readonly event: AnyEvent }
    | { readonly kind: "action"; readonly name: string };
}

/**
 * Reads the environment.
 *
 * @throws {TypeError} When it is not a hook's: `JUJU_UNIT_NAME` or `JUJU_DISPATCH_PATH` is missing.
 */
export function readEnvironment(env: Env): Invocation {
  const unit = required(env, "JUJU_UNIT_NAME");
  const path = required(env, "JUJU_DISPATCH_PATH");
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isAction = path.startsWith("actions/");
  const event = isAction ? undefined : eventOf(name, env);
  return {
    unit,
    app: unit.slice(0, unit.lastIndexOf("/")),
    model: env["JUJU_MODEL_NAME"] ?? "",
    modelUuid: env["JUJU_MODEL_UUID"] ?? "",
    jujuVersion: env["JUJU_VERSION"] ?? "",
    remoteAppOf: (relation) => (relation === relationId(env) ? (env["JUJU_REMOTE_APP"] ?? "") : ""),
    breaking: name.endsWith("-relation-broken") && !isAction ? relationId(env) : undefined,
    run: event === undefined ? { kind: "action", name } : { kind: "hook", event },
  };
}

function required(env: Env, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new TypeError(`Cannot run the charm: ${name} is not set, must be set by Juju`);
}

function relationId(env: Env): number | undefined {
  const text = env["JUJU_RELATION_ID"] ?? "";
  return text === "" ? undefined : Number(text.slice(text.lastIndexOf(":") + 1));
}

function eventOf(name: string, env: Env): AnyEvent {
  if (/-relation-(created|joined|changed|departed|broken)$/.test(name)) return relationEvent(name, env);
  if (/-pebble-(ready|custom-notice|check-failed|check-recovered)$/.test(name)) return pebbleEvent(name, env);
  if (/^secret-(changed|rotate|remove|expired)$/.test(name)) return secretEvent(name, env);
  if (/-storage-(attached|detaching)$/.test(name)) return { name, storageId: env["JUJU_STORAGE_ID"] ?? "" };
  return { name };
}

function relationEvent(name: string, env: Env): RelationEvent {
  return {
    name,
    relationId: relationId(env) ?? -1,
    endpoint: env["JUJU_RELATION"] ?? "",
    remoteApp: env["JUJU_REMOTE_APP"] ?? "",
    ...(env["JUJU_REMOTE_UNIT"] ? { remoteUnit: env["JUJU_REMOTE_UNIT"] } : {}),
    ...(env["JUJU_DEPARTING_UNIT"] ? { departingUnit: env["JUJU_DEPARTING_UNIT"] } : {}),
  };
}

function pebbleEvent(name: string, env: Env): PebbleEvent {
  const notice = env["JUJU_NOTICE_ID"];
  const check = env["JUJU_PEBBLE_CHECK_NAME"];
  return {
    name,
    container: env["JUJU_WORKLOAD_NAME"] ?? "",
    ...(notice
      ? { notice: { id: notice, type: env["JUJU_NOTICE_TYPE"] ?? "", key: env["JUJU_NOTICE_KEY"] ?? "" } }
      : {}),
    ...(check ? { check } : {}),
  };
}

function secretEvent(name: string, env: Env): SecretEvent {
  const label = env["JUJU_SECRET_LABEL"];
  const revision = env["JUJU_SECRET_REVISION"];
  return {
    name,
    secretId: env["JUJU_SECRET_ID"] ?? "",
    ...(label ? { label } : {}),
    ...(revision ? { revision: Number(revision) } : {}),
  };
}
