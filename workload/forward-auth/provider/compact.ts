/**
 * The outside of a JSON Web Token, looked at before any key is: three canonical base64url parts, one reading of each.
 *
 * @see RFC 7515, sections 3 and 7.1; RFC 8725, sections 2 and 3
 */
import { hasDuplicateKeys, type JsonObject, readObject } from "./json.ts";

/** Longest token that is read, in characters. */
const LONGEST = 65_536;

/** Longest key identifier that is looked up, in characters. */
const LONGEST_KID = 512;

/** A token that can be read, and is not verified. */
export interface CompactToken {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  /** Media type without `application/`, lower case; empty when not told. */
  readonly type: string;
  readonly claims: JsonObject;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An object in canonical base64url, with each key once. */
function readPart(part: string): JsonObject | undefined {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.length === 0 || bytes.toString("base64url") !== part) return undefined;
  try {
    const text = utf8.decode(bytes);
    const object = readObject(text);
    return object === undefined || hasDuplicateKeys(text) ? undefined : object;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Headers that change what the rest means; tokens for us need none of them. */
const REFUSED = ["crit", "b64", "zip", "enc"];

function readHeader(part: string): Omit<CompactToken, "claims"> | undefined {
  const header = readPart(part);
  if (header === undefined || REFUSED.some((name) => Object.hasOwn(header, name))) return undefined;
  const { alg, kid, typ } = header;
  if (typeof alg !== "string" || (typ !== undefined && typeof typ !== "string")) return undefined;
  if (kid !== undefined && (typeof kid !== "string" || kid.length > LONGEST_KID)) return undefined;
  return { algorithm: alg, keyId: kid, type: (typ ?? "").toLowerCase().replace(/^application\//, "") };
}

/** Reads a token without verifying it; undefined when it is no signed JSON Web Token. */
export function readCompact(token: string): CompactToken | undefined {
  if (token.length > LONGEST) return undefined;
  const [header = "", payload = "", signature = "", ...more] = token.split(".");
  if (more.length > 0 || !/^[\w-]+$/.test(signature)) return undefined;
  if (Buffer.from(signature, "base64url").toString("base64url") !== signature) return undefined;
  const outside = readHeader(header);
  const claims = outside === undefined ? undefined : readPart(payload);
  return outside === undefined || claims === undefined ? undefined : { ...outside, claims };
}
