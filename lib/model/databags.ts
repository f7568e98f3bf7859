/** Databags of relations and who is in scope. */

import { dropRelation, type Engine, isLeader, relationsOf, status } from "./engine.ts";
import { applicationOf, isUnitOf } from "./names.ts";
import type { Databag, RelationEndpoint, RelationState, UnitRelation, UnitState } from "./state.ts";

export function isPeer(relation: RelationState): boolean {
  return relation.endpoints.length === 1;
}

/** This application's end of the relation. */
export function localEnd(relation: RelationState, app: string): RelationEndpoint {
  const end = relation.endpoints.find((candidate) => candidate.app === app);
  if (!end)
    throw new TypeError(`Cannot find the end of "${app}" in relation ${relation.key}: not an endpoint`);
  return end;
}

/** The other application; for a peer relation the application itself. */
export function remoteApp(relation: RelationState, app: string): string {
  return relation.endpoints.find((end) => end.app !== app)?.app ?? app;
}

/** Units in scope that `unit` can meet, in plain string order. */
export function counterparts(e: Engine, relation: RelationState, unit: string): string[] {
  const wanted = remoteApp(relation, applicationOf(unit));
  const place = relation.scope === "container" ? placeOf(e, unit) : undefined;
  const found: string[] = [];
  for (const member of relation.members) {
    if (member === unit || !isUnitOf(member, wanted)) continue;
    if (place === undefined || placeOf(e, member) === place) found.push(member);
  }
  return found.length < 2 ? found : found.sort();
}

/** The principal unit that a unit is, or lives beside. */
function placeOf(e: Engine, unit: string): string {
  return e.state.units[unit]?.principal ?? unit;
}

/** Whether the unit is part of a relation: a subordinate's container relations are those with its principal. */
export function concerns(e: Engine, u: UnitState, relation: RelationState): boolean {
  if (relation.scope !== "container" || u.principal === undefined) return true;
  const other = remoteApp(relation, u.app);
  return other === applicationOf(u.principal) || e.state.applications[other]?.charm.subordinate === true;
}

export function sameBag(a: Databag, b: Databag): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Writes a databag; identical content is no change. */
export function writeUnitData(relation: RelationState, unit: string, data: Databag): void {
  if (sameBag(relation.unitData[unit] ?? {}, data)) return;
  relation.unitData[unit] = data;
  relation.unitVersion[unit] = (relation.unitVersion[unit] ?? 0) + 1;
}

export function writeAppData(relation: RelationState, app: string, data: Databag): void {
  if (sameBag(relation.appData[app] ?? {}, data)) return;
  relation.appData[app] = data;
  relation.appVersion[app] = (relation.appVersion[app] ?? 0) + 1;
}

/** Address that other units reach this one at: the service's on Kubernetes, else the unit's own. */
export function ingressAddress(e: Engine, u: UnitState): string | undefined {
  return (e.kubernetes ? e.state.applications[u.app]?.address : undefined) ?? u.address;
}

/** Keys that Juju itself keeps in a unit's databags. */
export function networkData(e: Engine, u: UnitState): Databag {
  const address = ingressAddress(e, u);
  if (!address) return {};
  const data: Databag = { "egress-subnets": `${address}/32`, "ingress-address": address };
  return e.major === 3 ? { ...data, "private-address": address } : data;
}

export function refreshNetworkData(e: Engine, u: UnitState): void {
  const data = networkData(e, u);
  for (const relation of relationsOf(e, u.app)) {
    if (relation.members.includes(u.name)) {
      writeUnitData(relation, u.name, { ...relation.unitData[u.name], ...data });
    }
  }
}

export function unitRelation(u: UnitState, id: number): UnitRelation {
  const known = u.relations[id];
  if (known) return known;
  const fresh: UnitRelation = {
    inScope: false,
    created: false,
    broken: false,
    members: {},
    changedPending: undefined,
    apps: {},
  };
  u.relations[id] = fresh;
  return fresh;
}

function enter(e: Engine, u: UnitState, relation: RelationState): void {
  const own = unitRelation(u, relation.id);
  own.inScope = true;
  relation.members.push(u.name);
  writeUnitData(relation, u.name, { ...relation.unitData[u.name], ...networkData(e, u) });
  if (isLeader(e, u) && relation.status.status !== "joined") relation.status = status(e, "joined", "");
}

/** The agent joins every living relation of its application that it is not in yet. */
export function enterScopes(
  e: Engine,
  u: UnitState,
  onEntered: (relation: RelationState) => void = () => undefined,
): void {
  if (u.life !== "alive") return;
  for (const relation of relationsOf(e, u.app)) {
    if (relation.life !== "alive" || relation.suspended || u.relations[relation.id]?.inScope) continue;
    if (!concerns(e, u, relation)) continue;
    enter(e, u, relation);
    onEntered(relation);
  }
}

/** Leaves one relation; a dying relation that nobody is in any more goes away. */
export function leaveScope(e: Engine, unit: string, relation: RelationState): void {
  relation.members = relation.members.filter((member) => member !== unit);
  const own = e.state.units[unit]?.relations[relation.id];
  if (own) own.inScope = false;
  removeEmptyRelation(e, relation);
}

/** A unit that was never told of a relation leaves it without hooks once it ends. */
export function leaveUncreated(e: Engine, u: UnitState): void {
  const open = u.running?.kind === "hook" ? u.running.info : u.failed?.info;
  for (const relation of relationsOf(e, u.app)) {
    const own = u.relations[relation.id];
    const ends = u.life !== "alive" || relation.life !== "alive" || relation.suspended;
    if (own?.inScope && !own.created && ends && open?.relationId !== relation.id)
      leaveScope(e, u.name, relation);
  }
}

/** Removes a dying relation without members, with the grants that were bound to it. */
export function removeEmptyRelation(e: Engine, relation: RelationState): void {
  if (relation.life === "alive" || relation.members.length > 0) return;
  dropRelation(e, relation);
  for (const secret of Object.values(e.state.secrets)) {
    secret.grants = secret.grants.filter((grant) => grant.relation !== relation.id);
  }
  for (const u of Object.values(e.state.units)) {
    const running = u.running?.kind === "hook" ? u.running.info : (u.failed?.info ?? u.queued);
    if (running?.relationId !== relation.id) delete u.relations[relation.id];
  }
}
