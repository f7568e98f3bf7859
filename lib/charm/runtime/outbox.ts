/**
 * What the handler wants to write. Collected, then sent once in a fixed order; nothing that is already so is
 * sent at all.
 *
 * The order makes each thing exist before something points to it: secrets and grants, then databags that name
 * them, then ports, state and version, then removals. Status is sent last, by whoever runs the hook.
 *
 * @module
 */

import type { PortRange } from "../../hook/commands/ports.ts";
import type { SecretMetadata } from "../../hook/commands/secrets.ts";
import type { HookCommands } from "../../hook/hook-commands.ts";
import type { RawDatabag } from "../databag.ts";
import type { SecretInput } from "../secrets.ts";

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
}

/** Collects writes of one handler. */
export class Outbox {
  readonly #relations = new Map<number, RelationWrite>();
  readonly #secrets = new Map<string, SecretWrite>();
  readonly #grants = new Map<string, Grant & { readonly granted: boolean }>();
  readonly #removals: { readonly id: string; readonly revision: number | undefined }[] = [];
  readonly #state = new Map<string, string | undefined>();
  #ports: readonly string[] | undefined;
  #version: string | undefined;

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

  grant(secret: string, relation: number, granted: boolean): void {
    this.#grants.set(`${secret} ${relation}`, { secret, relation, granted });
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

  setPorts(ports: readonly string[]): void {
    this.#ports = ports;
  }

  setVersion(version: string): void {
    this.#version = version;
  }

  /** Sends everything. `current` says what each relation says now. */
  async send(juju: HookCommands, current: (relation: number) => Published): Promise<void> {
    for (const write of this.#secrets.values()) await juju.secretSet(write);
    for (const { secret, relation, granted } of this.#grants.values()) {
      await (granted
        ? juju.secretGrant({ id: secret, relation })
        : juju.secretRevoke({ id: secret, relation }));
    }
    for (const [id, write] of [...this.#relations].sort(([a], [b]) => a - b)) {
      await sendDatabags(juju, id, write, current(id));
    }
    if (this.#ports !== undefined) await sendPorts(juju, this.#ports);
    await this.#sendState(juju);
    for (const { id, revision } of this.#removals) {
      await juju.secretRemove({ id, ...(revision === undefined ? {} : { revision }) });
    }
    if (this.#version !== undefined) await juju.applicationVersionSet(this.#version);
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
  const changes = changesOf(wanted, now);
  if (Object.keys(changes).length > 0)
    await juju.relationSet({ relation: id, app: side === "app", data: changes });
}

/** Keys to set, and keys to delete as empty text: what Juju needs to get from `now` to `wanted`. */
function changesOf(wanted: RawDatabag, now: RawDatabag): RawDatabag {
  const set = Object.entries(wanted).filter(([key, value]) => now[key] !== value);
  const gone = Object.keys(now).filter((key) => !Object.hasOwn(wanted, key));
  return Object.fromEntries([...set, ...gone.map((key) => [key, ""] as const)]);
}

async function sendPorts(juju: HookCommands, wanted: readonly string[]): Promise<void> {
  const opened = await juju.openedPorts();
  const now = opened.map(({ from, to, protocol }) => `${from === to ? from : `${from}-${to}`}/${protocol}`);
  for (const port of wanted.filter((one) => !now.includes(one))) await juju.openPort(rangeOf(port));
  for (const [index, port] of now.entries()) if (!wanted.includes(port)) await juju.closePort(opened[index]!);
}

function rangeOf(port: string): PortRange {
  const [number, protocol] = port.split("/");
  return { from: Number(number), protocol: protocol === "udp" ? "udp" : "tcp" };
}
