/** Header fields as a list, in the order and spelling that they came in. @module */

/** Names and values; a name may occur more than once. */
export type HeaderList = readonly (readonly [string, string])[];

/** Fields of the connection, which are not sent on (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Pairs from Node's flat list of raw headers. */
export function fromRaw(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    raw[index * 2] ?? "",
    raw[index * 2 + 1] ?? "",
  ]);
}

/** By name, with all values of a name together, as Node's requests take them. */
export function grouped(headers: HeaderList): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const spelling = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = spelling.get(name.toLowerCase()) ?? name;
    spelling.set(name.toLowerCase(), key);
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

export const valuesOf = (headers: HeaderList, name: string): string[] => {
  const wanted = name.toLowerCase();
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
};

export const without = (headers: HeaderList, ...names: readonly string[]): [string, string][] => {
  const gone = new Set(names.map((name) => name.toLowerCase()));
  return headers.filter(([key]) => !gone.has(key.toLowerCase())).map(([name, value]) => [name, value]);
};

/** Replaces every field of a name. */
export const withHeader = (headers: HeaderList, name: string, value: string): [string, string][] => [
  ...without(headers, name),
  [name, value],
];

/** Takes away what belongs to this connection, and what its `Connection` field names. */
export function endToEnd(headers: HeaderList): [string, string][] {
  const named = valuesOf(headers, "connection").flatMap((value) =>
    value.split(",").map((part) => part.trim()),
  );
  return without(headers, ...HOP_BY_HOP, ...named);
}

/** Whether the request asks to change the protocol. */
export function upgradeOf(headers: HeaderList): string | undefined {
  const connection = valuesOf(headers, "connection").join(",").toLowerCase();
  return /(^|,)\s*upgrade\s*(,|$)/.test(connection) ? valuesOf(headers, "upgrade")[0] : undefined;
}
