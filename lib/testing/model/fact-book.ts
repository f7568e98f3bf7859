import type { ModelState, RelationState } from "../../model/index.ts";
import type { FakePebble } from "../pebble/fake-pebble.ts";
import { APPLICATIONS, type Change, type Facts, type Kind, RELATIONS, SECRETS, UNITS } from "./facts.ts";

/** Pebbles of a unit, by container. */
export type PebblesOf = (unit: string) => ReadonlyMap<string, FakePebble> | undefined;

/** What was last seen of one thing. */
interface Seen {
  readonly marks: readonly unknown[];
  readonly facts: Facts;
}

const NO_FACTS: Facts = new Map();
const NO_PEBBLES: ReadonlyMap<string, FakePebble> = new Map();

/** Things of one kind as they were last seen, by name. */
class Chapter<Thing> {
  readonly #kind: Kind<Thing>;
  readonly #seen = new Map<string, Seen>();

  constructor(kind: Kind<Thing>) {
    this.#kind = kind;
  }

  knows(name: string): boolean {
    return this.#seen.has(name);
  }

  look(name: string, thing: Thing, changes: Change[]): void {
    const before = this.#seen.get(name);
    const marks = this.#kind.marks(thing);
    if (before !== undefined && areSame(before.marks, marks)) return;
    const facts: Facts = new Map();
    this.#kind.fill(facts, thing);
    compare(before?.facts ?? NO_FACTS, facts, changes);
    this.#seen.set(name, { marks, facts });
  }

  /** Forgets what is no longer there. */
  forget(present: Readonly<Record<string, unknown>>, count: number, changes: Change[]): void {
    if (this.#seen.size === count) return;
    for (const [name, { facts }] of this.#seen) {
      if (name in present) continue;
      compare(facts, NO_FACTS, changes);
      this.#seen.delete(name);
    }
  }
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

function hasEnd({ endpoints }: RelationState, app: string | undefined): boolean {
  for (const end of endpoints) if (end.app === app) return true;
  return false;
}

/** Knows how a model was, and says what is different now. */
export class FactBook {
  readonly #applications = new Chapter(APPLICATIONS);
  readonly #units = new Chapter(UNITS);
  readonly #relations = new Chapter(RELATIONS);
  readonly #secrets = new Chapter(SECRETS);

  /**
   * What has changed since the last look.
   *
   * @param unit Only what a hook of this unit can have changed is looked at again; default: everything.
   */
  changes(state: Readonly<ModelState>, pebblesOf: PebblesOf, unit?: string): readonly Change[] {
    const app = unit?.slice(0, unit.lastIndexOf("/"));
    const { applications, units, relations, secrets } = state;
    const changes: Change[] = [];
    const all = unit === undefined;
    this.#look(this.#applications, applications, changes, (name, one, chapter) => {
      if (all || name === app || !chapter.knows(name)) chapter.look(name, one, changes);
    });
    this.#look(this.#units, units, changes, (name, one, chapter) => {
      if (!all && name !== unit && chapter.knows(name)) return;
      chapter.look(name, { unit: one, pebbles: pebblesOf(name) ?? NO_PEBBLES }, changes);
    });
    this.#look(this.#relations, relations, changes, (id, one, chapter) => {
      if (all || hasEnd(one, app) || !chapter.knows(id)) chapter.look(id, one, changes);
    });
    this.#look(this.#secrets, secrets, changes, (id, one, chapter) => chapter.look(id, one, changes));
    return changes;
  }

  #look<Thing, Seen>(
    chapter: Chapter<Seen>,
    present: Readonly<Record<string, Thing>>,
    changes: Change[],
    look: (name: string, thing: Thing, chapter: Chapter<Seen>) => void,
  ): void {
    let count = 0;
    for (const name in present) {
      look(name, present[name]!, chapter);
      count += 1;
    }
    chapter.forget(present, count, changes);
  }
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
