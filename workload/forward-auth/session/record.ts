/**
 * oauth2-proxy's session record: a MessagePack map, absent where a field is empty. What it lacks we add under names of ours;
 * oauth2-proxy passes over names that it does not know.
 *
 * | key | field | | key | field |
 * |---|---|---|---|---|
 * | `ca` | last refreshed (oauth2-proxy dates a session anew then) | | `u` | subject |
 * | `eo` | access token expires | | `g` | groups |
 * | `at`, `it`, `rt` | access, ID, refresh token | | `pu` | preferred user name |
 * | `n` | nonce bytes | | `ac` | additional claims |
 * | `e` | e-mail | | | |
 * | `_id` | id, unless it follows from `n` | | `_iss` | issuer |
 * | `_ca` | signed in, unless it equals `ca` | | `_p` | provider |
 * | `_acr` | claim `acr` | | `_sid` | claim `sid` |
 *
 * @see oauth2-proxy/oauth2-proxy: pkg/apis/sessions/session_state.go
 * @module
 */
import { MsgpackError, MsgpackReader, Names } from "./msgpack.ts";
import { MsgpackWriter } from "./msgpack-writer.ts";
import { type Session, sessionIdOf } from "./session.ts";

/** A session while its record is read; id and times are not good before the end. */
type Draft = { -readonly [Name in keyof Session]: Session[Name] };

const NAMES = new Names([
  ...["ca", "eo", "at", "it", "rt", "n", "e", "u", "g", "pu", "ac"],
  ...["_id", "_iss", "_ca", "_p", "_acr", "_sid"],
]);

function readGroups(reader: MsgpackReader): readonly string[] {
  if (reader.nil()) return [];
  const groups: string[] = [];
  for (let left = reader.list(); left > 0; left--) groups.push(reader.string());
  return groups;
}

function readClaims(reader: MsgpackReader): ReadonlyMap<string, unknown> {
  if (reader.nil()) return new Map();
  const claims = new Map<string, unknown>();
  for (let left = reader.map(); left > 0; left--) {
    const name = reader.string();
    if (claims.has(name)) throw new MsgpackError("a claim is there twice");
    claims.set(name, reader.value());
  }
  return claims;
}

/** What is empty is as good as absent. */
function readText(
  draft: Draft,
  key: "accessToken" | "idToken" | "refreshToken" | "provider" | "acr" | "sid",
  reader: MsgpackReader,
): void {
  const text = reader.string();
  if (text !== "") draft[key] = text;
}

function readField(draft: Draft, key: string, reader: MsgpackReader): void {
  switch (key) {
    case "ca":
      draft.refreshedAt = reader.time() ?? Number.NaN;
      break;
    case "eo": {
      const time = reader.time();
      if (time !== undefined) draft.expiresOn = time;
      break;
    }
    case "at":
      readText(draft, "accessToken", reader);
      break;
    case "it":
      readText(draft, "idToken", reader);
      break;
    case "rt":
      readText(draft, "refreshToken", reader);
      break;
    case "n": {
      const nonce = reader.bytes();
      if (nonce.length > 0) draft.nonce = nonce;
      break;
    }
    case "e":
      draft.email = reader.string();
      break;
    case "u":
      draft.subject = reader.string();
      break;
    case "pu":
      draft.preferredUsername = reader.string();
      break;
    case "g":
      draft.groups = readGroups(reader);
      break;
    case "ac": {
      const claims = readClaims(reader);
      if (claims.size > 0) draft.additionalClaims = claims;
      break;
    }
    default:
      readOurs(draft, key, reader);
  }
}

function readOurs(draft: Draft, key: string, reader: MsgpackReader): void {
  switch (key) {
    case "_id":
      draft.id = reader.string();
      break;
    case "_iss":
      draft.issuer = reader.string();
      break;
    case "_ca":
      draft.createdAt = reader.integer();
      break;
    case "_p":
      readText(draft, "provider", reader);
      break;
    case "_acr":
      readText(draft, "acr", reader);
      break;
    case "_sid":
      readText(draft, "sid", reader);
      break;
    case "s":
    case "cv":
      // The record of a login under way. Its name is signed with it, so this takes a cookie name that ends like another.
      throw new MsgpackError("it is no session's");
    default:
      reader.value();
  }
}

/** Makes a whole session of what was read. */
function completed(draft: Draft, bytes: Uint8Array, savedAt: number): Session {
  if (Number.isNaN(draft.refreshedAt)) draft.refreshedAt = savedAt;
  if (Number.isNaN(draft.createdAt)) draft.createdAt = draft.refreshedAt;
  if (!/^[\w-]{22}$/.test(draft.id)) draft.id = sessionIdOf(draft.nonce ?? bytes);
  return draft;
}

/**
 * Reads a record.
 *
 * @param savedAt When it was stored, in milliseconds: stands in for a missing `ca`.
 * @returns Undefined when it is none. Never throws.
 */
export function readRecord(bytes: Uint8Array, savedAt: number): Session | undefined {
  const reader = new MsgpackReader(bytes);
  const draft: Draft = {
    id: "",
    issuer: "",
    subject: "",
    email: "",
    preferredUsername: "",
    groups: [],
    createdAt: Number.NaN,
    refreshedAt: Number.NaN,
  };
  try {
    const seen: string[] = [];
    for (let left = reader.map(); left > 0; left--) {
      const key = reader.name(NAMES);
      if (seen.includes(key)) return undefined;
      seen.push(key);
      readField(draft, key, reader);
    }
    return reader.done ? completed(draft, bytes, savedAt) : undefined;
  } catch (error) {
    if (error instanceof MsgpackError) return undefined;
    throw error;
  }
}

type Field = readonly [key: string, write: (writer: MsgpackWriter) => MsgpackWriter];

const text = (key: string, value: string | undefined): readonly Field[] =>
  value ? [[key, (writer) => writer.string(value)]] : [];

/** Fields in oauth2-proxy's order, ours behind them. */
function fieldsOf(session: Session): readonly Field[] {
  const { id, createdAt, refreshedAt, expiresOn, nonce, groups, additionalClaims: claims } = session;
  return [
    ["ca", (writer) => writer.time(refreshedAt)],
    ...(expiresOn === undefined ? [] : [["eo", (writer) => writer.time(expiresOn)] satisfies Field]),
    ...text("at", session.accessToken),
    ...text("it", session.idToken),
    ...text("rt", session.refreshToken),
    ...(nonce === undefined ? [] : [["n", (writer) => writer.bytes(nonce)] satisfies Field]),
    ...text("e", session.email),
    ...text("u", session.subject),
    ...(groups.length === 0 ? [] : [["g", (writer) => writer.value(groups)] satisfies Field]),
    ...text("pu", session.preferredUsername),
    ...(claims === undefined
      ? []
      : [["ac", (writer) => writer.value(Object.fromEntries(claims))] satisfies Field]),
    ...(nonce !== undefined && id === sessionIdOf(nonce) ? [] : text("_id", id)),
    ...text("_iss", session.issuer),
    ...(createdAt === refreshedAt ? [] : [["_ca", (writer) => writer.integer(createdAt)] satisfies Field]),
    ...text("_p", session.provider),
    ...text("_acr", session.acr),
    ...text("_sid", session.sid),
  ];
}

/** The record of a session; the inverse of {@link readRecord}. */
export function writeRecord(session: Session): Buffer {
  const fields = fieldsOf(session);
  const writer = new MsgpackWriter().map(fields.length);
  for (const [key, write] of fields) write(writer.string(key));
  return writer.finish();
}
