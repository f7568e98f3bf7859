/** Placeholders of the recording, and what stands for them in this run. @module */

/** Placeholder without brackets → value. */
export type Places = Readonly<Record<string, string>>;

const REPEATED = /<(.)\*(\d+)>/gs;

/** Puts this run's values in, and repeats what was shortened. Placeholders that stand for anything stay. */
export function filled(text: string, places: Places): string {
  return text
    .replace(REPEATED, (_, char: string, times: string) => char.repeat(Number(times)))
    .replace(/<([a-z0-9-]+)>/g, (whole, name: string) =>
      Object.hasOwn(places, name) ? (places[name] ?? "") : whole,
    );
}

/** The same for every text in a value. */
export function filledDeep<T>(value: T, places: Places): T {
  if (typeof value === "string") return filled(value, places) as T;
  if (Array.isArray(value)) return value.map((item) => filledDeep(item, places)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [filled(key, places), filledDeep(item, places)]),
  ) as T;
}

/** Placeholders that stand for anything. */
const ANY = /<(?:date|duration|length|link|generated|certificate|prometheus text|TLS client hello|cookie)>/;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a text is what was recorded, where placeholders for anything may stand in it. */
export function sameText(expected: string, actual: string): boolean {
  if (expected === actual) return true;
  const cut = /<\.\.\. \d+ bytes>$/.exec(expected);
  if (cut) return actual.startsWith(expected.slice(0, cut.index));
  if (!ANY.test(expected)) return false;
  const pattern = expected.split(new RegExp(ANY, "g")).map(escaped).join("[^]*");
  return new RegExp(`^${pattern}$`).test(actual);
}
