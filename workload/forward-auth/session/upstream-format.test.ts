import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cfbDecryption, cfbEncryption, cookieSecret, secretBytes } from "./cookie-secret.ts";
import { packLz4 } from "./lz4.ts";
import { readRecord, writeRecord } from "./record.ts";
import { newSessionId, type Session, sessionIdOf } from "./session.ts";
import { readPaddedBase64, readSigned, signValue } from "./signed-value.ts";
import { createUpstreamFormat } from "./upstream-format.ts";

const NAME = "_oauth2_proxy";
const SECRET = "0123456789abcdef0123456789abcdef";
const RECORD = Buffer.from(
  "8aa26361d6ff6553f100a2656fd7ff1d6f34546553ff10a26174a26174a26974a26974a27274a27274a16ec403010203a165b075736572406578616d706c652e636f6da175a57375622d31a16792a161a162a27075a475736572",
  "hex",
);
const COOKIES = {
  [SECRET]:
    "AAECAwQFBgcICQoLDA0OD_fzmzTo1oOx9wuH89s6DbhpkBumqsR0-BKXtIB2J7A-qm8Xd6OtKFjmck5NnDl7OhwIwDO5ko_hyJBgxbx7mbWySpiHnHtQOSypMU1dg_AkUvicc14nXqJktTnEmAkDMJ5LH-lAzJ38Khcr8j0=|1700000000|uad-eShnSCwXoAeUCvp-RRt-NxdzPtKoX08ST4haKkI=",
  "not-base64!not-base64!not-base6!":
    "AAECAwQFBgcICQoLDA0ODy0-ZkMM2pePDZ0dDX46cegQrGF6kELCuIQe5xGTFbiADstNq_8zbwJ5WTeYx5rHAlrQJnm82lAI1ZVwDdZQqCIgKeCmVSvEd2e8SPInmXapg6ewjI094Rdwsx14f1F6-EG5f9RwjxZXjoD4yuY=|1700000000|hcW3pin9m0r0Aq-5IgzA1br8NAElk5hmC51oyW0LcnA=",
};
const formatOf = (secret = SECRET, minimal = false) =>
  createUpstreamFormat({ name: NAME, secrets: [cookieSecret(secret)], minimal });
const format = formatOf();
const valid = COOKIES[SECRET] as string;

/** A record under a right signature. */
function signed(
  record: Uint8Array,
  { name = NAME, frame = packLz4(record), time = 1_700_000_000 } = {},
): string {
  const { signing, encrypt } = cookieSecret(SECRET);
  return signValue(signing, name, encrypt(frame), time);
}

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

test.each([
  ["0123456789abcdef0123456789abcdef", "d35db7e39ebbf3d69b71d79fd35db7e39ebbf3d69b71d79f"],
  [
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "3031323334353637383961626364656630313233343536373839616263646566",
  ],
  [
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n",
    "3031323334353637383961626364656630313233343536373839616263646566",
  ],
  ["not-base64!not-base64!not-base6!", Buffer.from("not-base64!not-base64!not-base6!").toString("hex")],
  ["asdflkjhqwer)(*&", Buffer.from("asdflkjhqwer)(*&").toString("hex")],
  ["abcdefghijklmnop", Buffer.from("abcdefghijklmnop").toString("hex")],
  ["abcdefghijklmnopqrstuv", "69b71d79f8218a39259a7a29aabb2dba"],
])("the key of secret %j", (secret, key) => {
  expect(secretBytes(secret).toString("hex")).toBe(key);
});

test("a secret of another length is refused", () => {
  expect(() => cookieSecret("+/".repeat(22))).toThrow("is 44 bytes");
});

test("encryption is AES-CFB as OpenSSL has it, for texts of any length behind one another, each with an IV of its own", () => {
  const texts = fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 2, maxLength: 10 });
  fc.assert(
    fc.property(texts, fc.constantFrom(16, 24, 32), (plains, length) => {
      const key = Buffer.alloc(length, 7);
      const encrypt = cfbEncryption(key);
      const sealed = plains.map(encrypt);
      const opened = sealed.map((each) =>
        createDecipheriv(`aes-${length * 8}-cfb`, key, each.subarray(0, 16)).update(each.subarray(16)),
      );
      expect(opened).toEqual(plains.map((plain) => Buffer.from(plain)));
      const ivs = sealed.map((each) => each.subarray(0, 16).toString("hex"));
      expect(new Set(ivs).size).toBe(plains.length);
    }),
  );
});

test("decryption is AES-CFB as OpenSSL has it, for every length", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(bytes, fc.constantFrom(16, 24, 32), (plain, length) => {
      const key = Buffer.alloc(length, 7);
      const iv = Buffer.alloc(16, plain.length);
      const sealed = Buffer.concat([iv, createCipheriv(`aes-${length * 8}-cfb`, key, iv).update(plain)]);
      expect(Buffer.from(cfbDecryption(key)(sealed) ?? [])).toEqual(Buffer.from(plain));
      expect(Buffer.from(cfbDecryption(key)(cfbEncryption(key)(plain)) ?? [])).toEqual(Buffer.from(plain));
    }),
  );
  expect(cfbDecryption(Buffer.alloc(16))(Buffer.alloc(15))).toBeUndefined();
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

describe("S-08: tampering and confusion", () => {
  test("each changed character is noticed", () => {
    for (let at = 0; at < valid.length; at++) {
      const other = valid[at] === "A" ? "B" : "A";
      expect(format.read(valid.slice(0, at) + other + valid.slice(at + 1)), `at ${at}`).toBeUndefined();
    }
  });

  test("each truncation is noticed", () => {
    for (let at = 0; at < valid.length; at++) expect(format.read(valid.slice(0, at))).toBeUndefined();
  });

  test("a signature of another cookie", () => {
    const other = signed(RECORD, { time: 1_700_000_001 });
    const [v, t] = valid.split("|");
    expect(format.read(other)).toBeDefined();
    expect(format.read(`${v}|${t}|${other.split("|")[2]}`)).toBeUndefined();
  });

  test.each(["", "|", "||", "|||", "V||", `|1700000000|${valid.split("|")[2]}`])("no value: %j", (value) => {
    expect(format.read(value)).toBeUndefined();
  });

  test("two and four fields", () => {
    const [v, t, s] = valid.split("|");
    for (const value of [`${v}|${s}`, `${v}|${t}|${t}|${s}`, `${valid}|${s}`, `x|${valid}`])
      expect(format.read(value)).toBeUndefined();
  });

  test.each(["-1", "+1700000000"])("time %j is a number", (time) => {
    expect(format.read(resigned(time))?.savedAt).toBe(Number(time) * 1000);
  });

  test.each([
    "1e9",
    "1700000000.0",
    " 1700000000",
    "1700000000 ",
    "12345678901234567890",
    "0x10",
    "",
    "--1",
    "١",
  ])("time %j is none", (time) => {
    expect(format.read(resigned(time))).toBeUndefined();
  });

  /** The cookie with another time under a right signature. */
  function resigned(time: string): string {
    const [payload = ""] = valid.split("|");
    const mac = createHmac("sha256", SECRET)
      .update(NAME + payload + time)
      .digest("base64url");
    return `${payload}|${time}|${mac}=`;
  }

  test("name and value cannot be shifted against each other", () => {
    const [payload = "", time, mac] = valid.split("|");
    expect(
      createUpstreamFormat({ name: "_oauth2_prox", secrets: [cookieSecret(SECRET)], minimal: false }).read(
        `y${payload}|${time}|${mac}`,
      ),
    ).toBeUndefined();
    const moved = payload.slice(-1);
    expect(format.read(`${payload.slice(0, -1)}|${moved}${time}|${mac}`)).toBeUndefined();
    expect(format.read(`${payload}${time?.slice(0, 4)}|${time?.slice(4)}|${mac}`)).toBeUndefined();
  });

  test("another spelling of the same signature", () => {
    const [v, t, s = ""] = valid.split("|");
    const [standard, bare] = [s.replaceAll("-", "+").replaceAll("_", "/"), s.slice(0, -1)];
    expect(standard).not.toBe(s);
    expect(format.read(`${v}|${t}|${standard}`)).toBeUndefined();
    expect(format.read(`${v}|${t}|${bare}`)).toBeUndefined();
    // The last character has two bits that mean nothing: I and J are the same 32 bytes.
    expect(Buffer.from(`${s.slice(0, -2)}J=`, "base64url")).toEqual(Buffer.from(s, "base64url"));
    expect(format.read(`${v}|${t}|${s.slice(0, -2)}J=`)).toBeUndefined();
  });

  test("payloads in another spelling, rightly signed", () => {
    const [payload = ""] = valid.split("|");
    for (const other of [
      payload.replaceAll("_", "/").replaceAll("-", "+"),
      payload.slice(0, -1),
      `${payload.slice(0, -2)}1=`,
      `!${payload.slice(1)}`,
      `${payload}====`,
    ]) {
      const mac = createHmac("sha256", SECRET).update(`${NAME}${other}1700000000`).digest("base64url");
      expect(format.read(`${other}|1700000000|${mac}=`), other.slice(-8)).toBeUndefined();
    }
  });

  test("the cookie of a login under way is no session", () => {
    const login = Buffer.from("82a173c4017fa16ec40101", "hex");
    expect(format.read(signed(login, { name: `${NAME}_csrf`, frame: login }))).toBeUndefined();
    expect(format.read(signed(login))).toBeUndefined();
  });

  test("a ticket of the Redis store is no session", () => {
    const ticket = Buffer.from("v2.X29hdXRoMl9wcm94eS0wMDEx.Dw4NDAsKCQgHBgUEAwIBAA");
    const { signing } = cookieSecret(SECRET);
    expect(format.read(signValue(signing, NAME, ticket, 1_700_000_000))).toBeUndefined();
  });

  test("nothing is decrypted before the signature is checked", () => {
    const counted = { decryptions: 0 };
    const secret = cookieSecret(SECRET);
    const counting = createUpstreamFormat({
      name: NAME,
      secrets: [
        {
          ...secret,
          decrypt: (bytes) => {
            counted.decryptions++;
            return secret.decrypt(bytes);
          },
        },
      ],
      minimal: false,
    });
    expect(counting.read(`${valid.slice(0, -2)}A=`)).toBeUndefined();
    expect(counted.decryptions).toBe(0);
    expect(counting.read(valid)).toBeDefined();
    expect(counted.decryptions).toBe(1);
  });

  test.each([
    ["no map", "c0"],
    ["a list", "93010203"],
    ["a map that promises 2^32-1 entries", "dfffffffff"],
    ["a list of groups that promises 2^32-1", "81a167ddffffffff"],
    ["a string longer than the record", "81a165dbffffffff61"],
    ["a name twice", "82a165a161a165a162"],
    ["a name twice, deep", "81a26163" + "81a16182a178c0a178c0"],
    ["a string that is no UTF-8", "81a165a2c328"],
    ["a time that is a float", "81a26361cb7ff8000000000000"],
    ["a time that is no time", "81a26361d7ffffffffffffffffff"],
    ["an extension of another type", "81a26361d60100000000"],
    ["a number for the e-mail", "81a16501"],
    ["a number in the groups", "81a1679101"],
    ["something behind the record", "81a165a16100"],
    ["a reserved code", "81a178c1"],
    ["nothing", ""],
  ])("a record with %s, rightly signed, is no session", (_, hex) => {
    expect(format.read(signed(Buffer.from(hex, "hex")))).toBeUndefined();
  });

  test("1000 levels of nesting", () => {
    const deep = Buffer.concat([Buffer.from("81a178", "hex"), Buffer.alloc(1000, 0x91), Buffer.of(0xc0)]);
    expect(format.read(signed(deep))).toBeUndefined();
  });

  test("names that mean something to JavaScript are only names", () => {
    const record = Buffer.from(
      "82a175a161a2616382a95f5f70726f746f5f5f81a161a162ab636f6e7374727563746f72a163",
      "hex",
    );
    const claims = format.read(signed(record))?.session.additionalClaims;
    expect([...(claims?.keys() ?? [])]).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(claims?.get("__proto__"))).toBeNull();
    expect(({} as { a?: string }).a).toBeUndefined();
  });

  test("unknown names, and nil for a field, are passed over", () => {
    const record = Buffer.from("84a175a161a17ac3a165c0a2636fd7ff1d6f34546553ff10", "hex");
    expect(format.read(signed(record))?.session).toMatchObject({ subject: "a", email: "" });
  });

  test("an empty record is a session of nobody", () => {
    expect(format.read(signed(Buffer.of(0x80)))?.session).toMatchObject({
      subject: "",
      email: "",
      refreshedAt: 1_700_000_000_000,
    });
  });

  test("no text makes it throw", () => {
    const piece = fc.constantFrom(
      valid,
      valid.slice(0, 60),
      "|",
      "1700000000",
      "=",
      "A",
      "_oauth2_proxy",
      "\u{10ffff}",
    );
    const hostile = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: "binary" })), (value) => {
        if (value !== valid) expect(format.read(value)).toBeUndefined();
      }),
    );
  });

  test("no record makes it throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(), fc.nat(255), (noise, at, byte) => {
        readRecord(noise, 0);
        const changed = Buffer.from(RECORD);
        changed[at % changed.length] = byte;
        readRecord(changed, 0);
      }),
    );
  });
});

test("padded base64url is read in one spelling only", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = Buffer.from(bytes).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
      expect(readPaddedBase64(text)).toEqual(Buffer.from(bytes));
    }),
  );
  for (const text of [
    "A",
    "AA",
    "AAA",
    "AB==",
    "AAB=",
    "AA=A",
    "====",
    "A===",
    "AA==AA==",
    "A A=",
    "AA+=",
    "AA/=",
  ])
    expect(readPaddedBase64(text), text).toBeUndefined();
});

test("readSigned() tells the key", () => {
  const keys = [cookieSecret("not-base64!not-base64!not-base6!").signing, cookieSecret(SECRET).signing];
  expect(readSigned(keys, NAME, valid)).toMatchObject({ time: 1_700_000_000, key: 1 });
});
