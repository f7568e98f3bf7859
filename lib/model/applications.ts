/** Applications: deploy, scale, configure, refresh, remove. Everything is checked before anything changes. */

import type { CharmMetadata } from "./charm-metadata.ts";
import { application, type Engine, relationsOf, unit, unitsOf } from "./engine.ts";
import { ModelError } from "./errors.ts";
import { isApplicationName } from "./names.ts";
import { checkedConfig, keptConfig } from "./options.ts";
import { addPeerRelations, destroyRelation } from "./relations.ts";
import type { ApplicationState, CharmOrigin } from "./state.ts";
import {
  createUnit,
  destroyUnit,
  newAddress,
  newContainer,
  reconcileScale,
  sweepApplications,
} from "./units.ts";

export interface DeployOptions {
  /** Name; default: the charm's. */
  readonly app?: string;
  /** Default 1. */
  readonly units?: number;
  /** Option → text as on the command line, or a typed value. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly trust?: boolean;
  /** Resource → what the host keeps for it. */
  readonly resources?: Readonly<Record<string, unknown>>;
  /** Default: a local charm of the next revision on `ubuntu@24.04`. */
  readonly charmOrigin?: Partial<CharmOrigin>;
  /** Machine of the first unit; machine models. Default: a new one. */
  readonly to?: string;
}

export interface RefreshOptions {
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly charmOrigin?: Partial<CharmOrigin>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Units in error state go on to the new charm too. */
  readonly forceUnits?: boolean;
}

function originOf(e: Engine, charm: string, o: Partial<CharmOrigin> = {}): CharmOrigin {
  const source = o.source ?? "local";
  const next = e.state.localRevisions[charm] ?? 0;
  const revision = o.revision ?? (source === "local" ? next : 0);
  const channel = o.channel ?? (source === "local" ? "" : "latest/stable");
  return { source, revision, channel, base: o.base ?? "ubuntu@24.04" };
}

function rememberRevision(e: Engine, charm: string, origin: CharmOrigin): void {
  if (origin.source !== "local") return;
  e.state.localRevisions[charm] = Math.max(e.state.localRevisions[charm] ?? 0, origin.revision + 1);
}

function checkResources(charm: CharmMetadata, resources: Readonly<Record<string, unknown>>): void {
  const unknown = Object.keys(resources).find((name) => !(name in charm.resources));
  if (unknown !== undefined) throw new ModelError("ERR_NOT_VALID", `unrecognized resource "${unknown}"`);
}

function checkDeploy(e: Engine, name: string, charm: CharmMetadata, units: number): void {
  // Names are keys of plain objects, and `constructor` is found in every one.
  if (!isApplicationName(name) || name in Object.prototype)
    throw new ModelError("ERR_NOT_VALID", `application name "${name}" not valid`);
  if (e.state.applications[name]) {
    throw new ModelError(
      "ERR_ALREADY_EXISTS",
      `cannot add application "${name}": application already exists`,
    );
  }
  if (!Number.isInteger(units) || units < 0) {
    throw new ModelError("ERR_NOT_VALID", "--num-units must be a positive integer");
  }
  if (!e.kubernetes && Object.keys(charm.containers).length > 0) {
    throw new ModelError(
      "ERR_NOT_SUPPORTED",
      `cannot add application "${name}": charm with containers on a machine model`,
    );
  }
}

/** @throws {ModelError} `ERR_ALREADY_EXISTS`, `ERR_NOT_VALID`, `ERR_CONFIG`, `ERR_NOT_SUPPORTED`. */
export function deploy(e: Engine, charm: CharmMetadata, o: DeployOptions): ApplicationState {
  const name = o.app ?? charm.name;
  const units = charm.subordinate ? 0 : (o.units ?? 1);
  checkDeploy(e, name, charm, units);
  checkResources(charm, o.resources ?? {});
  const config = checkedConfig(charm.options, o.config ?? {});
  const origin = originOf(e, charm.name, o.charmOrigin);
  rememberRevision(e, charm.name, origin);
  const address = e.network ? e.network.serviceAddress(name) : newAddress(e, "10.152");
  const app: ApplicationState = {
    name,
    life: "alive",
    charm: structuredClone(charm),
    origin,
    charmModified: 0,
    config,
    trust: o.trust ?? false,
    exposed: false,
    scale: units,
    nextUnit: 0,
    leader: null,
    ...(e.kubernetes && address !== undefined ? { address } : {}),
    leaderSettings: {},
    leaderVersion: 0,
    resources: { ...o.resources },
    workloadVersion: "",
    destroyStorage: false,
  };
  e.state.applications[name] = app;
  addPeerRelations(e, app);
  if (e.kubernetes) reconcileScale(e, app);
  else for (let count = 0; count < units; count += 1) addMachineUnit(e, app, count === 0 ? o.to : undefined);
  return app;
}

function addMachineUnit(e: Engine, app: ApplicationState, to: string | undefined): void {
  const machine = to ?? String(e.state.nextMachine++);
  if (/^\d+$/.test(machine)) e.state.nextMachine = Math.max(e.state.nextMachine, Number(machine) + 1);
  createUnit(e, app, app.nextUnit++, { machine });
  app.scale = unitsOf(e, app.name).length;
}

function living(e: Engine, name: string): ApplicationState {
  const app = application(e, name);
  if (app.life !== "alive") throw new ModelError("ERR_STATE", `application "${name}" is not alive`);
  return app;
}

/** More units; on Kubernetes a larger scale. */
export function addUnits(e: Engine, name: string, count: number, to?: string): void {
  const app = living(e, name);
  if (app.charm.subordinate) {
    const text = `cannot add unit 1/${count} to application "${name}": application is a subordinate`;
    throw new ModelError("ERR_NOT_SUPPORTED", text);
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new ModelError("ERR_NOT_VALID", "--num-units must be a positive integer");
  }
  if (e.kubernetes) scale(e, name, app.scale + count);
  else for (let at = 0; at < count; at += 1) addMachineUnit(e, app, at === 0 ? to : undefined);
}

/** Kubernetes: the wanted number of units; the highest ordinals go first. */
export function scale(e: Engine, name: string, units: number): void {
  const app = living(e, name);
  if (!e.kubernetes) {
    throw new ModelError(
      "ERR_NOT_SUPPORTED",
      'Juju command "scale-application" only supported on k8s container models',
    );
  }
  if (!Number.isInteger(units) || units < 0)
    throw new ModelError("ERR_NOT_VALID", "scale must be a positive integer");
  app.scale = units;
  reconcileScale(e, app);
}

/** Machine models: one named unit goes. */
export function removeUnit(e: Engine, name: string, force: boolean): void {
  if (e.kubernetes) {
    const text =
      "k8s models do not support removing named units.\nInstead specify an application with --num-units.";
    throw new ModelError("ERR_NOT_SUPPORTED", text);
  }
  const u = unit(e, name);
  if (u.principal !== undefined) {
    const note = `to remove use remove-relation. Note: this will remove all units of "${u.app}"`;
    throw new ModelError("ERR_NOT_SUPPORTED", `unit "${name}" is a subordinate, ${note}`);
  }
  destroyUnit(e, u, force);
}

/** Values the operator sets, all or none. */
export function setConfig(e: Engine, name: string, values: Readonly<Record<string, unknown>>): void {
  const app = application(e, name);
  app.config = { ...app.config, ...checkedConfig(app.charm.options, values) };
}

export function resetConfig(e: Engine, name: string, keys: readonly string[]): void {
  const app = application(e, name);
  const unknown = keys.find((key) => !Object.hasOwn(app.charm.options, key));
  if (unknown !== undefined) throw new ModelError("ERR_CONFIG", `unknown option "${unknown}"`);
  const left = Object.entries(app.config).filter(([key]) => !keys.includes(key));
  app.config = Object.fromEntries(left);
}

/** Relations that the new charm could not serve. */
function checkRelations(e: Engine, app: ApplicationState, charm: CharmMetadata): void {
  for (const relation of relationsOf(e, app.name)) {
    const own = relation.endpoints.find((end) => end.app === app.name)!;
    if (own.endpoint === "juju-info") continue;
    const end = charm.endpoints[own.endpoint];
    if (end && end.role === own.role && end.interface === relation.interface) continue;
    throw refusedUpgrade(app, charm, `would break relation "${relation.key}"`);
  }
}

/** Storage of its units that the new charm does not know. */
function checkStorage(e: Engine, app: ApplicationState, charm: CharmMetadata): void {
  const used = unitsOf(e, app.name).flatMap(({ storage }) => storage.map(({ name }) => name));
  const removed = used.find((name) => charm.storage[name] === undefined);
  if (removed !== undefined) throw refusedUpgrade(app, charm, `in-use storage "${removed}" removed`);
}

function refusedUpgrade({ name }: ApplicationState, charm: CharmMetadata, why: string): ModelError {
  return new ModelError("ERR_STATE", `cannot upgrade application "${name}" to charm "${charm.name}": ${why}`);
}

function upgradeUnits(e: Engine, app: ApplicationState, forceUnits: boolean): void {
  for (const u of unitsOf(e, app.name)) {
    for (const name of Object.keys(app.charm.containers)) u.containers[name] ??= newContainer();
    if (!u.installed) u.charmModifiedSeen = app.charmModified;
    else if (u.failed && forceUnits) u.charmModifiedSeen = app.charmModified;
    else if (e.kubernetes && u.life === "alive" && u.agentState === "up") u.stopping = true;
  }
}

/**
 * A new charm or new resources. On Kubernetes every pod is replaced: units run `stop`, then, in the new pod,
 * `upgrade-charm`, `config-changed` and `start`.
 */
export function refresh(
  e: Engine,
  name: string,
  charm: CharmMetadata | undefined,
  o: RefreshOptions,
): ApplicationState {
  const app = living(e, name);
  const next = charm ?? app.charm;
  checkRelations(e, app, next);
  checkStorage(e, app, next);
  checkResources(next, o.resources ?? {});
  const config = checkedConfig(next.options, o.config ?? {});
  if (charm) {
    app.origin = originOf(e, charm.name, { ...o.charmOrigin, base: o.charmOrigin?.base ?? app.origin.base });
    rememberRevision(e, charm.name, app.origin);
  }
  app.charm = structuredClone(next);
  app.config = { ...keptConfig(next.options, app.config), ...config };
  app.resources = { ...app.resources, ...o.resources };
  app.charmModified += 1;
  addPeerRelations(e, app);
  upgradeUnits(e, app, o.forceUnits ?? false);
  return app;
}

/** Starts an application's departure: relations break, units run their last hooks. */
export function removeApplication(
  e: Engine,
  name: string,
  o: { force?: boolean; destroyStorage?: boolean },
): void {
  const app = application(e, name);
  app.life = "dying";
  app.destroyStorage = o.destroyStorage ?? app.destroyStorage;
  for (const relation of relationsOf(e, name)) {
    if (relation.endpoints.length > 1) destroyRelation(e, relation);
  }
  for (const u of unitsOf(e, name)) destroyUnit(e, u, o.force ?? false);
  sweepApplications(e);
}
