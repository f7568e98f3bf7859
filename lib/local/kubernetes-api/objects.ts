import type { Store } from "../controller/store.ts";
import { ApiStatus } from "./errors.ts";
import { isObject, type Json, type JsonObject, merge, strategicMerge } from "./merge.ts";

/** An object as it is kept: what each owner of fields applied, in order of their first words. */
interface Kept {
  readonly created: string;
  readonly uid: string;
  version: number;
  applied: Record<string, JsonObject>;
}

/** Who writes without naming a field manager. */
const NOBODY = "";

/** The stored objects of one model and kind. */
export class Objects {
  readonly #store: Store;
  readonly #model: string;
  readonly #kind: string;
  readonly #kept = new Map<string, Kept>();

  constructor(store: Store, model: string, kind: string) {
    this.#store = store;
    this.#model = model;
    this.#kind = kind;
    for (const { kind: stored, name, value } of store.objects(model)) {
      if (stored === kind) this.#kept.set(name, JSON.parse(value) as Kept);
    }
  }

  names(): string[] {
    return [...this.#kept.keys()].sort();
  }

  /** All owners' fields together, with metadata; `undefined` without such an object. */
  get(name: string): JsonObject | undefined {
    const kept = this.#kept.get(name);
    if (!kept) return undefined;
    const whole = Object.values(kept.applied).reduce<Json | undefined>((all, one) => merge(all, one), {});
    const metadata = {
      name,
      uid: kept.uid,
      resourceVersion: String(kept.version),
      creationTimestamp: kept.created,
    };
    return merge(whole, { metadata }) as JsonObject;
  }

  create(name: string, body: JsonObject): void {
    if (this.#kept.has(name))
      throw new ApiStatus(409, "AlreadyExists", `${this.#kind} "${name}" already exists`);
    this.#save(name, { ...newKept(), applied: { [NOBODY]: body } });
  }

  replace(name: string, body: JsonObject): void {
    const kept = this.#kept.get(name) ?? newKept();
    this.#save(name, { ...kept, applied: { [NOBODY]: body } });
  }

  /** Server-side apply: the owner's earlier fields that are not named now are gone. */
  apply(name: string, manager: string, body: JsonObject): void {
    const kept = this.#kept.get(name) ?? newKept();
    this.#save(name, { ...kept, applied: { ...kept.applied, [manager]: body } });
  }

  /** A merge over everything; what it says is nobody's. */
  patch(name: string, patch: JsonObject, strategic: boolean): void {
    const kept = this.#kept.get(name);
    if (!kept) throw new ApiStatus(404, "NotFound", `${this.#kind} "${name}" not found`);
    const whole = Object.values(kept.applied).reduce<Json | undefined>((all, one) => merge(all, one), {});
    const patched = strategic ? strategicMerge(whole, patch) : merge(whole, patch);
    this.#save(name, { ...kept, applied: { [NOBODY]: isObject(patched) ? patched : {} } });
  }

  delete(name: string): void {
    this.#kept.delete(name);
    this.#store.removeObject(this.#model, this.#kind, name);
  }

  #save(name: string, kept: Kept): void {
    const next = { ...kept, version: kept.version + 1 };
    this.#kept.set(name, next);
    this.#store.saveObject(this.#model, { kind: this.#kind, name, value: JSON.stringify(next) });
  }
}

function newKept(): Kept {
  return { created: new Date().toISOString(), uid: crypto.randomUUID(), version: 0, applied: {} };
}
