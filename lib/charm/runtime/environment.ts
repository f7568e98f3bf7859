/**
 * Juju's variables, read once. Empty text means absent everywhere.
 *
 * @see Juju: hook environment variables
 * @module
 */

import type { HookPlace } from "../context.ts";
import type {
  PebbleEvent,
  PlainEvent,
  RelationEvent,
  SecretEvent,
  SeriesUpgradeEvent,
  StorageEvent,
} from "../events.ts";

/** A hook's environment. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Any event, as its handler gets it. */
export type AnyEvent =
  | PlainEvent
  | RelationEvent
  | SecretEvent
  | PebbleEvent
  | StorageEvent
  | SeriesUpgradeEvent;

/** What the environment says about this run. */
export interface Invocation {
  readonly unit: string;
  readonly app: string;
  readonly model: string;
  readonly modelUuid: string;
  readonly jujuVersion: string;
  /** What else Juju says of the place the hook runs in. */
  readonly place: HookPlace;
  /** The application at the other end of the hook's own relation; empty for other relations. */
  readonly remoteAppOf: (relation: number) => string;
  /** Id of the relation that is breaking in this hook. */
  readonly breaking: number | undefined;
  /** Id of the storage instance that is detached after this hook. */
  readonly detaching: string | undefined;
  readonly run:
    | { readonly kind: "hook"; readonly event: AnyEvent }
    | { readonly kind: "action"; readonly name: string; readonly id: string };
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
  const relation = relationId(env);
  const remoteApp = env["JUJU_REMOTE_APP"] ?? "";
  const event = isAction ? undefined : eventOf(name, env);
  return {
    unit,
    app: unit.slice(0, unit.lastIndexOf("/")),
    model: env["JUJU_MODEL_NAME"] ?? "",
    modelUuid: env["JUJU_MODEL_UUID"] ?? "",
    jujuVersion: env["JUJU_VERSION"] ?? "",
    place: placeOf(env),
    remoteAppOf: (id) => (id === relation ? remoteApp : ""),
    breaking: name.endsWith("-relation-broken") && !isAction ? relation : undefined,
    detaching: name.endsWith("-storage-detaching") && !isAction ? env["JUJU_STORAGE_ID"] : undefined,
    run:
      event === undefined
        ? { kind: "action", name, id: env["JUJU_ACTION_UUID"] ?? "" }
        : { kind: "hook", event },
  };
}

/** Absent where Juju says nothing. */
function placeOf(env: Env): HookPlace {
  const text = (name: string) => env[name] || undefined;
  return {
    charmDir: env["JUJU_CHARM_DIR"] || process.cwd(),
    kubernetes: !env["JUJU_MACHINE_ID"],
    machineId: text("JUJU_MACHINE_ID"),
    principalUnit: text("JUJU_PRINCIPAL_UNIT"),
    availabilityZone: text("JUJU_AVAILABILITY_ZONE"),
    cloudApiVersion: text("CLOUD_API_VERSION"),
    apiAddresses: (env["JUJU_API_ADDRESSES"] ?? "").split(" ").filter((address) => address !== ""),
    proxy: {
      http: text("JUJU_CHARM_HTTP_PROXY"),
      https: text("JUJU_CHARM_HTTPS_PROXY"),
      ftp: text("JUJU_CHARM_FTP_PROXY"),
      no: text("JUJU_CHARM_NO_PROXY"),
    },
    tracing: {
      http: text("JUJU_CHARM_TRACE_CONFIG_HTTP"),
      grpc: text("JUJU_CHARM_TRACE_CONFIG_GRPC"),
      caCertificate: text("JUJU_CHARM_TRACE_CONFIG_CA_CERT"),
      traceId: text("JUJU_TRACE_ID"),
      spanId: text("JUJU_SPAN_ID"),
    },
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

const OF_RELATIONS = [
  "-relation-created",
  "-relation-joined",
  "-relation-changed",
  "-relation-departed",
  "-relation-broken",
];
const OF_CONTAINERS = [
  "-pebble-ready",
  "-pebble-custom-notice",
  "-pebble-check-failed",
  "-pebble-check-recovered",
];
const OF_SECRETS = ["secret-changed", "secret-rotate", "secret-remove", "secret-expired"];
const OF_STORAGE = ["-storage-attached", "-storage-detaching"];

function eventOf(name: string, env: Env): AnyEvent {
  const ends = (end: string) => name.endsWith(end);
  if (OF_RELATIONS.some(ends)) return relationEvent(name, env);
  if (OF_CONTAINERS.some(ends)) return pebbleEvent(name, env);
  if (OF_SECRETS.includes(name)) return secretEvent(name, env);
  if (OF_STORAGE.some(ends)) return storageEvent(name, env);
  if (name === "pre-series-upgrade" && env["JUJU_TARGET_BASE"])
    return { name, targetBase: env["JUJU_TARGET_BASE"] };
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

function storageEvent(name: string, env: Env): StorageEvent {
  const kind = env["JUJU_STORAGE_KIND"];
  const location = env["JUJU_STORAGE_LOCATION"];
  return {
    name,
    storageId: env["JUJU_STORAGE_ID"] ?? "",
    ...(kind === "filesystem" || kind === "block" ? { kind } : {}),
    ...(location ? { location } : {}),
  };
}

/** Juju 4 gives a bare id in some hooks. */
function withScheme(id: string): string {
  return id === "" || id.startsWith("secret:") ? id : `secret:${id}`;
}

function secretEvent(name: string, env: Env): SecretEvent {
  const label = env["JUJU_SECRET_LABEL"];
  const revision = env["JUJU_SECRET_REVISION"];
  return {
    name,
    secretId: withScheme(env["JUJU_SECRET_ID"] ?? ""),
    ...(label ? { label } : {}),
    ...(revision ? { revision: Number(revision) } : {}),
  };
}
