/**
 * Which relation hook a unit gets next. Per relation: a pending `changed`, then `departed`, `broken`,
 * application `changed`, `joined`, unit `changed`.
 *
 * @module
 */

import { concerns, counterparts, isPeer, localEnd, remoteApp } from "./databags.ts";
import { type Engine, relationsOf, unitsOf } from "./engine.ts";
import { applicationOf } from "./names.ts";
import type { HookInfo, RelationState, UnitRelation, UnitState } from "./state.ts";

/** Chooses among equals; Juju's order is that of a Go map, the engine's is given. */
export type Pick = <T>(candidates: readonly T[]) => T;

/** The order of candidates as they are: for questions that must not use up randomness. */
export const pickFirst: Pick = (candidates) => candidates[0]!;

interface Scene {
  readonly e: Engine;
  readonly u: UnitState;
  readonly relation: RelationState;
  readonly own: UnitRelation;
  /** The relation ends for this unit: it, its unit or its application is going. */
  readonly ending: boolean;
  /** Units of the other side that are there; none when the relation ends. */
  readonly others: readonly string[];
}

export function isEnding(u: UnitState, relation: RelationState): boolean {
  return u.life !== "alive" || relation.life !== "alive" || relation.suspended;
}

function changedPending({ relation, own }: Scene): HookInfo | undefined {
  const remoteUnit = own.changedPending;
  if (remoteUnit === undefined) return undefined;
  const version = relation.unitVersion[remoteUnit] ?? 0;
  return {
    kind: "relation-changed",
    relationId: relation.id,
    remoteUnit,
    remoteApp: applicationOf(remoteUnit),
    version,
  };
}

function departed({ e, u, relation, own, others }: Scene): HookInfo | undefined {
  let remoteUnit: string | undefined;
  for (const member in own.members) {
    if (!others.includes(member) && (remoteUnit === undefined || member < remoteUnit)) remoteUnit = member;
  }
  if (remoteUnit === undefined) return undefined;
  const leaving = u.life !== "alive" || e.state.applications[u.app]?.life !== "alive";
  return {
    kind: "relation-departed",
    relationId: relation.id,
    remoteUnit,
    remoteApp: applicationOf(remoteUnit),
    departingUnit: leaving ? u.name : remoteUnit,
  };
}

/** 4.x runs the `broken` of a peer relation for the last unit of an application that goes. */
function peerBreaks({ e, u }: Scene): boolean {
  const goes = u.life !== "alive" && e.state.applications[u.app]?.life !== "alive";
  return e.major === 4 && goes && unitsOf(e, u.app).length === 1;
}

function broken(scene: Scene): HookInfo | undefined {
  const { u, relation, own, ending } = scene;
  if (!ending || own.broken || !own.created || Object.keys(own.members).length > 0) return undefined;
  if (!isPeer(relation)) {
    return { kind: "relation-broken", relationId: relation.id, remoteApp: remoteApp(relation, u.app) };
  }
  return peerBreaks(scene) ? { kind: "relation-broken", relationId: relation.id, remoteApp: "" } : undefined;
}

function applicationChanged({ u, relation, own, ending }: Scene): HookInfo | undefined {
  if (ending) return undefined;
  const app = remoteApp(relation, u.app);
  const version = relation.appVersion[app] ?? 0;
  if (version === (own.apps[app] ?? 0)) return undefined;
  return { kind: "relation-changed", relationId: relation.id, remoteApp: app, version };
}

function joined({ relation, own, others }: Scene): HookInfo | undefined {
  const remoteUnit = others.find((member) => !(member in own.members));
  if (remoteUnit === undefined) return undefined;
  return {
    kind: "relation-joined",
    relationId: relation.id,
    remoteUnit,
    remoteApp: applicationOf(remoteUnit),
  };
}

function unitChanged({ relation, own, others }: Scene): HookInfo | undefined {
  for (const remoteUnit of others) {
    const version = relation.unitVersion[remoteUnit] ?? 0;
    if (own.members[remoteUnit] !== version) {
      const app = applicationOf(remoteUnit);
      return { kind: "relation-changed", relationId: relation.id, remoteUnit, remoteApp: app, version };
    }
  }
  return undefined;
}

const NOBODY: readonly string[] = [];

const RULES = [changedPending, departed, broken, applicationChanged, joined, unitChanged];

function nextOf(e: Engine, u: UnitState, relation: RelationState): HookInfo | undefined {
  const own = u.relations[relation.id];
  if (!own?.inScope) return undefined;
  const ending = isEnding(u, relation);
  const others = ending ? NOBODY : counterparts(e, relation, u.name);
  const scene: Scene = { e, u, relation, own, ending, others };
  for (const rule of RULES) {
    const hook = rule(scene);
    if (hook) return hook;
  }
  return undefined;
}

/** `relation-created` of a living relation that the unit was not told about. */
export function nextCreated(e: Engine, u: UnitState, pick: Pick): HookInfo | undefined {
  const fresh = relationsOf(e, u.app).filter(
    (relation) => !isEnding(u, relation) && !u.relations[relation.id]?.created && concerns(e, u, relation),
  );
  if (fresh.length === 0) return undefined;
  const relation = pick(fresh);
  return { kind: "relation-created", relationId: relation.id, remoteApp: remoteApp(relation, u.app) };
}

/** The next hook of any relation; peer relations come last. */
export function nextRelationHook(e: Engine, u: UnitState, pick: Pick): HookInfo | undefined {
  const relations = relationsOf(e, u.app);
  const hooks: HookInfo[] = [];
  const ofPeers: HookInfo[] = [];
  for (const relation of relations) {
    const hook = nextOf(e, u, relation);
    if (hook !== undefined) (isPeer(relation) ? ofPeers : hooks).push(hook);
  }
  if (hooks.length > 0) return pick(hooks);
  return ofPeers.length > 0 ? pick(ofPeers) : undefined;
}

/** Brings a hook that is tried again up to date: a `changed` sees what is there now. */
export function refreshed(e: Engine, info: HookInfo): HookInfo {
  const relation = info.relationId === undefined ? undefined : e.state.relations[info.relationId];
  if (!relation || info.kind !== "relation-changed") return info;
  const versions = info.remoteUnit ? relation.unitVersion : relation.appVersion;
  return { ...info, version: versions[info.remoteUnit ?? info.remoteApp ?? ""] ?? 0 };
}

/** Endpoint name of the unit's side, for names and variables. */
export function endpointName(e: Engine, u: UnitState, info: HookInfo): string | undefined {
  const relation = info.relationId === undefined ? undefined : e.state.relations[info.relationId];
  return relation ? localEnd(relation, u.app).endpoint : undefined;
}
