/**
 * Applies what a hook that ended well asks for: all of it or, with the controller's text, nothing.
 *
 * @module
 */

import { refreshNetworkData, writeAppData, writeUnitData } from "./databags.ts";
import { type Engine, isLeader, relationsOf } from "./engine.ts";
import { ModelError } from "./errors.ts";
import { relationTag } from "./names.ts";
import { applySecrets, checkSecrets, type SecretCommit } from "./secret-commit.ts";
import type { Databag, RelationState, UnitState } from "./state.ts";
import { storageInstance } from "./units.ts";
import type { HookCommit } from "./world.ts";

interface Port {
  readonly protocol: string;
  readonly "from-port": number;
  readonly "to-port": number;
  readonly endpoint: string;
}

type RelationSettings = NonNullable<HookCommit["relation-unit-settings"]>[number];

function refuse(text: string): never {
  throw new ModelError("ERR_COMMIT", text);
}

/** A stable identifier in the shape of a UUID, as the controller's texts have for units. */
export function uuidOf(e: Engine, name: string): string {
  let hash = 0x811c9dc5;
  let digits = "";
  for (let round = 0; round < 4; round += 1) {
    for (const char of `${round}${e.state.uuid}${name}`)
      hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
    digits += (hash >>> 0).toString(16).padStart(8, "0");
  }
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}

function relationOf(e: Engine, u: UnitState, tag: string): RelationState | undefined {
  return relationsOf(e, u.app).find((relation) => relationTag(relation.key) === tag);
}

function checkRelations(e: Engine, u: UnitState, list: readonly RelationSettings[]): void {
  const writesApp = list.some((entry) => entry["application-settings"] !== null);
  if (!writesApp || isLeader(e, u)) return;
  const text = `"${u.name}" is not leader of "${u.app}"`;
  refuse(e.major === 3 ? `prerequisites failed: ${text}` : `executing leadership func: ${text}`);
}

function checkPorts(e: Engine, u: UnitState, ports: readonly Port[]): void {
  if (ports.length === 0) return;
  const endpoints = e.state.applications[u.app]!.charm.endpoints;
  const unknown = ports.map((port) => port.endpoint).filter((name) => name !== "" && !(name in endpoints));
  if (unknown.length > 0) {
    const uuid = uuidOf(e, u.name);
    const text = `invalid endpoint(s); [${[...new Set(unknown)].join(" ")}] does exist on unit ${uuid}`;
    refuse(`update ports: looking up relation endpoint uuids for unit "${uuid}": ${text}`);
  }
  if (e.kubernetes && ports.some((port) => port.protocol === "icmp")) {
    refuse("protocol icmp on caas models not supported");
  }
}

interface StorageAdd {
  readonly name: string;
  readonly count: number;
}

function checkStorage(e: Engine, u: UnitState, adds: readonly StorageAdd[]): void {
  const declared = e.state.applications[u.app]!.charm.storage;
  for (const { name, count } of adds) {
    const prefix = `preparing storage additions: preparing storage add "${name}" for unit "${u.name}"`;
    const definition = declared[name];
    if (!definition) {
      refuse(`${prefix}: getting unit "${uuidOf(e, u.name)}" storage directive: storage name not supported`);
    }
    const present = u.storage.filter((storage) => storage.name === name).length;
    if (definition.max >= 0 && present + count > definition.max) {
      refuse(
        `${prefix}: charm storage "${name}" allows at most ${definition.max} instances, would have ${present + count}`,
      );
    }
  }
}

function withoutEmpty(data: Readonly<Record<string, string>>): Databag {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== ""));
}

function applyRelations(e: Engine, u: UnitState, list: readonly RelationSettings[]): void {
  for (const entry of list) {
    const relation = relationOf(e, u, entry.relation);
    if (!relation) continue;
    if (entry.settings !== null) writeUnitData(relation, u.name, withoutEmpty(entry.settings));
    const app = entry["application-settings"];
    if (app !== null) writeAppData(relation, u.app, withoutEmpty(app));
  }
}

function portText(port: Port): string {
  if (port.protocol === "icmp") return "icmp";
  const range = port["from-port"] === port["to-port"] ? "" : `-${port["to-port"]}`;
  return `${port["from-port"]}${range}/${port.protocol}`;
}

function applyPorts(u: UnitState, open: readonly Port[], close: readonly Port[]): void {
  for (const port of open) {
    const ranges = u.ports[port.endpoint] ?? [];
    if (!ranges.includes(portText(port))) u.ports[port.endpoint] = [...ranges, portText(port)];
  }
  for (const port of close) {
    const left = (u.ports[port.endpoint] ?? []).filter((range) => range !== portText(port));
    if (left.length > 0) u.ports[port.endpoint] = left;
    else delete u.ports[port.endpoint];
  }
}

function applyStorage(e: Engine, u: UnitState, adds: readonly StorageAdd[]): void {
  const app = e.state.applications[u.app]!;
  for (const { name, count } of adds) {
    for (let at = 0; at < count; at += 1) u.storage.push(storageInstance(e, app, u.name, name));
  }
}

/**
 * Checks a commit, then applies it.
 *
 * @throws {ModelError} `ERR_COMMIT`; nothing was changed.
 */
export function applyCommit(e: Engine, u: UnitState, commit: HookCommit): void {
  const relations = commit["relation-unit-settings"] ?? [];
  const open = (commit["open-ports"] ?? []) as readonly Port[];
  const close = (commit["close-ports"] ?? []) as readonly Port[];
  const adds = (commit["storage-add"] ?? []) as readonly StorageAdd[];
  const secrets = commit as unknown as SecretCommit;
  checkSecrets(e, u, secrets);
  checkRelations(e, u, relations);
  checkPorts(e, u, [...open, ...close]);
  checkStorage(e, u, adds);

  if (commit["update-network-info"]) refreshNetworkData(e, u);
  applyRelations(e, u, relations);
  applyPorts(u, open, close);
  const state = commit["unit-state"] as { "charm-state"?: Databag } | undefined;
  if (state?.["charm-state"]) u.charmState = { ...state["charm-state"] };
  applyStorage(e, u, adds);
  applySecrets(e, u, secrets);
}
