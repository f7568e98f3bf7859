import type { State } from "./context.ts";
import { fingerprint } from "./runtime/fingerprint.ts";

/** Keys that differ from the last time, sorted. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

const PREFIX = "changes.";

/** Compares tables with those of the last hook that ended well; only fingerprints are kept, and no value. */
export function changesView(
  state: State,
): (name: string, values: Readonly<Record<string, unknown>>) => Promise<Changes> {
  const answered = new Map<string, Promise<Changes>>();
  return (name, values) => {
    const answer = answered.get(name) ?? compare(state, `${PREFIX}${name}`, values);
    answered.set(name, answer);
    return answer;
  };
}

async function compare(
  state: State,
  key: string,
  values: Readonly<Record<string, unknown>>,
): Promise<Changes> {
  const before = readMarks(await state.get(key));
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const now = new Map(
    given.map(([name, value]) => [name, fingerprint(JSON.stringify(value) ?? String(value))] as const),
  );
  const changes = {
    added: [...now.keys()].filter((name) => !before.has(name)).sort(),
    changed: [...now]
      .flatMap(([name, mark]) => (before.has(name) && before.get(name) !== mark ? [name] : []))
      .sort(),
    removed: [...before.keys()].filter((name) => !now.has(name)).sort(),
  };
  if (Object.values(changes).some((names) => names.length > 0))
    state.set(key, JSON.stringify(Object.fromEntries([...now].sort(([a], [b]) => (a < b ? -1 : 1)))));
  return changes;
}

/** What an older or a strange charm left there is no reason to fail. */
function readMarks(text: string | undefined): ReadonlyMap<string, string> {
  try {
    const marks: unknown = JSON.parse(text ?? "{}");
    return new Map(Object.entries((marks ?? {}) as Readonly<Record<string, string>>));
  } catch {
    return new Map();
  }
}
