import { randomBytes } from "node:crypto";
import * as v from "valibot";

/** A signed-in browser. Times in milliseconds since the epoch. */
export interface Session {
  /** New at every sign-in; names the session in memory and in logs. */
  readonly id: string;
  readonly issuer: string;
  /** The claim `sub`. */
  readonly subject: string;
  /** Empty when the provider tells none. */
  readonly email: string;
  readonly preferredUsername: string;
  readonly groups: readonly string[];
  readonly createdAt: number;
  /** When the tokens were last asked for; equals `createdAt` at first. */
  readonly refreshedAt: number;
  readonly accessToken?: string;
  readonly idToken?: string;
  readonly refreshToken?: string;
}

const short = v.pipe(v.string(), v.maxLength(4096));
const token = v.optional(v.pipe(v.string(), v.maxLength(32_768)));
const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** As in the cookie: short names, absent members for what is empty. */
const record = v.strictObject({
  i: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)),
  o: short,
  s: v.pipe(short, v.minLength(1)),
  e: v.optional(short, ""),
  p: v.optional(short, ""),
  g: v.optional(v.pipe(v.array(short), v.maxLength(5000)), []),
  c: time,
  r: time,
  at: token,
  it: token,
  rt: token,
});

/** A new session's id: 16 random bytes, base64url. */
export function newSessionId(): string {
  return randomBytes(16).toString("base64url");
}

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
    at: session.accessToken,
    it: session.idToken,
    rt: session.refreshToken,
  });
}

/** Reads the text of a cookie that was opened; undefined when it is no session. */
export function parseSession(text: string): Session | undefined {
  const parsed = v.safeParse(record, parseJson(text));
  if (!parsed.success) return undefined;
  const { i, o, s, e, p, g, c, r, at, it, rt } = parsed.output;
  return {
    id: i,
    issuer: o,
    subject: s,
    email: e,
    preferredUsername: p,
    groups: g,
    createdAt: c,
    refreshedAt: r,
    ...(at === undefined ? {} : { accessToken: at }),
    ...(it === undefined ? {} : { idToken: it }),
    ...(rt === undefined ? {} : { refreshToken: rt }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
