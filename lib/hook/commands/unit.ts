import { HookOutputError } from "../errors.ts";
import { runJson, runText } from "../run.ts";
import { type Sensitive, sensitive } from "../sensitive.ts";
import { bool, isRecord, map, text } from "../shapes.ts";
import type { HookTransport } from "../transport.ts";

/** Value of a charm option. A secret option gives the URI of the secret. */
export type ConfigValue = string | number | boolean;

/**
 * Options of the charm that are set or have a default; numbers are floating point whatever their type.
 *
 * @throws {HookCommandError} `ERR_HOOK_COMMAND`
 * @see Juju: config-get
 */
export function configGet(transport: HookTransport): Promise<Readonly<Record<string, ConfigValue>>> {
  return runJson(transport, "config-get", [], {
    expected: "a map of texts, numbers and booleans",
    read: (json) => (json === null ? {} : configOf(json, (value) => isConfigValue(value))),
  });
}

/** All options of the charm; null for those that are not set and have no default. See Juju: config-get --all. */
export function configGetAll(
  transport: HookTransport,
): Promise<Readonly<Record<string, ConfigValue | null>>> {
  return runJson(transport, "config-get", ["--all"], {
    expected: "a map of texts, numbers, booleans and null",
    read: (json) => (json === null ? {} : configOf(json, (value) => value === null || isConfigValue(value))),
  });
}

function configOf<T>(json: unknown, isValue: (value: unknown) => boolean): Record<string, T> | undefined {
  return isRecord(json) && Object.values(json).every(isValue) ? (json as Record<string, T>) : undefined;
}

function isConfigValue(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** Whether this unit is the leader, for at least 30 seconds from now. See Juju: is-leader. */
export function isLeader(transport: HookTransport): Promise<boolean> {
  return runJson(transport, "is-leader", [], bool);
}

/** Levels of Juju's log, the least first. */
export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

/** A longer argument cannot be handed to a process on Linux (128 KiB). */
const maxMessageBytes = 100_000;

/**
 * Writes to the model's log; line ends are kept. One record, or several for a message of more than 100 000
 * bytes: it is split at line ends where it has them.
 *
 * @see Juju: juju-log
 */
export async function jujuLog(transport: HookTransport, level: LogLevel, message: string): Promise<void> {
  for (const part of parts(message)) await runText(transport, "juju-log", ["--log-level", level, "--", part]);
}

function parts(message: string): readonly string[] {
  let rest = Buffer.from(message);
  const found: string[] = [];
  while (rest.length > maxMessageBytes) {
    const lineEnd = rest.lastIndexOf(10, maxMessageBytes);
    const end = lineEnd > 0 ? lineEnd : characterStart(rest, maxMessageBytes);
    found.push(rest.toString("utf8", 0, end));
    rest = rest.subarray(lineEnd > 0 ? end + 1 : end);
  }
  return [...found, rest.toString()];
}

/** The first byte at or before `index` that begins a character. Source: RFC 3629, section 3. */
function characterStart(bytes: Buffer, index: number): number {
  let start = index;
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}

/** Version of the workload, for `juju status`; an empty text clears it. See Juju: application-version-set. */
export async function applicationVersionSet(transport: HookTransport, version: string): Promise<void> {
  await runText(transport, "application-version-set", ["--", version]);
}

/** What becomes of a unit or relation, and since when. */
export interface GoalStatus {
  readonly status: string;
  /** `2026-01-02 03:04:05Z` */
  readonly since: string;
}

/** Units that will exist, and per own endpoint the remote applications and units. Peers are not listed. */
export interface GoalState {
  readonly units: Readonly<Record<string, GoalStatus>>;
  readonly relations: Readonly<Record<string, Readonly<Record<string, GoalStatus>>>>;
}

/** What the operator has asked for, reached or not. See Juju: goal-state. */
export function goalState(transport: HookTransport): Promise<GoalState> {
  return runJson(transport, "goal-state", [], {
    expected: "a map with units and relations",
    read: (json) =>
      isRecord(json) && (isRecord(json["units"]) || isRecord(json["relations"]))
        ? ({ units: {}, relations: {}, ...json } as GoalState)
        : undefined,
  });
}

/** Absolute path of a resource's file, downloaded when it changed. See Juju: resource-get. */
export async function resourceGet(transport: HookTransport, name: string): Promise<string> {
  const path = (await runText(transport, "resource-get", ["--", name])).trim();
  if (path === "") throw new HookOutputError("resource-get", "a path");
  return path;
}

/** Cloud of the model; absent keys are empty. Keys as Juju spells them. */
export interface CloudSpec {
  readonly type: string;
  readonly name: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly "identity-endpoint"?: string;
  readonly "storage-endpoint"?: string;
  readonly cacertificates?: readonly string[];
  readonly "skip-tls-verify"?: boolean;
  readonly "is-controller-cloud"?: boolean;
  readonly credential?: {
    readonly "auth-type": string;
    readonly attrs: Readonly<Record<string, Sensitive<string>>>;
    readonly redacted?: readonly string[];
  };
}

/**
 * Cloud and credential of the model.
 *
 * @throws {HookCommandError} `permission-denied` unless the application is trusted.
 * @see Juju: credential-get
 */
export function credentialGet(transport: HookTransport): Promise<CloudSpec> {
  return runJson(transport, "credential-get", [], {
    expected: "a map with type and name",
    read(json) {
      if (!isRecord(json) || typeof json["type"] !== "string") return undefined;
      const credential = json["credential"];
      if (!isRecord(credential)) return json as unknown as CloudSpec;
      const attrs = isRecord(credential["attrs"]) ? credential["attrs"] : {};
      const hidden = Object.entries(attrs).map(([key, value]) => [key, sensitive(String(value))]);
      return {
        ...json,
        credential: { ...credential, attrs: Object.fromEntries(hidden) },
      } as unknown as CloudSpec;
    },
  });
}

/** An address of this unit. On Kubernetes the private one is never found. See Juju: unit-get. */
export function unitGet(
  transport: HookTransport,
  setting: "private-address" | "public-address",
): Promise<string> {
  return runJson(transport, "unit-get", [setting], text);
}

/** Asks for a reboot of the machine after the hook, or at once with `now`, which ends this process. */
export async function reboot(
  transport: HookTransport,
  options: { readonly now?: boolean } = {},
): Promise<void> {
  await runText(transport, "juju-reboot", options.now ? ["--now"] : []);
}

/** One address of a binding; keys as Juju spells them. */
export interface NetworkAddress {
  readonly hostname: string;
  readonly value: string;
  readonly cidr: string;
}

/** Networks of a binding; lists may be empty while a unit has no address yet. */
export interface NetworkInfo {
  readonly "bind-addresses": readonly {
    readonly "mac-address": string;
    readonly "interface-name": string;
    readonly addresses: readonly NetworkAddress[];
  }[];
  readonly "egress-subnets": readonly string[];
  readonly "ingress-addresses": readonly string[];
}

/**
 * Networks of an endpoint or extra binding.
 *
 * @param options.relation Relation id, `db:3` or 3. Default in a relation hook: its relation.
 * @throws {HookCommandError} `not-found` for an unknown binding, or one without addresses.
 * @see Juju: network-get
 */
export function networkGet(
  transport: HookTransport,
  options: { readonly binding: string; readonly relation?: string | number },
): Promise<NetworkInfo> {
  const relation = options.relation === undefined ? [] : ["-r", String(options.relation)];
  return runJson(transport, "network-get", [...relation, "--", options.binding], {
    expected: map.expected,
    read(json) {
      if (!isRecord(json)) return undefined;
      const list = (key: string): readonly unknown[] => (Array.isArray(json[key]) ? json[key] : []);
      return {
        "bind-addresses": list("bind-addresses") as NetworkInfo["bind-addresses"],
        "egress-subnets": list("egress-subnets") as readonly string[],
        "ingress-addresses": list("ingress-addresses") as readonly string[],
      };
    },
  });
}
