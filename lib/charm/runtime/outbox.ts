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
import type { CharmContract } from "../contract.ts";
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

const SIDES = ["app", "unit"] as const;

interface DatabagChange {
  readonly relation: number;
  readonly app: boolean;
  readonly data: RawDatabag;
}

/** What a relation says now, to leave out what is already so. */
export type Published = (relation: number, side: "app" | "unit") => RawDatabag;

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
  readonly #contract: CharmContract;
  #ports: WantedPorts | undefined;
  #version: string | undefined;
  #appStatus: Status | undefined;
  #reboot = false;

  constructor(contract: CharmContract) {
    this.#contract = contract;
  }

  publish(relation: number, side: "app" | "unit", data: RawDatabag): void {
    const write = this.#relations.get(relation) ?? {};
    write[side] = data;
    this.#relations.set(relation, write);
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

  /** Sends everything that is not so already. */
  async send(juju: HookCommands, published: Published): Promise<void> {
    for (const write of this.#secrets.values()) await juju.secretSet(write);
    for (const { secret, relation, unit, granted } of this.#grants.values()) {
      const grant = { id: secret, relation, ...(unit === undefined ? {} : { unit }) };
      await (granted ? juju.secretGrant(grant) : juju.secretRevoke(grant));
    }
    for (const change of this.#databagChanges(published)) await juju.relationSet(change);
    if (this.#ports !== undefined) await sendPorts(juju, this.#ports, this.#contract);
    if (this.#state.size > 0) await this.#sendState(juju);
    if (this.#storage.size > 0) await juju.storageAdd(Object.fromEntries(this.#storage));
    for (const { id, revision } of this.#removals) {
      await juju.secretRemove({ id, ...(revision === undefined ? {} : { revision }) });
    }
    if (this.#version !== undefined) await juju.applicationVersionSet(this.#version);
    if (this.#reboot) await juju.reboot();
  }

  #databagChanges(published: Published): DatabagChange[] {
    const changes: DatabagChange[] = [];
    for (const relation of [...this.#relations.keys()].sort((a, b) => a - b)) {
      for (const side of SIDES) {
        const wanted = this.published(relation, side);
        if (wanted === undefined) continue;
        const keys = changesOf(wanted, published(relation, side));
        if (keys.length > 0) changes.push({ relation, app: side === "app", data: Object.fromEntries(keys) });
      }
    }
    return changes;
  }

  async #sendState(juju: HookCommands): Promise<void> {
    const set = [...this.#state].filter((entry): entry is [string, string] => entry[1] !== undefined);
    if (set.length > 0) await juju.stateSet(Object.fromEntries(set));
    for (const [key, value] of this.#state) if (value === undefined) await juju.stateDelete(key);
  }
}

/** What Juju needs to get from `now` to `wanted`: keys to set, and keys to delete as empty text. */
function changesOf(wanted: RawDatabag, now: RawDatabag): [string, string][] {
  const changes: [string, string][] = [];
  for (const key of Object.keys(wanted)) {
    if (now[key] !== wanted[key]) changes.push([key, wanted[key] ?? ""]);
  }
  for (const key of Object.keys(now)) if (!Object.hasOwn(wanted, key)) changes.push([key, ""]);
  return changes;
}
