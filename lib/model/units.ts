/** Units: they come with an application's scale and go through `stop` and `remove`, or at once by force. */

import { leaveScope, leaveUncreated, refreshNetworkData, removeEmptyRelation } from "./databags.ts";
import { dropRelation, type Engine, relationsOf, status, unitsOf } from "./engine.ts";
import { electLeader } from "./leadership.ts";
import { applicationOf } from "./names.ts";
import { cancelQueued } from "./operations.ts";
import type { ApplicationState, ContainerState, RelationState, StorageState, UnitState } from "./state.ts";

function newStorage(e: Engine, app: ApplicationState, unit: string): StorageState[] {
  const storage: StorageState[] = [];
  for (const [name, definition] of Object.entries(app.charm.storage)) {
    for (let count = 0; count < definition.min; count += 1) storage.push(storageInstance(e, app, unit, name));
  }
  return storage;
}

/** One new instance of a storage that the charm declares. */
export function storageInstance(e: Engine, app: ApplicationState, unit: string, name: string): StorageState {
  const definition = app.charm.storage[name]!;
  const id = `${name}/${e.state.nextStorage++}`;
  const location = e.storageLocation?.(unit, id) ?? definition.location ?? `/var/lib/juju/storage/${id}`;
  return { id, name, kind: definition.type, location, attached: false, life: "alive" };
}

/** Addresses as a small cluster would give them, when the host has none. */
export function newAddress(e: Engine, prefix: string): string {
  const index = e.state.nextAddress++;
  return `${prefix}.${Math.floor(index / 250) % 250}.${(index % 250) + 2}`;
}

/** A container whose agent has told nothing yet. */
export function newContainer(): ContainerState {
  return { bootId: undefined, handledBootId: undefined, notices: [], retryAt: undefined };
}

export function createUnit(
  e: Engine,
  app: ApplicationState,
  ordinal: number,
  o: { readonly machine?: string; readonly principal?: UnitState } = {},
): UnitState {
  const { machine = "", principal } = o;
  const name = `${app.name}/${ordinal}`;
  const address = principal
    ? principal.address
    : e.network
      ? e.network.unitAddress(name)
      : newAddress(e, "10.1");
  const waiting = e.kubernetes ? "installing agent" : "waiting for machine";
  const u: UnitState = {
    name,
    app: app.name,
    ordinal,
    life: "alive",
    machine,
    ...(principal ? { principal: principal.name } : {}),
    agentState: "pending",
    ...(address === undefined ? {} : { address }),
    installed: false,
    started: false,
    stopped: false,
    stopping: false,
    removed: false,
    restartStart: false,
    workload: status(e, "waiting", waiting),
    workloadByCharm: false,
    agent: status(e, "allocating", ""),
    queued: undefined,
    failed: undefined,
    running: undefined,
    leaderAccepted: false,
    leaderVersionSeen: 0,
    charmModifiedSeen: app.charmModified,
    configSeen: undefined,
    relations: {},
    containers: Object.fromEntries(Object.keys(app.charm.containers).map((key) => [key, newContainer()])),
    storage: newStorage(e, app, name),
    charmState: {},
    ports: {},
    updateStatusAt: undefined,
    queue: [],
  };
  e.state.units[name] = u;
  if (e.autoStart) startAgent(e, u);
  return u;
}

/** Units of subordinate charms that live beside this one. */
export function subordinatesOf(e: Engine, principal: string): UnitState[] {
  return Object.values(e.state.units).filter((u) => u.principal === principal);
}

/** A principal unit entered a container relation: the subordinate gets a unit beside it, if it has none. */
export function addSubordinate(e: Engine, u: UnitState, relation: RelationState): void {
  if (relation.scope !== "container" || e.kubernetes || u.principal !== undefined) return;
  const other = relation.endpoints.find((end) => end.app !== u.app)?.app ?? "";
  const app = e.state.applications[other];
  if (app?.life !== "alive" || !app.charm.subordinate) return;
  if (subordinatesOf(e, u.name).some((sub) => sub.app === other)) return;
  createUnit(e, app, app.nextUnit++, { machine: u.machine, principal: u });
}

/** Subordinate units that have no living relation with their principal any more go. */
export function destroyOrphans(e: Engine): void {
  for (const u of Object.values(e.state.units)) {
    if (u.principal === undefined || u.life !== "alive") continue;
    const held = relationsOf(e, u.app).some(
      ({ life, scope, endpoints }) =>
        life === "alive" &&
        scope === "container" &&
        endpoints.some((end) => end.app === applicationOf(u.principal!)),
    );
    if (!held) destroyUnit(e, u, false);
  }
}

/** The agent of a new unit comes up. */
export function startAgent(e: Engine, u: UnitState): void {
  u.agentState = "up";
  if (!u.installed) u.workload = status(e, "waiting", "agent initialising");
  const app = e.state.applications[u.app];
  if (app) electLeader(e, app);
}

/**
 * The agent of a known unit comes up again.
 *
 * @param podReplaced The charm directory is gone: `upgrade-charm`, `config-changed`, `start` follow, and the
 *   containers are new. Without it only the agent restarted.
 */
export function restartAgent(e: Engine, u: UnitState, podReplaced: boolean): void {
  u.agentState = "up";
  u.stopping = false;
  u.stopped = false;
  for (const container of Object.values(u.containers)) {
    for (const notice of container.notices) notice.delivered = false;
    if (!podReplaced) continue;
    container.notices = [];
    container.handledBootId = undefined;
  }
  const app = e.state.applications[u.app];
  if (app) electLeader(e, app);
  if (u.life !== "alive" || !u.installed) return;
  if (podReplaced) {
    u.started = false;
    u.queued = { kind: "upgrade-charm", version: app?.charmModified ?? u.charmModifiedSeen };
  } else if (e.kubernetes && u.started) u.restartStart = true;
}

/** A new address of the unit: databags follow at once, `config-changed` tells the charm. */
export function setAddress(e: Engine, u: UnitState, address: string): void {
  u.address = address;
  refreshNetworkData(e, u);
}

/** Starts a unit's departure; one that never ran a hook is gone at once. */
export function destroyUnit(e: Engine, u: UnitState, force: boolean): void {
  if (u.life === "alive") u.life = "dying";
  u.stopping = false;
  for (const sub of subordinatesOf(e, u.name)) destroyUnit(e, sub, force);
  const untouched = !u.installed && u.running === undefined && u.failed === undefined;
  if (force || untouched) finaliseUnit(e, u);
  else leaveUncreated(e, u);
}

function forgetSecrets(e: Engine, u: UnitState): void {
  for (const secret of Object.values(e.state.secrets)) {
    delete secret.consumers[u.name];
    secret.grants = secret.grants.filter((grant) => grant.subject !== u.name);
    if (secret.owner === u.name) delete e.state.secrets[secret.id];
  }
}

/** The unit is dead: it leaves its relations, its secrets go, and the application goes with its last unit. */
export function finaliseUnit(e: Engine, u: UnitState): void {
  const app = e.state.applications[u.app];
  u.life = "dead";
  cancelQueued(e, u);
  delete e.state.units[u.name];
  for (const relation of relationsOf(e, u.app)) leaveScope(e, u.name, relation);
  forgetSecrets(e, u);
  if (!app) return;
  electLeader(e, app);
  if (app.life === "alive") reconcileScale(e, app);
  sweepApplications(e);
  const principal = e.state.units[u.principal ?? ""];
  if (principal?.removed && subordinatesOf(e, principal.name).length === 0) finaliseUnit(e, principal);
}

/** Kubernetes: units 0 to scale-1 exist; the highest go first and come back under the same name. */
export function reconcileScale(e: Engine, app: ApplicationState): void {
  if (!e.kubernetes || app.life !== "alive") return;
  for (const u of unitsOf(e, app.name).reverse()) {
    if (u.ordinal >= app.scale && u.life === "alive") destroyUnit(e, u, false);
  }
  for (let ordinal = 0; ordinal < app.scale; ordinal += 1) {
    if (!e.state.units[`${app.name}/${ordinal}`]) createUnit(e, app, ordinal);
  }
}

/** Removes every dying application that nothing holds any more. */
export function sweepApplications(e: Engine): void {
  for (const app of Object.values(e.state.applications)) removeEmptyApplication(e, app);
}

/** Removes a dying application that has neither units nor relations with others. */
function removeEmptyApplication(e: Engine, app: ApplicationState): void {
  if (app.life === "alive" || unitsOf(e, app.name).length > 0) return;
  const relations = relationsOf(e, app.name);
  for (const relation of relations) removeEmptyRelation(e, relation);
  if (relationsOf(e, app.name).some((relation) => relation.endpoints.length > 1)) return;
  for (const relation of relations) dropRelation(e, relation);
  for (const secret of Object.values(e.state.secrets)) {
    secret.grants = secret.grants.filter((grant) => grant.subject !== app.name);
    if (secret.owner === app.name) delete e.state.secrets[secret.id];
  }
  delete e.state.applications[app.name];
}
