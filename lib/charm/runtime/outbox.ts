/**
 * What the handler wants to write. Collected, then sent once in a fixed order; nothing that is already so is
 * sent at all.
 *
 * The order makes each thing exist before something points to it: secrets and grants, then databags that name
 * them, then ports, state and version, then removals. Status is sent last, by whoever runs the hook.
 *
 * @module
 */

import type { SecretMetadata } from "../../hook/commands/secrets.ts";
import type { HookCommands } from "../../hook/hook-commands.ts";
import type { RawDatabag } from "../databag.ts";
import type { SecretInput } from "../secrets.ts";
import type { Status } from "../status.ts";
import { sendPorts, type WantedPorts } from "./ports.ts";

/** A change of an owned secret. */
export interface SecretWrite extends SecretMetadata {
  readonly id: string;
  readonly content?: SecretInput;
}

/** What one relation should say. */
interface RelationWrite {
  app?: RawDatabag;
  unit?: RawDatabag;
}

/** What relations say now, to leave out what is already so. */
export interface Published {
  readonly app: RawDatabag;
  readonly unit: RawDatabag;
}

interface Grant {
  readonly secret: string;
  readonly relation: number;
  /** Absent: the application. */
  readonly unit: string | undefined;
}

/** Collects writes of one handler. */
export class Outbox {
  readonly #relations = new Map<number, RelationWrite>();
  readonly #secrets = new Map<string, SecretWrite>();
  readonly #grants = new Map<string, Grant & { readonly granted: boolean }>();
  readonly #removals: { readonly id: string; readonly revision: number | undefined }[] = [];
  readonly #state = new Map<string, string | undefined>();
  readonly #storage = new Map<string, number>();
  readonly #endpoints: readonly string[];
  #ports: WantedPorts | undefined;
  #version: string | undefined;
  #appStatus: Status | undefined;
  #reboot = false;

  /** @param endpoints Names of the charm's endpoints. */
  constructor(endpoints: readonly string[] = []) {
    this.#endpoints = endpoints;
  }

  publish(relation: number, side: "app" | "unit", data: RawDatabag): void {
    this.#relations.set(relation, { ...this.#relations.get(relation), [side]: data });
  }

  /** What this hook has published so far on a relation, if anything. */
  published(relation: number, side: "app" | "unit"): RawDatabag | undefined {
    return this.#relations.get(relation)?.[side];
  }

  setSecret(write: SecretWrite): void {
    this.#secrets.set(write.id, { ...this.#secrets.get(write.id), ...write });
  }

  grant(grant: Grant, granted: boolean): void {
    const { secret, relation, unit = "" } = grant;
    this.#grants.set(`${secret} ${relation} ${unit}`, { ...grant, granted });
  }

  removeSecret(id: string, revision: number | undefined): void {
    this.#removals.push({ id, revision });
  }

  setState(key: string, value: string | undefined): void {
    this.#state.set(key, value);
  }

  /** Whether the hook has written the key, and what. */
  state(key: string): { readonly value: string | undefined } | undefined {
    return this.#state.has(key) ? { value: this.#state.get(key) } : undefined;
  }

  setPorts(ports: WantedPorts): void {
    this.#ports = ports;
  }

  requestStorage(name: string, count: number): void {
    this.#storage.set(name, (this.#storage.get(name) ?? 0) + count);
  }

  reboot(): void {
    this.#reboot = true;
  }

  setVersion(version: string): void {
    this.#version = version;
  }

  setAppStatus(status: Status): void {
    this.#appStatus = status;
  }

  /** The application's status, for whoever runs the hook to send. */
  get appStatus(): Status | undefined {
    return this.#appStatus;
  }

  /** Sends everything. `current` says what each relation says now. */
  async send(juju: HookCommands, current: (relation: number) => Published): Promise<void> {
    for (const write of this.#secrets.values()) await juju.secretSet(write);
    for (const { secret, relation, unit, granted } of this.#grants.values()) {
      const grant = { id: secret, relation, ...(unit === undefined ? {} : { unit }) };
      await (granted ? juju.secretGrant(grant) : juju.secretRevoke(grant));
    }
    for (const [id, write] of [...this.#relations].sort(([a], [b]) => a - b)) {
      await sendDatabags(juju, id, write, current(id));
    }
    if (this.#ports !== undefined) await sendPorts(juju, this.#ports, this.#endpoints);
    await this.#sendState(juju);
    await juju.storageAdd(Object.fromEntries(this.#storage));
    for (const { id, revision } of this.#removals) {
      await juju.secretRemove({ id, ...(revision === undefined ? {} : { revision }) });
    }
    if (this.#version !== undefined) await juju.applicationVersionSet(this.#version);
    if (this.#reboot) await juju.reboot();
  }

  async #sendState(juju: HookCommands): Promise<void> {
    const set = [...this.#state].filter((entry): entry is [string, string] => entry[1] !== undefined);
    if (set.length > 0) await juju.stateSet(Object.fromEntries(set));
    for (const [key, value] of this.#state) if (value === undefined) await juju.stateDelete(key);
  }
}

async function sendDatabags(
  juju: HookCommands,
  id: number,
  write: RelationWrite,
  current: Published,
): Promise<void> {
  if (write.app !== undefined) await sendDatabag(juju, id, "app", write.app, current.app);
  if (write.unit !== undefined) await sendDatabag(juju, id, "unit", write.unit, current.unit);
}

async function sendDatabag(
  juju: HookCommands,
  id: number,
  side: "app" | "unit",
  wanted: RawDatabag,
  now: RawDatabag,
): Promise<void> {
  const data = changesOf(wanted, now);
  if (data !== undefined) await juju.relationSet({ relation: id, app: side === "app", data });
}

/** Keys to set, and keys to delete as empty text: what Juju needs to get from `now` to `wanted`, if anything. */
function changesOf(wanted: RawDatabag, now: RawDatabag): RawDatabag | undefined {
  const set = Object.keys(wanted).filter((key) => now[key] !== wanted[key]);
  const gone = Object.keys(now).filter((key) => !Object.hasOwn(wanted, key));
  if (set.length + gone.length === 0) return undefined;
  return Object.fromEntries([...set.map((key) => [key, wanted[key]!]), ...gone.map((key) => [key, ""])]);
}
