import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { COOKIES, format, formatOf, NAME, RECORD, SECRET, valid } from "../testing/upstream-cookies.ts";
import { cookieSecret } from "./cookie-secret.ts";
import { readRecord, writeRecord } from "./record.ts";
import { newSessionId, type Session, sessionIdOf } from "./session.ts";
import { createUpstreamFormat } from "./upstream-format.ts";

describe.each(Object.entries(COOKIES))("a cookie of oauth2-proxy under %s", (secret, value) => {
  test("is read", () => {
    expect(formatOf(secret).read(value)).toEqual({
      savedAt: 1_700_000_000_000,
      session: {
        id: sessionIdOf(Uint8Array.of(1, 2, 3)),
        issuer: "",
        subject: "sub-1",
        email: "user@example.com",
        preferredUsername: "user",
        groups: ["a", "b"],
        createdAt: 1_700_000_000_000,
        refreshedAt: 1_700_000_000_000,
        expiresOn: 1_700_003_600_123,
        accessToken: "at",
        idToken: "it",
        refreshToken: "rt",
        nonce: Uint8Array.of(1, 2, 3),
      },
    });
  });

  test("is written byte for byte, but for the IV and fractions of a millisecond", () => {
    const session = formatOf(secret).read(value)?.session as Session;
    const nanoseconds = Buffer.from("1d6f3454", "hex");
    const written = Buffer.from(writeRecord(session));
    nanoseconds.copy(written, written.indexOf("656fd7ff", 0, "hex") + 4);
    expect(written.toString("hex")).toBe(RECORD.toString("hex"));
    expect(formatOf(secret).read(formatOf(secret).write(session))?.session).toEqual(session);
  });
});

test("whatever a session holds comes back", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 300 });
  const some = fc.string({ minLength: 1, maxLength: 3000 });
  const time = fc.integer({ min: 0, max: 2 ** 42 });
  const claim = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));
  const session = fc.record(
    {
      issuer: text,
      subject: text,
      email: text,
      preferredUsername: text,
      groups: fc.array(text, { maxLength: 40 }),
      createdAt: time,
      refreshedAt: time,
      expiresOn: time,
      accessToken: some,
      idToken: some,
      refreshToken: some,
      nonce: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      additionalClaims: fc
        .dictionary(text, claim, { minKeys: 1, maxKeys: 5 })
        .map((made) => new Map(Object.entries(made))),
      provider: some,
    },
    {
      requiredKeys: ["issuer", "subject", "email", "preferredUsername", "groups", "createdAt", "refreshedAt"],
    },
  );
  fc.assert(
    fc.property(session, fc.boolean(), (made, derived) => {
      const id = derived && made.nonce !== undefined ? sessionIdOf(made.nonce) : newSessionId();
      const read = readRecord(writeRecord({ id, ...made }), 0);
      expect(JSON.stringify({ ...read, additionalClaims: [...(read?.additionalClaims ?? [])] })).toBe(
        JSON.stringify({ ...read, id, ...made, additionalClaims: [...(made.additionalClaims ?? [])] }),
      );
    }),
    { numRuns: 200 },
  );
});

test("a minimal cookie has no tokens", () => {
  const session = format.read(valid)?.session as Session;
  const read = format.read(formatOf(SECRET, true).write(session))?.session;
  expect(read).toMatchObject({ subject: "sub-1", nonce: Uint8Array.of(1, 2, 3) });
  expect(read).not.toHaveProperty("accessToken");
  expect(read).not.toHaveProperty("idToken");
  expect(read).not.toHaveProperty("refreshToken");
});

test("the session of another program keeps its id over a refresh", () => {
  const { session } = format.read(valid) ?? {};
  const later = { ...(session as Session), refreshedAt: 1_700_009_999_000, accessToken: "new" };
  expect(format.read(format.write(later))?.session).toMatchObject({
    id: session?.id,
    createdAt: 1_700_000_000_000,
    refreshedAt: 1_700_009_999_000,
  });
});

test("any secret of the list reads, the first writes", () => {
  const [one, two] = [cookieSecret(SECRET), cookieSecret("not-base64!not-base64!not-base6!")];
  const both = createUpstreamFormat({ name: NAME, secrets: [two, one], minimal: false });
  const session = both.read(valid)?.session as Session;
  expect(session.subject).toBe("sub-1");
  expect(formatOf(two.text).read(both.write(session))?.session.subject).toBe("sub-1");
  expect(format.read(both.write(session))).toBeUndefined();
});
