/**
 * What every part of the engine works on: the state, the time and chance it is given, and the Juju it is.
 *
 * @module
 */

import { ModelError } from "./errors.ts";
import { byText } from "./names.ts";
import type { ApplicationState, Life, ModelState, RelationState, StatusRecord, UnitState } from "./state.ts";
import type { WorldNetwork } from "./world.ts";

export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

/** One record of the debug log. */
export interface LogRecord {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Unit name. */
  readonly unit: string;
  /** Such as `juju.worker.uniter.operation` or `unit.web/0.juju-log`. */
  readonly module: string;
  readonly level: LogLevel;
  readonly message: string;
}

/** Where a unit's charm, socket and tools are, for its environment. */
export interface UnitPaths {
  readonly charmDir: string;
  readonly agentSocket: string;
  readonly toolsDir: string;
  readonly resources: string;
  /** Tail of PATH. */
  readonly path?: string;
}

/** Addresses, where the host has better ones than the engine's own. */
export interface ModelNetwork {
  unitAddress(unit: string): string | undefined;
  serviceAddress(application: string): string | undefined;
  /** Whole answer of `network-get`; default: made from the addresses. */
  unitNetwork?(unit: string, endpoint: string): WorldNetwork | undefined;
}

export interface Engine {
  readonly state: ModelState;
  readonly kubernetes: boolean;
  /** Major version of Juju. */
  readonly major: 3 | 4;
  readonly version: string;
  readonly controller: string;
  readonly autoStart: boolean;
  readonly apiAddresses: readonly string[];
  readonly cloudApiVersion: string;
  readonly network?: ModelNetwork;
  readonly paths: (unit: string) => UnitPaths;
  readonly storageLocation?: (unit: string, storage: string) => string;
  now(): number;
  random(): number;
  log(unit: string, module: string, level: LogLevel, message: string): void;
}

/** @throws {ModelError} `ERR_NOT_FOUND`. */
export function application(e: Engine, name: string): ApplicationState {
  const app = e.state.applications[name];
  if (!app) throw new ModelError("ERR_NOT_FOUND", `application "${name}" not found`);
  return app;
}

/** @throws {ModelError} `ERR_NOT_FOUND`. */
export function unit(e: Engine, name: string): UnitState {
  const found = e.state.units[name];
  if (!found) throw new ModelError("ERR_NOT_FOUND", `unit "${name}" not found`);
  return found;
}

/** Units of an application by ordinal. */
export function unitsOf(e: Engine, app: string): UnitState[] {
  return Object.values(e.state.units)
    .filter((u) => u.app === app)
    .sort((a, b) => a.ordinal - b.ordinal);
}

/** Application → its relations; made anew after a relation came or went. */
const relationIndexes = new WeakMap<ModelState, Map<string, RelationState[]>>();

/** Relations of an application by id: integer keys of an object come in ascending order. */
export function relationsOf(e: Engine, app: string): readonly RelationState[] {
  const index = relationIndexes.get(e.state) ?? indexed(e.state);
  relationIndexes.set(e.state, index);
  return index.get(app) ?? [];
}

function indexed(state: ModelState): Map<string, RelationState[]> {
  const index = new Map<string, RelationState[]>();
  for (const relation of Object.values(state.relations)) {
    for (const app of new Set(relation.endpoints.map((end) => end.app))) {
      const list = index.get(app);
      if (list === undefined) index.set(app, [relation]);
      else list.push(relation);
    }
  }
  return index;
}

/** Puts a relation into the model. */
export function keepRelation(e: Engine, relation: RelationState): void {
  e.state.relations[relation.id] = relation;
  relationIndexes.delete(e.state);
}

/** Takes a relation out of the model. */
export function dropRelation(e: Engine, relation: RelationState): void {
  delete e.state.relations[relation.id];
  relationIndexes.delete(e.state);
}

export function isLeader(e: Engine, u: UnitState): boolean {
  return e.state.applications[u.app]?.leader === u.name;
}

export function status(
  e: Engine,
  name: string,
  message: string,
  data?: Record<string, unknown>,
): StatusRecord {
  return { status: name, message, ...(data ? { data } : {}), since: e.now() };
}

/** Sets the agent's status; an unchanged one keeps its time. */
export function setAgent(
  e: Engine,
  u: UnitState,
  name: string,
  message = "",
  data?: Record<string, unknown>,
): void {
  if (u.agent.status === name && u.agent.message === message) return;
  u.agent = status(e, name, message, data);
}

export function isGone(life: Life): boolean {
  return life !== "alive";
}

export function sortedKeys(map: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(map).sort(byText);
}
