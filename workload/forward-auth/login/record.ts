/**
 * What the cookie of a login under way holds, in the formats of session cookies: oauth2-proxy's, so that a login begun at one
 * program can be finished at the other, and our own sealed one.
 *
 * oauth2-proxy's is a MessagePack map of `s` and `n`, the random bytes behind state and nonce, and `cv`, the code verifier, if
 * there is one; encrypted with AES-CFB and signed under the cookie's own name. Ours are `_d`, `_p` and `_m` (seconds, as text).
 *
 * @see oauth2-proxy/oauth2-proxy: pkg/cookies/csrf.go
 * @module
 */
import * as v from "valibot";
import type { CookieSecret } from "../session/cookie-secret.ts";
import { MsgpackError, MsgpackReader } from "../session/msgpack.ts";
import { MsgpackWriter } from "../session/msgpack-writer.ts";
import type { Seal } from "../session/seal.ts";
import { readSigned, signValue } from "../session/signed-value.ts";

/** One login under way, as its cookie has it. */
export interface LoginRecord {
  /** Random bytes whose SHA-256 is the state. */
  readonly state: Uint8Array;
  /** Random bytes whose SHA-256 is the nonce. */
  readonly nonce: Uint8Array;
  readonly verifier?: string;
  /** Digest of the state behind its hash, so of the target; oauth2-proxy's cookies have none. */
  readonly bound?: Uint8Array;
  readonly provider?: string;
  /** Seconds that the authentication may be old, where the provider was told so. */
  readonly maxAge?: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** How logins are written into a cookie's value. */
export interface LoginFormat {
  write(record: LoginRecord, name: string): string;
  /** Undefined when the value was not written with one of our secrets under that name. Never throws. */
  read(value: string, name: string): LoginRecord | undefined;
}

/** Most bytes of `s` and `n`; 32 are usual. */
const MOST_RANDOM = 256;

function writeMap({ state, nonce, verifier, bound, provider, maxAge }: LoginRecord): Buffer {
  const fields = 2 + [verifier, bound, provider, maxAge].filter((value) => value !== undefined).length;
  const writer = new MsgpackWriter().map(fields).string("s").bytes(state).string("n").bytes(nonce);
  if (verifier !== undefined) writer.string("cv").string(verifier);
  if (bound !== undefined) writer.string("_d").bytes(bound);
  if (provider !== undefined) writer.string("_p").string(provider);
  if (maxAge !== undefined) writer.string("_m").string(String(maxAge));
  return writer.finish();
}

function readMap(bytes: Uint8Array, startedAt: number): LoginRecord | undefined {
  const reader = new MsgpackReader(bytes);
  const found = new Map<string, Uint8Array | string>();
  for (let left = reader.map(); left > 0; left--) {
    const key = reader.string();
    if (found.has(key)) return undefined;
    if (key === "s" || key === "n" || key === "_d") found.set(key, reader.bytes());
    else if (key === "cv" || key === "_p" || key === "_m") found.set(key, reader.string());
    else {
      reader.value();
      found.set(key, "");
    }
  }
  return reader.done ? recordOf(found, startedAt) : undefined;
}

function recordOf(
  found: ReadonlyMap<string, Uint8Array | string>,
  startedAt: number,
): LoginRecord | undefined {
  const bytes = (key: string): Uint8Array => {
    const value = found.get(key);
    return value instanceof Uint8Array ? value : new Uint8Array();
  };
  const [state, nonce, bound] = [bytes("s"), bytes("n"), bytes("_d")];
  const [verifier, provider, maxAge] = ["cv", "_p", "_m"].map((key) => found.get(key));
  if (state.length === 0 || state.length > MOST_RANDOM || nonce.length > MOST_RANDOM) return undefined;
  return {
    state,
    nonce,
    ...(typeof verifier === "string" && verifier !== "" ? { verifier } : {}),
    ...(bound.length === 0 ? {} : { bound }),
    ...(typeof provider === "string" && provider !== "" ? { provider } : {}),
    ...(typeof maxAge === "string" && /^\d{1,8}$/.test(maxAge) ? { maxAge: Number(maxAge) } : {}),
    startedAt,
  };
}

/** oauth2-proxy's format. The first secret writes, all read. */
export function createUpstreamLoginFormat(secrets: readonly [CookieSecret, ...CookieSecret[]]): LoginFormat {
  const keys = secrets.map(({ signing }) => signing);
  return {
    write(record, name) {
      const [{ signing, encrypt }] = secrets;
      return signValue(signing, name, encrypt(writeMap(record)), Math.floor(record.startedAt / 1000));
    },
    read(value, name) {
      const signed = readSigned(keys, name, value);
      const plain = signed === undefined ? undefined : secrets[signed.key]?.decrypt(signed.payload);
      if (signed === undefined || plain === undefined) return undefined;
      try {
        return readMap(plain, signed.time * 1000);
      } catch (error) {
        if (error instanceof MsgpackError) return undefined;
        throw error;
      }
    },
  };
}

const bytesText = v.pipe(v.string(), v.regex(/^[\w-]{1,400}$/));
const sealedRecord = v.strictObject({
  s: bytesText,
  n: bytesText,
  v: v.optional(v.pipe(v.string(), v.maxLength(128))),
  d: v.optional(bytesText),
  p: v.optional(v.pipe(v.string(), v.maxLength(256))),
  m: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  t: v.pipe(v.number(), v.safeInteger()),
});

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const bytes = (encoded: string): Uint8Array => new Uint8Array(Buffer.from(encoded, "base64url"));

/** Our own format: JSON, sealed under a purpose of its own. The first seal writes, all read. */
export function createSealedLoginFormat(seals: readonly [Seal, ...Seal[]]): LoginFormat {
  return {
    write({ state, nonce, verifier, bound, provider, maxAge, startedAt }, name) {
      const d = bound === undefined ? undefined : text(bound);
      const record = { s: text(state), n: text(nonce), v: verifier, d, p: provider, m: maxAge, t: startedAt };
      return seals[0].seal(JSON.stringify(record), name);
    },
    read(value, name) {
      const plain = seals.map((seal) => seal.open(value, name)).find((opened) => opened !== undefined);
      const parsed = plain === undefined ? undefined : v.safeParse(sealedRecord, JSON.parse(plain));
      if (!parsed?.success) return undefined;
      const { s, n, v: verifier, d, p: provider, m: maxAge, t: startedAt } = parsed.output;
      return {
        state: bytes(s),
        nonce: bytes(n),
        ...(verifier === undefined ? {} : { verifier }),
        ...(d === undefined ? {} : { bound: bytes(d) }),
        ...(provider === undefined ? {} : { provider }),
        ...(maxAge === undefined ? {} : { maxAge }),
        startedAt,
      };
    },
  };
}
