import { expect, test } from "vitest";
import { cookieSecret } from "./cookie-secret.ts";
import { CookieStore, type CookieStoreOptions } from "./cookie-store.ts";
import type { SessionFormat } from "./format.ts";
import { createSeal } from "./seal.ts";
import { createSealedFormat, formatSession, parseSession } from "./sealed-format.ts";
import { newSessionId, type Session } from "./session.ts";
import type { Entry } from "./store.ts";
import { createUpstreamFormat } from "./upstream-format.ts";

const NAME = "_oauth2_proxy";
const clock = { now: 1_700_000_000_000 };
const seal = createSeal("0123456789abcdef0123456789abcdef", "session");

const options: CookieStoreOptions = {
  name: NAME,
  formats: [createSealedFormat([seal], NAME)],
  attributes: () => ({ path: "/", domain: "", secure: true, httpOnly: true, sameSite: "lax" }),
  life: 3_600_000,
  maxAge: 0,
  persistent: true,
  headers: ({ email }) => ["X-Auth-Request-Email", email],
  now: () => clock.now,
};
const createStore = (life = options.life, maxAge = 0) => new CookieStore({ ...options, life, maxAge });

const session = (rest: Partial<Session> = {}): Session => ({
  id: newSessionId(),
  issuer: "https://issuer.example",
  subject: "sub-1",
  email: "ada@example.com",
  preferredUsername: "",
  groups: ["ops"],
  createdAt: clock.now,
  refreshedAt: clock.now,
  ...rest,
});

function headerOf(texts: readonly string[]): string {
  return texts.map((text) => text.split(";", 1)[0]).join("; ");
}

test("a session survives the cookie, tokens included", () => {
  const full = session({
    accessToken: "a",
    idToken: "b",
    refreshToken: "c".repeat(9000),
    preferredUsername: "Zoë",
  });
  const header = headerOf(createStore().save("", createStore().entry(full), "h"));
  expect(createStore().load(header)?.session).toEqual(full);
  expect(createStore().load(header)?.headers).toEqual(["X-Auth-Request-Email", "ada@example.com"]);
});

test("a good cookie among bad ones is found, in each order", () => {
  const good = headerOf(createStore().save("", createStore().entry(session()), "h"));
  for (const header of [
    `${NAME}=bad; ${good}`,
    `${good}; ${NAME}=bad`,
    `${NAME}=${"A".repeat(200)}; ${good}`,
  ]) {
    expect(createStore().load(header)?.session.subject).toBe("sub-1");
  }
});

test("a login under way is no session, nor is other text under our seal", () => {
  const login = createSeal("0123456789abcdef0123456789abcdef", "login");
  expect(createStore().load(`${NAME}=${login.seal(formatSession(session()), NAME)}`)).toBeUndefined();
  for (const text of [
    "",
    "{}",
    "[]",
    "null",
    '{"i":1}',
    formatSession(session({ id: "short" })),
    formatSession(session({ subject: "" })),
  ]) {
    expect(parseSession(text)).toBeUndefined();
    expect(createStore().load(`${NAME}=${seal.seal(text, NAME)}`)).toBeUndefined();
  }
});

test("a session ends after its life, and one from the future does not count", () => {
  const store = createStore(1000);
  const header = headerOf(store.save("", store.entry(session()), "h"));
  expect(store.load(header)).toBeDefined();
  clock.now += 1001;
  expect(store.load(header)).toBeUndefined();
  expect(createStore(1000).load(header)).toBeUndefined();
  const future = store.entry(session({ refreshedAt: clock.now + 6 * 60_000 }));
  expect(store.load(headerOf(store.save("", future, "h")))).toBeUndefined();
});

test("a session ends a fixed time after its sign-in, however young its cookie is", () => {
  const store = createStore(1000, 1500);
  const header = headerOf(store.save("", store.entry(session({ createdAt: clock.now - 1000 })), "h"));
  expect(store.load(header)?.endsAt).toBe(clock.now + 500);
  clock.now += 500;
  expect(store.load(header)).toBeUndefined();
  expect(createStore(1000).load(header)).toBeDefined();
});

test("both formats are read, whichever is written, and so is what the other program had cut", () => {
  const secret = cookieSecret("0123456789abcdef0123456789abcdef");
  const upstream = createUpstreamFormat({ name: NAME, secrets: [secret], minimal: false });
  const sealed = createSealedFormat([seal], NAME);
  const storeOf = (...formats: [SessionFormat, SessionFormat]) => new CookieStore({ ...options, formats });
  const long = session({ idToken: "i".repeat(9000) });
  for (const writer of [storeOf(upstream, sealed), storeOf(sealed, upstream)]) {
    const header = headerOf(writer.save("", writer.entry(long), "h"));
    for (const reader of [storeOf(upstream, sealed), storeOf(sealed, upstream)])
      expect(reader.load(header)?.session).toEqual(long);
    const other = storeOf(upstream, sealed);
    const later = headerOf(other.save(header, other.entry(session({ subject: "later" })), "h"));
    expect(other.load(later)?.session.subject).toBe("later");
  }
});

test("large sessions are told once", () => {
  const told: number[] = [];
  const store = new CookieStore({ ...options, large: (characters) => void told.push(characters) });
  store.save("", store.entry(session()), "h");
  expect(told).toEqual([]);
  for (let turn = 0; turn < 3; turn++)
    store.save("", store.entry(session({ idToken: "i".repeat(4000) })), "h");
  expect(told).toEqual([expect.any(Number)]);
});

test("an ended session is gone, also when a refresh that was under way comes back", () => {
  const store = createStore();
  const entry = store.entry(session());
  const header = headerOf(store.save("", entry, "h"));
  store.end(entry);
  expect(store.replace(entry, { ...entry.session, refreshedAt: clock.now + 1 })).toBeUndefined();
  expect(store.reload(entry)).toBeUndefined();
  expect(store.load(header)).toBeUndefined();
});

test("the newest version of a session counts, whichever cookie is sent", () => {
  const store = createStore();
  const entry = store.entry(session());
  const header = headerOf(store.save("", entry, "h"));
  const newer = store.replace(entry, {
    ...entry.session,
    email: "new@example.com",
    refreshedAt: clock.now + 1000,
  }) as Entry;
  expect(store.reload(entry)).toBe(newer);
  expect(store.load(header)?.session.email).toBe("new@example.com");
  expect(store.outdated(header, newer)).toBe(true);
  const fresh = headerOf(store.save(header, newer, "h"));
  expect(store.outdated(fresh, newer)).toBe(false);
  expect(headerOf(store.save(header, newer, "h"))).toBe(fresh);
});

test("ids are 128 random bits", () => {
  const ids = new Set(Array.from({ length: 1000 }, newSessionId));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(Buffer.from(id, "base64url")).toHaveLength(16);
});
