import { Redactor } from "../../charm/runtime/redactor.ts";
import type { HookRun, Model } from "../../model/index.ts";
import { FactBook, type PebblesOf } from "./fact-book.ts";
import type { Change } from "./facts.ts";
import type { FakeUnit, HookEnd } from "./fake-unit.ts";

/** One thing that happened: a hook that ended, or a verb of the test. */
export interface Entry {
  /** `auth/0 install`, `setConfig auth`. */
  readonly title: string;
  readonly kind: "hook" | "verb";
  /** Of hooks: how it ended; `lost`: its unit went. */
  readonly end?: HookEnd | "lost";
  /** Milliseconds since the epoch, by the model's clock. */
  readonly time: number;
  readonly changes: readonly Change[];
  readonly logs: readonly string[];
}

/** What a journal looks at. */
export interface JournalSource {
  readonly model: Model;
  readonly units: ReadonlyMap<string, FakeUnit>;
  readonly logs: readonly string[];
  readonly now: number;
}

interface Begun {
  readonly changes: readonly Change[];
  readonly logged: number;
}

/** Remembers what each event changed. */
export class Journal {
  readonly entries: Entry[] = [];
  /** Knows every value that a secret ever had. */
  readonly redactor = new Redactor();
  readonly #source: JournalSource;
  readonly #begun = new Map<HookRun, Begun>();
  readonly #book = new FactBook();

  constructor(source: JournalSource) {
    this.#source = source;
  }

  /** A hook began; what it changed by beginning counts as its own. */
  begin(run: HookRun): void {
    const { model, logs } = this.#source;
    const changes = this.#book.changesOfUnit(model.state, this.#pebblesOf, run.unit);
    this.#begun.set(run, { changes, logged: logs.length });
  }

  end(run: HookRun, ended: HookEnd | "lost"): void {
    const begun = this.#begun.get(run);
    this.#begun.delete(run);
    const failed = this.#source.model.state.units[run.unit]?.failed !== undefined;
    const logs = this.#source.logs
      .slice(begun?.logged ?? 0)
      .filter((line) => line.startsWith(`${run.unit} `));
    this.#add({
      title: `${run.unit} ${run.name}`,
      kind: "hook",
      end: ended === "ended" && failed && !run.isAction ? "failed" : ended,
      changes: merged(begun?.changes ?? [], this.#observe(run.unit)),
      logs: logs.map((line) => line.slice(run.unit.length + 1)),
    });
  }

  /** The test did something. */
  verb(title: string): void {
    this.#add({ title, kind: "verb", changes: this.#observe(), logs: [] });
  }

  #add(entry: Omit<Entry, "time">): void {
    this.entries.push({ ...entry, time: this.#source.now });
  }

  /** @param unit Whose hook it was; default: anything may have changed. */
  #observe(unit?: string): readonly Change[] {
    const changes = this.#book.changes(this.#source.model.state, this.#pebblesOf, unit);
    if (changes.some(({ subject }) => subject.startsWith("secret "))) this.#learnSecrets();
    return changes;
  }

  readonly #pebblesOf: PebblesOf = (unit) => this.#source.units.get(unit)?.pebbles;

  #learnSecrets(): void {
    for (const { content } of Object.values(this.#source.model.state.secrets)) {
      for (const revision of Object.values(content)) {
        for (const value of Object.values(revision)) {
          this.redactor.add(Buffer.from(value, "base64").toString());
        }
      }
    }
  }
}

/** Two observations as one: from what the first saw to what the second saw. */
function merged(first: readonly Change[], second: readonly Change[]): readonly Change[] {
  if (first.length === 0) return second;
  const changes = new Map(first.map((change) => [change.subject, change]));
  for (const change of second) {
    const before = changes.get(change.subject);
    changes.set(change.subject, before === undefined ? change : { ...change, before: before.before });
  }
  return [...changes.values()].filter(({ before, after }) => before?.mark !== after?.mark);
}
