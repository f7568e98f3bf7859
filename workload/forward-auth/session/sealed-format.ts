/**
 * Our own cookie format: the session as JSON with short names, sealed with AES-256-GCM.
 *
 * @module
 */
import * as v from "valibot";
import type { FormatReading, SessionFormat } from "./format.ts";
import type { Seal } from "./seal.ts";
import type { Session } from "./session.ts";

const short = v.pipe(v.string(), v.maxLength(4096));
const token = v.optional(v.pipe(v.string(), v.maxLength(32_768)));
const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** As in the cookie: short names, absent members for what is empty. The nonce is not kept: nobody asks for it after the login. */
const record = v.strictObject({
  i: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)),
  o: short,
  s: v.pipe(short, v.minLength(1)),
  e: v.optional(short, ""),
  p: v.optional(short, ""),
  g: v.optional(v.pipe(v.array(short), v.maxLength(5000)), []),
  c: time,
  r: time,
  x: v.optional(time),
  at: token,
  it: token,
  rt: token,
  ac: v.optional(v.pipe(v.array(v.tuple([short, v.unknown()])), v.maxLength(100))),
  v: v.optional(short),
  a: v.optional(short),
  d: v.optional(short),
});

/** The session as text; the inverse of {@link parseSession}. */
export function formatSession(session: Session): string {
  return JSON.stringify({
    i: session.id,
    o: session.issuer,
    s: session.subject,
    e: session.email || undefined,
    p: session.preferredUsername || undefined,
    g: session.groups.length > 0 ? session.groups : undefined,
    c: session.createdAt,
    r: session.refreshedAt,
    x: session.expiresOn,
    at: session.accessToken,
    it: session.idToken,
    rt: session.refreshToken,
    ac: session.additionalClaims === undefined ? undefined : [...session.additionalClaims],
    v: session.provider,
    a: session.acr,
    d: session.sid,
  });
}

/** Reads the text of a cookie that was opened; undefined when it is no session. */
export function parseSession(text: string): Session | undefined {
  const parsed = v.safeParse(record, parseJson(text));
  if (!parsed.success) return undefined;
  const { i, o, s, e, p, g, c, r, x, at, it, rt, ac, v: provider, a: acr, d: sid } = parsed.output;
  return {
    id: i,
    issuer: o,
    subject: s,
    email: e,
    preferredUsername: p,
    groups: g,
    createdAt: c,
    refreshedAt: r,
    ...(x === undefined ? {} : { expiresOn: x }),
    ...(at === undefined ? {} : { accessToken: at }),
    ...(it === undefined ? {} : { idToken: it }),
    ...(rt === undefined ? {} : { refreshToken: rt }),
    ...(ac === undefined ? {} : { additionalClaims: new Map(ac) }),
    ...(provider === undefined ? {} : { provider }),
    ...(acr === undefined ? {} : { acr }),
    ...(sid === undefined ? {} : { sid }),
  };
}

/** What JSON.parse made may carry names such as `__proto__` as own members; without a prototype they mean nothing. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.assign(Object.create(null), value)
        : value,
    );
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What the first seal that fits makes of a value. */
function openAny(seals: readonly Seal[], value: string, name: string): string | undefined {
  for (const seal of seals) {
    const plain = seal.open(value, name);
    if (plain !== undefined) return plain;
  }
  return undefined;
}

/** Sealed cookies, the first seal writes, all read: `AQ…`, base64url of version, nonce, ciphertext and tag. */
export function createSealedFormat(seals: readonly [Seal, ...Seal[]], name: string): SessionFormat {
  return {
    write: (session) => seals[0].seal(formatSession(session), name),
    read(value): FormatReading | undefined {
      const plain = openAny(seals, value, name);
      const session = plain === undefined ? undefined : parseSession(plain);
      return session === undefined ? undefined : { session, savedAt: session.refreshedAt };
    },
  };
}
