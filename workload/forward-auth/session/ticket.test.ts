import fc from "fast-check";
import { expect, test } from "vitest";
import { cookieSecret } from "./cookie-secret.ts";
import { readRecord } from "./record.ts";
import { signValue } from "./signed-value.ts";
import { formatTicket, newTicket, openRecord, parseTicket, sealRecord } from "./ticket.ts";

const NAME = "_oauth2_proxy";
const TEXT = "v2.X29hdXRoMl9wcm94eS0wMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZg.Dw4NDAsKCQgHBgUEAwIBAA";
const ID = "_oauth2_proxy-00112233445566778899aabbccddeeff";
const SECRET = Buffer.from("0f0e0d0c0b0a09080706050403020100", "hex");
const VALUE = Buffer.from(
  "000102030405060708090a0bfe4939b308dac34f16e827bad6dcb9ab03d6b32f4fca371639a3c2592c852a46eca04f9e1088198bb0d6b979279c4ccaad53ef08b7d38c0cee48dcf15fb279ef8b2a6e7690090b7e722ae011c13f20723cfd47bce3ca67df8ca39a172c3835dd3321234676ad5fd24691",
  "hex",
);

test("a ticket of oauth2-proxy is read and written", () => {
  expect(parseTicket(TEXT, NAME)).toEqual({ id: ID, secret: SECRET });
  expect(formatTicket({ id: ID, secret: SECRET })).toBe(TEXT);
  const { signing } = cookieSecret("0123456789abcdef0123456789abcdef");
  expect(signValue(signing, NAME, Buffer.from(TEXT), 1_700_000_000)).toBe(
    "djIuWDI5aGRYUm9NbDl3Y205NGVTMHdNREV4TWpJek16UTBOVFUyTmpjM09EZzVPV0ZoWW1KalkyUmtaV1ZtWmcuRHc0TkRBc0tDUWdIQmdVRUF3SUJBQQ==|1700000000|dmDX6n3zd-Oy0AD1PCqWq0WQCpFTAtiYSol2JShvBYw=",
  );
});

test("the older form is read, also for names with dots", () => {
  expect(parseTicket(`${ID}.Dw4NDAsKCQgHBgUEAwIBAA`, NAME)).toEqual({ id: ID, secret: SECRET });
  expect(parseTicket("a.b-0011.Dw4NDAsKCQgHBgUEAwIBAA", "a.b")).toEqual({ id: "a.b-0011", secret: SECRET });
});

test("a record of oauth2-proxy opens, with its ticket only", () => {
  const record = openRecord({ id: ID, secret: SECRET }, VALUE);
  expect(readRecord(record ?? Buffer.alloc(0), 0)).toMatchObject({
    email: "user@example.com",
    refreshToken: "rt",
  });
  expect(openRecord({ id: ID, secret: Buffer.alloc(16) }, VALUE)).toBeUndefined();
  for (let at = 0; at < VALUE.length; at++) {
    const changed = Buffer.from(VALUE);
    changed[at] = (changed[at] as number) ^ 1;
    expect(openRecord({ id: ID, secret: SECRET }, changed)).toBeUndefined();
    expect(openRecord({ id: ID, secret: SECRET }, VALUE.subarray(0, at))).toBeUndefined();
  }
});

test("what was sealed opens", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(16, 24, 32), (bytes, length) => {
      const ticket = { id: ID, secret: Buffer.alloc(length, 5) };
      expect(openRecord(ticket, sealRecord(ticket, bytes))).toEqual(Buffer.from(bytes));
    }),
  );
});

test("tickets never repeat", () => {
  const made = Array.from({ length: 500 }, () => newTicket(NAME));
  expect(new Set(made.map(({ id }) => id)).size).toBe(500);
  expect(new Set(made.map(({ secret }) => secret.toString("hex"))).size).toBe(500);
  for (const ticket of made) {
    expect(ticket.id).toMatch(/^_oauth2_proxy-[0-9a-f]{32}$/);
    expect(parseTicket(formatTicket(ticket), NAME)).toEqual(ticket);
  }
});

test.each([
  "",
  "v2",
  "v2..",
  "v2.X29hdXRoMl9wcm94eS0wMDEx",
  "v3.X29hdXRoMl9wcm94eS0wMDEx.Dw4NDAsKCQgHBgUEAwIBAA",
  "v2.X29hdXRoMl9wcm94eS0wMDEx.Dw4NDAsKCQgHBgUEAwIB",
  "v2.X29hdXRoMl9wcm94eS0wMDEx.Dw4NDAsKCQgHBgUEAwIBAA.x",
  "v2.b3RoZXItMDAxMQ.Dw4NDAsKCQgHBgUEAwIBAA",
  `other-0011.Dw4NDAsKCQgHBgUEAwIBAA`,
  `v2.${Buffer.from("_oauth2_proxy-\n").toString("base64url")}.Dw4NDAsKCQgHBgUEAwIBAA`,
  `v2.${Buffer.from(`_oauth2_proxy-${"0".repeat(500)}`).toString("base64url")}.Dw4NDAsKCQgHBgUEAwIBAA`,
])("%j is no ticket", (text) => {
  expect(parseTicket(text, NAME)).toBeUndefined();
});

test("no text makes it throw", () => {
  const piece = fc.constantFrom(
    "v2",
    ".",
    "_oauth2_proxy-",
    "X29hdXRoMl9wcm94eS0",
    "Dw4NDAsKCQgHBgUEAwIBAA",
    "\0",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.string(), (pieces, noise) => {
      for (const text of [pieces.join(""), noise, `_oauth2_proxy-${noise}`]) {
        const ticket = parseTicket(text, NAME);
        if (ticket !== undefined) expect(ticket.id.startsWith(`${NAME}-`)).toBe(true);
      }
    }),
  );
});
