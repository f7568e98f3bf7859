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

/** Pebbles of a unit by container. */
export type Pebbles = Iterable<readonly [unit: string, pebbles: ReadonlyMap<string, FakePebble>]>;

/** Everything as it is now. */
export function factsOf(state: Readonly<ModelState>, pebbles: Pebbles): Facts {
  const facts: Facts = new Map();
  for (const app of Object.values(state.applications)) ofApplication(facts, app);
  for (const unit of Object.values(state.units)) ofUnit(facts, unit);
  for (const [unit, containers] of pebbles) {
    for (const [name, pebble] of containers) ofPebble(facts, `${unit} ${name}`, pebble);
  }
  for (const relation of Object.values(state.relations)) ofRelation(facts, relation);
  for (const secret of Object.values(state.secrets)) ofSecret(facts, secret);
  return facts;
}

/** One subject that is no longer what it was. */
export interface Change {
  readonly subject: string;
  readonly before: Fact | undefined;
  readonly after: Fact | undefined;
}

/** What differs between two moments. */
export function changesBetween(before: Facts, after: Facts): readonly Change[] {
  const changes: Change[] = [];
  for (const [subject, fact] of after) {
    const old = before.get(subject);
    if (old?.mark !== fact.mark) changes.push({ subject, before: old, after: fact });
  }
  for (const [subject, old] of before) {
    if (!after.has(subject)) changes.push({ subject, before: old, after: undefined });
  }
  return changes;
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
