import type { WorldRelation } from "../world.ts";
import { jsonValue } from "./go/json-value.ts";
import { compareText } from "./go/text.ts";
import { type FixedTexts, textsOf } from "./go/value.ts";
import { relationTag, unitTag } from "./names.ts";

/** A databag of ours: what was loaded, and what this hook wrote into it. */
export class Settings {
  readonly #loaded: FixedTexts;
  /** All of it, once something was written. */
  #written: Map<string, string> | undefined;

  constructor(values: Readonly<Record<string, string>> | undefined) {
    this.#loaded = textsOf(values);
  }

  get dirty(): boolean {
    return this.#written !== undefined;
  }

  /** What a reader sees: keys with an empty value are deleted ones. */
  map(): ReadonlyMap<string, string> {
    const values = this.#written ?? this.#loaded;
    const isWhole = this.#written === undefined && !hasDeleted(values);
    return isWhole ? values : new Map([...values].filter(([, value]) => value !== ""));
  }

  set(key: string, value: string): void {
    this.#written ??= new Map(this.#loaded);
    this.#written.set(key, value);
  }

  /** What the controller is given, deleted keys included. */
  final(): Readonly<Record<string, string>> {
    return jsonValue(this.#written ?? this.#loaded) as Readonly<Record<string, string>>;
  }
}

function hasDeleted(values: ReadonlyMap<string, string>): boolean {
  for (const value of values.values()) if (value === "") return true;
  return false;
}

/** One relation as the running hook sees it. */
export class ContextRelation {
  readonly world: WorldRelation;
  readonly members: readonly string[];
  readonly #unit: string;
  readonly #app: string;
  #unitSettings: Settings | undefined;
  #appSettings: Settings | undefined;

  constructor(world: WorldRelation, options: { unit: string; app: string; departed?: string }) {
    this.world = world;
    this.#unit = options.unit;
    this.#app = options.app;
    this.members = world.members.filter((member) => member !== options.departed).toSorted(compareText);
  }

  /** `db:1` */
  get fakeId(): string {
    return `${this.world.endpoint}:${this.world.id}`;
  }

  /** Ended for us: `relation-ids` no longer names it. */
  get broken(): boolean {
    return this.world.life === "dying" && this.world.members.length === 0 && this.world.role !== "peer";
  }

  /** Databag of our unit. Once looked at, it is part of the commit, as in the agent. */
  unitSettings(): Settings {
    this.#unitSettings ??= new Settings(this.world.data[this.#unit]);
    return this.#unitSettings;
  }

  /** Databag of our application; only the leader has it. */
  appSettings(): Settings {
    this.#appSettings ??= new Settings(this.world.data[this.#app]);
    return this.#appSettings;
  }

  /** The part of the commit about this relation, if there is one. */
  change(): RelationChange | undefined {
    const settings = this.#unitSettings?.final() ?? null;
    const app = this.#appSettings?.dirty ? this.#appSettings.final() : null;
    if (Object.keys(settings ?? {}).length + Object.keys(app ?? {}).length === 0) return undefined;
    return {
      relation: relationTag(this.world),
      unit: unitTag(this.#unit),
      settings,
      "application-settings": app,
    };
  }
}

/** Databags after the hook; `null`: unchanged. An empty value deletes its key. */
export interface RelationChange {
  readonly relation: string;
  readonly unit: string;
  readonly settings: Readonly<Record<string, string>> | null;
  readonly "application-settings": Readonly<Record<string, string>> | null;
}
