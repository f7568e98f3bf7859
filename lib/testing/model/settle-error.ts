import { differences } from "./facts.ts";
import type { Entry } from "./journal.ts";

const SHOWN = 8;

/** Charms never stopped telling each other things, or a hook never stopped failing. */
export class SettleError extends Error {
  override readonly name = "SettleError";
  /** The last events, oldest first: `auth/0 oauth-relation-changed`. */
  readonly events: readonly string[];
  /** What was written again and again: `relation 3 hydra: n: 41 → 42 (by hydra/0 oauth-relation-changed)`. */
  readonly repeated: readonly string[];

  constructor(
    limit: number,
    entries: readonly Entry[],
    failed: readonly string[],
    clean: (text: string) => string,
  ) {
    const recent = entries.slice(-SHOWN).map(({ title }) => title);
    const repeated = repeatedWrites(entries.slice(-4 * SHOWN)).map(clean);
    const errors = failed.length === 0 ? "" : `, failing: ${failed.join("; ")}`;
    const said = repeated.length === 0 ? "" : `, written again and again:\n  ${repeated.join("\n  ")}`;
    super(`Cannot settle within ${limit} events, last: ${recent.join(" → ")}${errors}${said}`);
    this.events = recent;
    this.repeated = repeated;
  }
}

/** Keys of databags that were written more than once, each with its last write. */
function repeatedWrites(entries: readonly Entry[]): readonly string[] {
  const writes = new Map<string, { count: number; last: string }>();
  for (const { title, changes } of entries) {
    for (const change of changes) {
      if (!/^relation \d+ ./.test(change.subject)) continue;
      for (const { key, before = "nothing", after = "nothing" } of differences(change, false)) {
        const name = `${change.subject}: ${key}`;
        const count = (writes.get(name)?.count ?? 0) + 1;
        writes.set(name, { count, last: `${name}: ${before} → ${after} (by ${title})` });
      }
    }
  }
  return [...writes.values()].filter(({ count }) => count > 1).map(({ last }) => last);
}
