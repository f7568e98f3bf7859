import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { HeaderSettings, HeaderValueSettings } from "../options/structure.ts";
import { claimReader, type Identified } from "./claims.ts";
import { goTime } from "./go-time.ts";
import { HeaderSet } from "./header-set.ts";
import { Identity } from "./identity.ts";
import { Secrets } from "./secrets.ts";
import { gapSignature, signatureKey } from "./signature.ts";
import { canonicalName, headerText } from "./text.ts";

const folder = mkdtempSync(join(tmpdir(), "identity-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ALICE: Identified = {
  subject: "sub-alice",
  email: "alice@example.com",
  preferredUsername: "alice",
  groups: ["dev", "ops"],
  createdAt: 1_700_000_000_000,
  refreshedAt: 1_700_000_000_000,
  accessToken: "at",
};

const claim = (name: string, more: { prefix?: string; password?: string } = {}): HeaderValueSettings => ({
  claimSource: {
    claim: name,
    prefix: more.prefix ?? "",
    basicAuthPassword: more.password === undefined ? undefined : { value: more.password },
  },
});
const header = (name: string, ...values: HeaderValueSettings[]): HeaderSettings => ({
  name,
  preserveRequestValue: false,
  insecureSkipHeaderNormalization: false,
  values,
});
function built(session: Identified | undefined, headers: HeaderSettings[], empty = true): string[] {
  const flat: string[] = [];
  new HeaderSet(headers, new Secrets({})).build(session, flat, empty);
  return flat;
}

test("several values of a header are joined, in configured order", () => {
  expect(
    built(ALICE, [
      header("x-groups", claim("groups")),
      header("X-Two", claim("user"), { secretSource: { value: "two" } }),
      header("X-Mail", claim("email", { prefix: "mail " })),
      header("X-Basic", claim("email", { password: "pw" })),
    ]),
  ).toEqual([
    "X-Groups",
    "dev,ops",
    "X-Two",
    "sub-alice,two",
    "X-Mail",
    "mail alice@example.com",
    "X-Basic",
    "Basic YWxpY2VAZXhhbXBsZS5jb206cHc=",
  ]);
});

test("without a value a header is empty in answers and absent in requests", () => {
  const headers = [header("X-None", claim("nothing")), header("X-Static", { secretSource: { value: "s" } })];
  expect(built(ALICE, headers, true)).toEqual(["X-None", "", "X-Static", "s"]);
  expect(built(undefined, headers, false)).toEqual(["X-Static", "s"]);
});

test.each([
  ["größe,日本", Buffer.from("größe,日本").toString("latin1")],
  ["a\r\n X-Injected: 1", "a   X-Injected: 1"],
  ["\n a\tb\0c \t", "a\tb c"],
])("header text of %j", (value, expected) => {
  expect(headerText(value)).toBe(expected);
  const session = { ...ALICE, subject: value };
  expect(built(session, [header("X", claim("user"))])).toEqual(["X", expected]);
});

test("whatever a session says, header values are fit to be written", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.array(fc.string({ unit: "binary" })), (subject, groups) => {
      const session = { ...ALICE, subject, groups };
      const flat = built(session, [
        header("X-User", claim("user", { prefix: "p " })),
        header("X-Groups", claim("groups")),
        header("X-Basic", claim("user", { password: "ä" })),
      ]);
      for (const value of flat) expect(value).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
    }),
  );
});

test("additional claims: lists give several values, numbers and objects their text", () => {
  const additionalClaims = new Map<string, unknown>([
    ["list", ["a", "b,c", "3"]],
    ["obj", { k: ["1", { z: null }] }],
    ["flag", true],
    ["none", null],
  ]);
  const session = { ...ALICE, additionalClaims };
  expect(claimReader("list")(session)).toEqual(["a", "b,c", "3"]);
  expect(claimReader("obj")(session)).toEqual(['{"k":["1",{"z":null}]}']);
  expect(claimReader("flag")(session)).toEqual(["true"]);
  expect(claimReader("none")(session)).toEqual([""]);
  expect(claimReader("constructor")(session)).toEqual([""]);
});

test("a group with a comma cannot pass for two", () => {
  expect(claimReader("groups")({ ...ALICE, groups: ["a,b", "c d"] })).toEqual(["c d"]);
});

test.each([
  [1_700_000_000_000, { minutes: 0, name: "UTC" }, "2023-11-14 22:13:20 +0000 UTC"],
  [1_700_000_000_120, { minutes: 60, name: "CET" }, "2023-11-14 23:13:20.12 +0100 CET"],
  [1_700_000_000_001, { minutes: 330, name: "" }, "2023-11-15 03:43:20.001 +0530 +0530"],
  [1_700_000_000_500, { minutes: -180, name: "" }, "2023-11-14 19:13:20.5 -0300 -03"],
  [Number.NaN, { minutes: 0, name: "UTC" }, ""],
])("times are written as Go writes them", (milliseconds, zone, text) => {
  expect(goTime(milliseconds, zone)).toBe(text);
});

test("a secret's file is read again when it changes; one that is gone keeps its secret", () => {
  const file = join(folder, "secret");
  writeFileSync(file, "one");
  const secrets = new Secrets({ NAME: "value" });
  const settings = {
    requestHeaders: [
      header("X-File", { secretSource: { fromFile: file } }),
      header("X-Env", { secretSource: { fromEnv: "NAME" } }),
    ],
    responseHeaders: [],
  };
  const identity = new Identity(settings, secrets);
  expect(identity.requestHeaders(ALICE)).toEqual(["X-File", "one", "X-Env", "value"]);
  expect(identity.requestHeaders(ALICE)).toBe(identity.requestHeaders(ALICE));
  writeFileSync(file, "two");
  secrets.check();
  expect(identity.requestHeaders(ALICE)).toEqual(["X-File", "two", "X-Env", "value"]);
  rmSync(file);
  secrets.check();
  expect(identity.requestHeaders(ALICE)[1]).toBe("two");
});

test("what frames a request is not configured away", () => {
  const named = ["Host", "content-length", "Transfer-Encoding", "Connection", "X-Ok"];
  const requestHeaders = named.map((name) => header(name, { secretSource: { value: "1" } }));
  const identity = new Identity({ requestHeaders, responseHeaders: [] }, new Secrets({}));
  expect(identity.requestHeaders(undefined)).toEqual(["X-Ok", "1"]);
});

test("a secret that is not there is a fault at start", () => {
  const secrets = new Secrets({});
  expect(() => secrets.reader({ fromEnv: "NONE" })).toThrow('variable "NONE" is not set');
  expect(() => secrets.reader({ fromFile: join(folder, "none") })).toThrow("ENOENT");
});

test("names are written as Go writes them", () => {
  expect(["x-request-id", "X_forwarded_USER", "ETAG", "a b"].map(canonicalName)).toEqual([
    "X-Request-Id",
    "X_forwarded_user",
    "Etag",
    "a b",
  ]);
});

const COOKIE = "_oauth2_proxy=x";

test.each([
  [
    { method: "GET", target: "/app?q=1", body: "", headers: ["X-Forwarded-Preferred-Username", "alice"] },
    "GET\n\n\n\n\n\nsub-alice\nalice@example.com\n\n\n_oauth2_proxy=x\nalice@example.com\n/app?q=1\n",
  ],
  [
    {
      method: "POST",
      target: "/p",
      body: "hello=1",
      headers: ["Content-Length", "7", "content-type", "a/b", "Date", "now"],
    },
    "POST\n7\n\na/b\nnow\n\nsub-alice\nalice@example.com\n\n\n_oauth2_proxy=x\nalice@example.com\n/p\nhello=1",
  ],
])("signs what the receivers sign", async ({ headers, body, ...request }, text) => {
  const identity = ["X-Forwarded-User", "sub-alice", "X-Forwarded-Email", "alice@example.com"];
  const flat = [...headers, ...identity, "Cookie", COOKIE, "Gap-Auth", "alice@example.com"];
  const { createHmac } = await import("node:crypto");
  const expected = `sha256 ${createHmac("sha256", "skey").update(text).digest("base64")}`;
  const key = signatureKey("sha256:skey");
  expect(gapSignature(key, { ...request, headers: flat, body: Buffer.from(body) })).toBe(expected);
});

test("a signature key without a known algorithm is refused, without telling the key", () => {
  expect(() => signatureKey("sha3:verysecret")).toThrow(/^(?!.*verysecret)Cannot read signature-key/);
  expect(() => signatureKey("verysecret")).toThrow(/^(?!.*verysecret)Cannot read signature-key/);
});
