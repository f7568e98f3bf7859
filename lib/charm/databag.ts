/**
 * Databags: the text each side of a relation writes, and the values it stands for.
 *
 * A databag is a table of text. Its schema describes the decoded values; `json`, `codecs` or `codec` say
 * how each text is read and written. Unknown keys are tolerated: newer peers may send more.
 *
 * @module
 */

import { type Codec, canonicalJson, json as jsonCodec, sortedKeys, text } from "./codec.ts";
import { DatabagInvalidError } from "./errors.ts";
import { type In, type Issue, type Out, type Schema, type Validated, validate } from "./schema.ts";

/** A databag as Juju holds it. */
export type RawDatabag = Readonly<Record<string, string>>;

/** Names of a schema's keys, over all members of a union. */
export type KeyOf<S extends Schema> = KeysOf<In<S>> | KeysOf<Out<S>>;
type KeysOf<T> = T extends unknown ? keyof T & string : never;

/** Reads and writes a whole databag, for forms that no table of keys can tell. `decode` never throws. */
export interface DatabagCodec {
  decode(raw: RawDatabag): Validated;
  encode(data: Readonly<Record<string, unknown>>): RawDatabag;
}

/** How a databag travels; every field is optional. */
export interface DatabagOptions<S extends Schema> {
  /** Keys whose text is JSON. Default: none. */
  readonly json?: readonly KeyOf<S>[];
  /** Keys with another form of text; wins over `json`. */
  readonly codecs?: { readonly [K in KeyOf<S>]?: Codec };
  /** Takes the place of `json` and `codecs`. */
  readonly codec?: DatabagCodec;
  /**
   * Keys that arrive later than the others. While one is absent the relation is pending rather than
   * invalid, so the schema may demand them; a writer may leave them out.
   */
  readonly awaits?: readonly KeyOf<S>[];
  /** Values written for keys that the data lacks, where readers demand the key. */
  readonly fill?: Partial<In<S>>;
  /** Values that are left out when written, because readers assume them. */
  readonly omit?: Partial<In<S>>;
  /** Older forms, tried in order when this one does not fit. Read only. */
  readonly alternates?: readonly Alternate<Out<S>>[];
}

/** An older form of a databag and what it means today. */
export interface Alternate<T> {
  readonly databag: AnyDatabag;
  /** From the older databag's decoded value to today's. */
  upgrade(older: unknown): T;
}

/** One databag of one side of an interface. Made by {@link databag}. */
export interface Databag<S extends Schema = Schema> {
  readonly schema: S;
  readonly codec: DatabagCodec;
  readonly awaits: readonly string[];
  readonly alternates: readonly Alternate<unknown>[];
}

/** Any databag, whatever its schema. */
export type AnyDatabag = Databag<Schema>;

/** What a raw databag says. `pending`: nothing yet, or not everything that is awaited. */
export type Decoded<T = unknown> =
  | { readonly state: "ready"; readonly data: T }
  | { readonly state: "pending" }
  | { readonly state: "invalid"; readonly issues: readonly Issue[] };

/** Keys that Juju writes into every unit databag by itself. */
export const JUJU_UNIT_KEYS: readonly string[] = ["egress-subnets", "ingress-address", "private-address"];

/**
 * A databag whose values are raw text, except those named in `json` or `codecs`.
 *
 * @example
 * ```ts
 * const bag = databag(v.object({ url: v.string(), apps: v.array(v.string()) }), { json: ["apps"] });
 * encode(bag, { url: "https://a.test", apps: ["x"] }); // { apps: '["x"]', url: "https://a.test" }
 * ```
 */
export function databag<S extends Schema>(schema: S, options: DatabagOptions<S> = {}): Databag<S> {
  const keys = new Set<string>(options.json);
  return make(schema, options, (key) => (keys.has(key) ? jsonCodec : text));
}

/**
 * A databag whose values are all JSON text, as `ops` writes when it saves a data class. Keys that the schema
 * does not list may hold any text, where it lists them in `entries` (valibot) or `shape` (zod).
 */
databag.json = <S extends Schema>(schema: S, options: Omit<DatabagOptions<S>, "json"> = {}): Databag<S> =>
  make(schema, options, jsonWhereListed(schema));

function jsonWhereListed(schema: Schema): (key: string) => Codec {
  const { entries, shape } = schema as { readonly entries?: unknown; readonly shape?: unknown };
  const listed = entries ?? shape;
  if (typeof listed !== "object" || listed === null) return () => jsonCodec;
  return (key) => (Object.hasOwn(listed, key) ? jsonCodec : text);
}

function make<S extends Schema>(
  schema: S,
  options: DatabagOptions<S>,
  fallback: (key: string) => Codec,
): Databag<S> {
  const codecs = new Map<string, Codec>(Object.entries(options.codecs ?? {}) as [string, Codec][]);
  const omit = new Map<string, unknown>(Object.entries(options.omit ?? {}));
  return {
    schema,
    codec: options.codec ?? perKey((key) => codecs.get(key) ?? fallback(key), omit, options.fill ?? {}),
    awaits: options.awaits ?? [],
    alternates: options.alternates ?? [],
  };
}

function perKey(
  codecOf: (key: string) => Codec,
  omit: ReadonlyMap<string, unknown>,
  fill: Readonly<Record<string, unknown>>,
): DatabagCodec {
  return {
    decode: (raw) => decodeKeys(raw, codecOf),
    encode: (data) => encodeKeys(filled(data, fill), codecOf, omit),
  };
}

/** What is written: the data, and what fills the keys that it lacks. */
function filled(
  data: Readonly<Record<string, unknown>>,
  fill: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const lacking = Object.keys(fill).filter((key) => data[key] === undefined);
  if (lacking.length === 0) return data;
  return { ...data, ...Object.fromEntries(lacking.map((key) => [key, fill[key]])) };
}

function decodeKeys(raw: RawDatabag, codecOf: (key: string) => Codec): Validated {
  // A copy has every key as its own, also one named `__proto__`, so that to assign replaces it.
  const value: Record<string, unknown> = { ...raw };
  const issues: Issue[] = [];
  for (const key of Object.keys(raw)) {
    const result = codecOf(key).decode(raw[key] ?? "");
    if (result.ok) value[key] = result.value;
    else issues.push({ path: [key], message: result.message });
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value };
}

function encodeKeys(
  data: Readonly<Record<string, unknown>>,
  codecOf: (key: string) => Codec,
  omit: ReadonlyMap<string, unknown>,
): RawDatabag {
  const entries: [string, string][] = [];
  for (const key of sortedKeys(data)) {
    const value = data[key];
    if (value === undefined || (omit.has(key) && canonicalJson(omit.get(key)) === canonicalJson(value)))
      continue;
    const content = codecOf(key).encode(value);
    if (content !== undefined && content !== "") entries.push([key, content]);
  }
  return Object.fromEntries(entries);
}

/**
 * Reads a databag. Never throws, whatever is in it: junk is `invalid`, with the path of each fault.
 *
 * Juju's own keys in unit databags are left out before anything is read.
 *
 * @throws {TypeError} When the schema is asynchronous.
 */
export function decode<S extends Schema>(bag: Databag<S>, raw: RawDatabag): Decoded<Out<S>> {
  const own = withoutJujuKeys(raw);
  if (Object.keys(own).length === 0) return { state: "pending" };
  const first = decodeOnce(bag, own);
  if (first.state === "ready") return first as Decoded<Out<S>>;
  for (const alternate of bag.alternates) {
    const older = decodeOlder(alternate, own);
    if (older.state === "ready") return older as Decoded<Out<S>>;
  }
  return first as Decoded<Out<S>>;
}

function decodeOlder(alternate: Alternate<unknown>, raw: RawDatabag): Decoded {
  const older = decode(alternate.databag, raw);
  if (older.state !== "ready") return older;
  try {
    return { state: "ready", data: alternate.upgrade(older.data) };
  } catch (cause) {
    return { state: "invalid", issues: [{ path: [], message: messageOf(cause) }] };
  }
}

/** The text of whatever was thrown. */
function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : "is not valid";
}

function decodeOnce(bag: AnyDatabag, raw: RawDatabag): Decoded {
  const values = decodeSafely(bag.codec, raw);
  if (!values.ok) return { state: "invalid", issues: values.issues };
  const result = validate(bag.schema, values.value);
  if (result.ok) return { state: "ready", data: result.value };
  return bag.awaits.some((key) => isAbsent(values.value, key))
    ? pendingUnlessWrong(bag, result.issues)
    : { state: "invalid", issues: result.issues };
}

/** Some writers take a key back by writing JSON's null. */
function isAbsent(values: unknown, key: string): boolean {
  const value = Object.hasOwn(values as object, key) ? (values as Record<string, unknown>)[key] : undefined;
  return value === undefined || value === null;
}

/** Only the awaited keys may be at fault; a wrong value elsewhere is wrong already. */
function pendingUnlessWrong(bag: AnyDatabag, issues: readonly Issue[]): Decoded {
  return onlyAwaited(bag, issues) ? { state: "pending" } : { state: "invalid", issues };
}

function onlyAwaited(bag: AnyDatabag, issues: readonly Issue[]): boolean {
  return issues.every(({ path }) => path[0] !== undefined && bag.awaits.includes(path[0]));
}

function decodeSafely(codec: DatabagCodec, raw: RawDatabag): Validated {
  try {
    return codec.decode(raw);
  } catch (cause) {
    // A codec of an interface met text its author did not foresee; that is the text's fault.
    return {
      ok: false,
      issues: [{ path: [], message: messageOf(cause) }],
    };
  }
}

/** @internal A unit databag as its charm wrote it. */
export function withoutJujuKeys(raw: RawDatabag): RawDatabag {
  if (!JUJU_UNIT_KEYS.some((key) => Object.hasOwn(raw, key))) return raw;
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !JUJU_UNIT_KEYS.includes(key)));
}

/**
 * Writes a databag: checked against the schema first, keys sorted, JSON with sorted keys, so that equal
 * data is equal text. Keys that are `undefined` or become empty text are left out, as Juju would delete them.
 *
 * @throws {DatabagInvalidError} `ERR_DATABAG_INVALID` when the data does not fit the schema.
 */
export function encode<S extends Schema>(bag: Databag<S>, data: In<S>): RawDatabag {
  const result = validate(bag.schema, data);
  if (!result.ok && !onlyAbsent(bag, data, result.issues)) throw new DatabagInvalidError(result.issues);
  return bag.codec.encode(data as Readonly<Record<string, unknown>>);
}

/** Awaited keys may be missing from what is written, and not be wrong. */
function onlyAbsent(bag: AnyDatabag, data: unknown, issues: readonly Issue[]): boolean {
  const given = data as Readonly<Record<string, unknown>>;
  return issues.every(
    ({ path: [key] }) => key !== undefined && bag.awaits.includes(key) && given[key] === undefined,
  );
}
