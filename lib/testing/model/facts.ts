/**
 * What a model holds at one moment, as named facts that are cheap to compare: everything that a report tells
 * of. The engine and the fake Pebble replace what changes and never write into it, so that a reference is a
 * fingerprint.
 *
 * @module
 */

import { statusText } from "../../charm/status.ts";
import type { ApplicationState, RelationState, SecretState, UnitState } from "../../model/index.ts";
import type { ContainerPebble } from "../pebble/container-pebble.ts";

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

/** A kind of things that facts are about. */
export interface Kind<Thing> {
  /** Everything that its facts are made of, as references and plain values: the same marks, the same facts. */
  readonly marks: (thing: Thing) => readonly unknown[];
  readonly fill: (facts: Facts, thing: Thing) => void;
}

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

/** A unit with its Pebbles by container. */
export interface UnitWithPebbles {
  readonly unit: UnitState;
  readonly pebbles: ReadonlyMap<string, ContainerPebble>;
}

function unitMarks({ unit, pebbles }: UnitWithPebbles): readonly unknown[] {
  const marks: unknown[] = [unitStatus(unit), unit.charmState];
  for (const endpoint in unit.ports) marks.push(endpoint, unit.ports[endpoint]);
  for (const { id, attached } of unit.storage) marks.push(id, attached);
  for (const [, pebble] of pebbles) {
    marks.push(pebble.canConnect, pebble.bootId, pebble.plan);
    for (const [service, count] of pebble.starts) marks.push(service, count);
  }
  return marks;
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

function applicationMarks({
  config,
  leader,
  life,
  origin,
  scale,
  status,
}: ApplicationState): readonly unknown[] {
  return [config, leader, life, origin.revision, scale, status];
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

function relationMarks({ life, appData, unitData }: RelationState): readonly unknown[] {
  const marks: unknown[] = [life];
  for (const app in appData) marks.push(app, appData[app]);
  for (const unit in unitData) marks.push(unit, unitData[unit]);
  return marks;
}

function ofRelation(facts: Facts, { id, key, life, appData, unitData }: RelationState): void {
  facts.set(`relation ${id}`, text(`${key} ${life}`));
  for (const [who, data] of Object.entries(appData)) facts.set(`relation ${id} ${who}`, table(data));
  for (const [who, data] of Object.entries(unitData)) facts.set(`relation ${id} ${who}`, table(data));
}

function secretMarks({ label, owner, latest, grants, consumers, rotate }: SecretState): readonly unknown[] {
  const marks: unknown[] = [label, owner, latest, rotate];
  for (const { subject } of grants) marks.push(subject);
  for (const unit in consumers) marks.push(unit, consumers[unit]!.tracked);
  return marks;
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

function ofPebble(facts: Facts, where: string, pebble: ContainerPebble): void {
  facts.set(`${where} pebble`, text(pebble.canConnect ? `answers, ${pebble.bootId}` : "does not answer"));
  const { plan } = pebble;
  if (Object.keys(plan.services).length > 0) facts.set(`${where} plan`, table(plan));
  const starts = [...pebble.starts].map(([name, count]) => `${name} ${count}`).join(", ");
  if (starts !== "") facts.set(`${where} starts`, text(starts));
}

export const APPLICATIONS: Kind<ApplicationState> = { marks: applicationMarks, fill: ofApplication };
export const RELATIONS: Kind<RelationState> = { marks: relationMarks, fill: ofRelation };
export const SECRETS: Kind<SecretState> = { marks: secretMarks, fill: ofSecret };
export const UNITS: Kind<UnitWithPebbles> = {
  marks: unitMarks,
  fill: (facts, { unit, pebbles }) => {
    ofUnit(facts, unit);
    for (const [container, pebble] of pebbles) ofPebble(facts, `${unit.name} ${container}`, pebble);
  },
};

/** One subject that is no longer what it was. */
export interface Change {
  readonly subject: string;
  readonly before: Fact | undefined;
  readonly after: Fact | undefined;
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
