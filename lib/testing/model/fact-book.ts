import type { ModelState, RelationState } from "../../model/index.ts";
import type { ContainerPebble } from "../pebble/container-pebble.ts";
import { APPLICATIONS, type Change, type Facts, type Kind, RELATIONS, SECRETS, UNITS } from "./facts.ts";

/** Pebbles of a unit, by container. */
export type PebblesOf = (unit: string) => ReadonlyMap<string, ContainerPebble> | undefined;

/** What was last seen of one thing. */
interface Seen {
  readonly marks: readonly unknown[];
  readonly facts: Facts;
}

const NO_FACTS: Facts = new Map();
const NO_PEBBLES: ReadonlyMap<string, ContainerPebble> = new Map();

/** Things of one kind as they were last seen, by name. */
class Chapter<Thing> {
  readonly #kind: Kind<Thing>;
  readonly #seen = new Map<string, Seen>();

  constructor(kind: Kind<Thing>) {
    this.#kind = kind;
  }

  /**
   * @param names Those that may have changed; default: all. New ones are looked at anyway.
   * @param of A thing by its name, for those that are there.
   */
  lookAll(look: {
    readonly present: Readonly<Record<string, unknown>>;
    readonly names: readonly string[] | undefined;
    readonly of: (name: string) => Thing;
    readonly changes: Change[];
  }): void {
    const { present, names, of, changes } = look;
    const all = Object.keys(present);
    const isSettled = all.length === this.#seen.size;
    const isWanted = (name: string) => names?.includes(name) || !this.#seen.has(name);
    const wanted = names === undefined ? all : isSettled ? names : all.filter(isWanted);
    for (const name of wanted) if (name in present) this.look(name, of(name), changes);
    if (!isSettled) this.#forget(present, changes);
  }

  /** Looks at one thing that is there. */
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
  #forget(present: Readonly<Record<string, unknown>>, changes: Change[]): void {
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

/** What a hook of a unit can have changed, secrets apart; without a unit nothing is left out. */
function touched(relations: ModelState["relations"], unit: string | undefined, app: string | undefined) {
  if (unit === undefined || app === undefined) return {};
  const related = Object.keys(relations).filter((id) => hasEnd(relations[id]!, app));
  return { applications: [app], units: [unit], relations: related };
}

function hasEnd({ endpoints }: RelationState, app: string): boolean {
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
    const names = touched(relations, unit, app);
    const changes: Change[] = [];
    this.#applications.lookAll({
      present: applications,
      names: names.applications,
      of: (name) => applications[name]!,
      changes,
    });
    const of = (name: string) => ({ unit: units[name]!, pebbles: pebblesOf(name) ?? NO_PEBBLES });
    this.#units.lookAll({ present: units, names: names.units, of, changes });
    this.#relations.lookAll({
      present: relations,
      names: names.relations,
      of: (id) => relations[id]!,
      changes,
    });
    this.#secrets.lookAll({ present: secrets, names: undefined, of: (id) => secrets[id]!, changes });
    return changes;
  }

  /** What has changed of one unit: all that changes when its hook begins. */
  changesOfUnit({ units }: Readonly<ModelState>, pebblesOf: PebblesOf, name: string): readonly Change[] {
    const changes: Change[] = [];
    const unit = units[name];
    if (unit !== undefined) this.#units.look(name, { unit, pebbles: pebblesOf(name) ?? NO_PEBBLES }, changes);
    return changes;
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
