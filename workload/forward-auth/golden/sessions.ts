/** Compares how we read and write sessions with what the real program stored, and what it answered for them. @module */

import { PendingLogins } from "../login/pending.ts";
import { createUpstreamLoginFormat } from "../login/record.ts";
import { cookieSecret, secretBytes } from "../session/cookie-secret.ts";
import { readRecord, writeRecord } from "../session/record.ts";
import type { Session } from "../session/session.ts";
import { readSigned } from "../session/signed-value.ts";
import { openRecord, parseTicket, sealRecord } from "../session/ticket.ts";
import { createUpstreamFormat } from "../session/upstream-format.ts";
import { exchange } from "./client.ts";
import type { RecordedSession } from "./recording.ts";
import type { Stage, Subject } from "./stage.ts";
import { type Outcome, SoftComparison } from "./tolerances.ts";

const said = (where: string, recorded: unknown, now: unknown): string =>
  `${where}: recorded ${JSON.stringify(recorded)?.slice(0, 200)}, now ${JSON.stringify(now)?.slice(0, 200)}`;

/** A field as it was recorded: text, list, `{hex}`, or `{sec, nsec}`. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if ("hex" in value) return value.hex;
  const { sec, nsec } = value as { sec: number; nsec: number };
  return sec * 1000 + Math.floor(nsec / 1e6);
}

/** A session in the recording's words. */
function fieldsOf(session: Session): Record<string, unknown> {
  const { nonce } = session;
  return {
    ca: session.refreshedAt,
    eo: session.expiresOn,
    at: session.accessToken,
    it: session.idToken,
    rt: session.refreshToken,
    n: nonce === undefined ? undefined : Buffer.from(nonce).toString("hex"),
    e: session.email || undefined,
    u: session.subject || undefined,
    g: session.groups.length > 0 ? session.groups : undefined,
    pu: session.preferredUsername || undefined,
  };
}

/** Field by field. */
function fieldsDifference(recorded: RecordedSession["record"], session: Session): string | undefined {
  const now = fieldsOf(session);
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(now)])) {
    const wanted = plain(recorded[key]);
    if (JSON.stringify(wanted) !== JSON.stringify(now[key])) return said(`field ${key}`, wanted, now[key]);
  }
  return undefined;
}

/** The recorded bytes with times cut to milliseconds, which is all that we keep. */
function cutTimes(hex: string): string {
  return hex.replace(/(a26361|a2656f)d7ff([0-9a-f]{16})/g, (_, key: string, time: string) => {
    const bits = BigInt(`0x${time}`);
    const seconds = bits & ((1n << 34n) - 1n);
    const milliseconds = (bits >> 34n) / 1_000_000n;
    const cut = ((milliseconds * 1_000_000n) << 34n) | seconds;
    return milliseconds === 0n
      ? `${key}d6ff${seconds.toString(16).padStart(8, "0")}`
      : `${key}d7ff${cut.toString(16).padStart(16, "0")}`;
  });
}

/** Our bytes without the id that we add where no nonce tells it: the last field. */
function withoutId(record: Buffer, session: Session): string {
  if (session.nonce !== undefined) return record.toString("hex");
  const field = 1 + "_id".length + 1 + 22;
  const cut = Buffer.from(record.subarray(0, record.length - field));
  cut[0] = (cut[0] as number) - 1;
  return cut.toString("hex");
}

/** What was stored, as we read it. */
function stored(recorded: RecordedSession): Session | string {
  const { cookie_name: name, secret, redis } = recorded;
  const value = recorded.cookies.map((cookie) => cookie.value).join("");
  if (redis === undefined) {
    const format = createUpstreamFormat({ name, secrets: [cookieSecret(secret)], minimal: false });
    return format.read(value)?.session ?? "cookie: cannot be read";
  }
  const signed = readSigned([cookieSecret(secret).signing], name, value);
  const text = signed?.payload.toString();
  if (text !== recorded.ticket) return said("ticket", recorded.ticket, text);
  const ticket = parseTicket(text ?? "", name);
  if (ticket?.id !== redis.key) return said("key", redis.key, ticket?.id);
  const record = openRecord(ticket, Buffer.from(redis.value_base64, "base64"));
  const session = record === undefined ? undefined : readRecord(record, 0);
  if (session === undefined) return "record: cannot be read";
  const again = openRecord(ticket, sealRecord(ticket, writeRecord(session)));
  return again === undefined ? "record: cannot be written" : session;
}

/** Reading and writing, without a program. */
export function formatDifference(recorded: RecordedSession): string | undefined {
  const { secret, aes_key_hex: key } = recorded;
  if (key !== undefined && secretBytes(secret).toString("hex") !== key)
    return said("key", key, secretBytes(secret).toString("hex"));
  const session = stored(recorded);
  if (typeof session === "string") return session;
  const written = withoutId(writeRecord(session), session);
  const wanted = cutTimes(recorded.record_hex ?? "");
  return (
    fieldsDifference(recorded.record, session) ??
    (written === wanted ? undefined : said("written", wanted, written))
  );
}

/** A login under way: its record, and whether the state that was sent finds it. */
export function loginDifference(recorded: RecordedSession): string | undefined {
  const { secret, cookie_name: name, signed_at, login_parameters: sent = {} } = recorded;
  const format = createUpstreamLoginFormat([cookieSecret(secret)]);
  const value = recorded.cookies[0]?.value ?? "";
  const record = format.read(value, name);
  const now = {
    s: record === undefined ? undefined : Buffer.from(record.state).toString("hex"),
    n: record === undefined ? undefined : Buffer.from(record.nonce).toString("hex"),
    cv: record?.verifier,
  };
  for (const key of ["s", "n", "cv"] as const)
    if (plain(recorded.record[key]) !== now[key]) return said(`field ${key}`, recorded.record[key], now[key]);
  const logins = new PendingLogins({
    name: name.replace(/_csrf$/, ""),
    formats: [format],
    attributes: () => ({ path: "/", domain: "", secure: true, httpOnly: true, sameSite: "" }),
    perRequest: false,
    limit: 0,
    life: 900_000,
    encodeState: false,
    now: () => signed_at * 1000,
  });
  const login = logins.find(`${name}=${value}`, sent["state"] ?? "");
  if (login === undefined) return "state: finds no login";
  if (sent["nonce"] !== null && login.nonce !== sent["nonce"])
    return said("nonce", sent["nonce"], login.nonce);
  return login.redirect === "/app?x=1" ? undefined : said("redirect", "/app?x=1", login.redirect);
}

/** What our program answers for the cookie. */
export async function answersDifference(
  recorded: RecordedSession,
  stage: Stage,
  { port, places }: Subject,
  comparison: SoftComparison,
): Promise<string | undefined> {
  const { answers, cookie_header = "", redis, signed_at } = recorded;
  if (answers === undefined) return undefined;
  // The clock of the recording: one of the sessions has no other end than a week after it was signed.
  const shift = signed_at * 1000 + 60_000 - stage.clock.now();
  stage.clock.wait(shift);
  try {
    if (redis !== undefined) stage.redis.set(redis.key, Buffer.from(redis.value_base64, "base64"), 600_000);
    const ask = (target: string) =>
      exchange(port, {
        method: "GET",
        target,
        headers: [
          ["Host", "app.example.com"],
          ["Cookie", cookie_header],
        ],
      });
    const auth = comparison.difference({ ...answers.auth, body: "" }, await ask("/oauth2/auth"), places);
    if (auth !== undefined) return `auth: ${auth}`;
    const { status, body } = await ask("/oauth2/userinfo");
    const wanted = JSON.stringify(answers.userinfo);
    return status === 200 && body.trim() === wanted ? undefined : said("userinfo", answers.userinfo, body);
  } finally {
    stage.clock.wait(-shift);
  }
}

/** Where a recorded session differs first; undefined when everything agrees. */
export async function sessionDifference(
  recorded: RecordedSession,
  stage: Stage,
  subject: Subject,
): Promise<Outcome | string | undefined> {
  if (recorded.id.startsWith("csrf/")) return loginDifference(recorded);
  const comparison = new SoftComparison();
  return comparison.outcome(
    formatDifference(recorded) ?? (await answersDifference(recorded, stage, subject, comparison)),
  );
}
