/** Cookies that somebody changed or made up: none of them is a session. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { format, NAME, RECORD, SECRET, signed, valid } from "../testing/upstream-cookies.ts";
import { cookieSecret } from "./cookie-secret.ts";
import { readRecord } from "./record.ts";
import { signValue } from "./signed-value.ts";
import { createUpstreamFormat } from "./upstream-format.ts";

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
