/**
 * What a model holds at one moment, as named facts that are cheap to compare: everything that a report tells
 * of. The engine and the fake Pebble replace what changes and never write into it, so that a reference is a
 * fingerprint.
 *
 * @module
 */

import { statusText } from "../../charm/status.ts";
import type {
  ApplicationState,
  ModelState,
  RelationState,
  SecretState,
  UnitState,
} from "../../model/index.ts";
import type { FakePebble } from "../pebble/fake-pebble.ts";

/** Key → text. */
export type Shown = Readonly<Record<string, string>>;

/** One fact: equal marks are equal facts. */
export interface Fact {
  readonly mark: unknown;
  /** `reveal`: secret content in plain text instead of `***`. */
  readonly show: (reveal: boolean) => Shown;
}

/** Subject (`auth/0 status`, `relation 3 hydra`) → fact. */
export type Facts = Map<string, Fact>;

const HIDDEN = "***";

function text(mark: string): Fact {
  return { mark, show: () => ({ "": mark }) };
}

function table(mark: object): Fact {
  return { mark, show: () => flat(mark) };
}

/** Nested values by their path: `services.web.command`. */
export function flat(value: unknown, path = ""): Shown {
  if (typeof value !== "object" || value === null) return { [path]: String(value) };
  const inner = Object.entries(value).map(([key, one]) => flat(one, path === "" ? key : `${path}.${key}`));
  return Object.assign({}, ...inner) as Shown;
}

function unitStatus({ agent, agentState, workload }: UnitState): string {
  if (agentState === "lost") return "unknown: agent lost";
  const { status, message } = agent.status === "error" ? agent : workload;
  return statusText({ name: status, message });
}

function ofUnit(facts: Facts, unit: UnitState): void {
  facts.set(`${unit.name} status`, text(unitStatus(unit)));
  const ports = Object.values(unit.ports).flat();
  if (ports.length > 0) facts.set(`${unit.name} ports`, text(ports.sort().join(" ")));
  if (Object.keys(unit.charmState).length > 0) facts.set(`${unit.name} state`, table(unit.charmState));
  for (const { id, attached } of unit.storage) {
    facts.set(`${unit.name} storage ${id}`, text(attached ? "attached" : "pending"));
  }
}

function ofApplication(facts: Facts, app: ApplicationState): void {
  const { name, config, leader, life, origin, scale, status } = app;
  if (status !== undefined)
    facts.set(`${name} status`, text(statusText({ name: status.status, message: status.message })));
  facts.set(`${name} leader`, text(leader ?? "none"));
  facts.set(`${name} charm`, text(`revision ${origin.revision}, scale ${scale}, ${life}`));
  const options = { ...config };
  const mark = JSON.stringify(options);
  if (mark !== "{}") facts.set(`${name} config`, { mark, show: () => flat(options) });
}

function ofRelation(facts: Facts, { id, key, life, appData, unitData }: RelationState): void {
  facts.set(`relation ${id}`, text(`${key} ${life}`));
  for (const [who, data] of Object.entries(appData)) facts.set(`relation ${id} ${who}`, table(data));
  for (const [who, data] of Object.entries(unitData)) facts.set(`relation ${id} ${who}`, table(data));
}

function ofSecret(facts: Facts, secret: SecretState): void {
  const { id, label, owner, latest, grants, consumers, rotate } = secret;
  const content = secret.content[latest] ?? {};
  const granted = grants.map(({ subject }) => subject).join(" ");
  const tracked = Object.entries(consumers).map(([unit, { tracked: revision }]) => `${unit}@${revision}`);
  const about = { owner: owner || "model", label, revision: String(latest), granted, rotate };
  const shown: Record<string, string> = { ...about, tracked: tracked.join(" ") };
  facts.set(`secret ${label || id}`, {
    mark: Object.values(shown).join("|"),
    show: (reveal) => ({ ...shown, ...contentOf(content, reveal) }),
  });
}

function contentOf(content: Shown, reveal: boolean): Shown {
  const entries = Object.entries(content).map(([key, value]) => [
    `content.${key}`,
    reveal ? Buffer.from(value, "base64").toString() : HIDDEN,
  ]);
  return Object.fromEntries(entries);
}

function ofPebble(facts: Facts, where: string, pebble: FakePebble): void {
  facts.set(`${where} pebble`, text(pebble.canConnect ? `answers, ${pebble.bootId}` : "does not answer"));
  const { plan } = pebble;
  if (Object.keys(plan.services).length > 0) facts.set(`${where} plan`, table(plan));
  const starts = [...pebble.starts].map(([name, count]) => `${name} ${count}`).join(", ");
  if (starts !== "") facts.set(`${where} starts`, text(starts));
}

/** Pebbles of a unit, by container. */
export type PebblesOf = (unit: string) => ReadonlyMap<string, FakePebble> | undefined;

/** Group (a unit, an application, a relation, the secrets) → its facts. */
export type FactGroups = Map<string, Facts>;

const SECRETS = "secrets";

/**
 * Everything as it is now.
 *
 * @param known What was so a moment ago.
 * @param unit Only what a hook of this unit can have changed is looked at again; default: everything.
 */
export function factsOf(
  state: Readonly<ModelState>,
  pebblesOf: PebblesOf,
  known: FactGroups,
  unit?: string,
): FactGroups {
  const app = unit?.slice(0, unit.lastIndexOf("/"));
  const groups: FactGroups = new Map();
  const group = (name: string, touched: boolean, fill: (facts: Facts) => void) => {
    const before = touched ? undefined : known.get(name);
    if (before !== undefined) {
      groups.set(name, before);
      return;
    }
    const facts: Facts = new Map();
    fill(facts);
    groups.set(name, facts);
  };
  const all = unit === undefined;
  for (const name in state.applications) {
    group(`application ${name}`, all || name === app, (facts) =>
      ofApplication(facts, state.applications[name]!),
    );
  }
  for (const name in state.units) {
    group(`unit ${name}`, all || name === unit, (facts) => {
      ofUnit(facts, state.units[name]!);
      for (const [container, pebble] of pebblesOf(name) ?? [])
        ofPebble(facts, `${name} ${container}`, pebble);
    });
  }
  for (const id in state.relations) {
    const relation = state.relations[id]!;
    const ours = all || relation.endpoints.some((end) => end.app === app);
    group(`relation ${id}`, ours, (facts) => ofRelation(facts, relation));
  }
  group(SECRETS, true, (facts) => {
    for (const id in state.secrets) ofSecret(facts, state.secrets[id]!);
  });
  return groups;
}

/** One subject that is no longer what it was. */
export interface Change {
  readonly subject: string;
  readonly before: Fact | undefined;
  readonly after: Fact | undefined;
}

/** What differs between two moments. */
export function changesBetween(before: FactGroups, after: FactGroups): readonly Change[] {
  const changes: Change[] = [];
  const none: Facts = new Map();
  for (const [name, facts] of after) {
    const old = before.get(name) ?? none;
    if (old !== facts) compare(old, facts, changes);
  }
  for (const [name, old] of before) if (!after.has(name)) compare(old, none, changes);
  return changes;
}

function compare(before: Facts, after: Facts, changes: Change[]): void {
  for (const [subject, fact] of after) {
    const old = before.get(subject);
    if (old?.mark !== fact.mark) changes.push({ subject, before: old, after: fact });
  }
  for (const [subject, old] of before) {
    if (!after.has(subject)) changes.push({ subject, before: old, after: undefined });
  }
}

/** One key of a subject: what it was and is; `undefined` where it was or is not. */
export interface Difference {
  readonly key: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A change, key by key, in order of the keys. */
export function differences({ before, after }: Change, reveal: boolean): readonly Difference[] {
  const [old, now] = [before?.show(reveal) ?? {}, after?.show(reveal) ?? {}];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return keys
    .filter((key) => old[key] !== now[key])
    .map((key) => ({ key, before: old[key], after: now[key] }));
}
