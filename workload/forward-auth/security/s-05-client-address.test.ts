/** S-05, S-28: which address and which method a request has, where some of them need no login. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readHop } from "../server/client.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask, forwarded } from "../testing/question.ts";

const RULES = {
  version: 1 as const,
  applications: {
    app: {
      routes: [{ hosts: ["app.example.com"] }],
      allow: { everyone: true as const },
      anonymous_paths: ["GET=^/x$"],
    },
  },
};
const COMMON = {
  ...COMPAT,
  OAUTH2_PROXY_TRUSTED_IPS: "10.0.0.0/8,fd00::/8",
  OAUTH2_PROXY_TRUSTED_PROXY_IPS: "127.0.0.1/32",
  OAUTH2_PROXY_REAL_CLIENT_IP_HEADER: "X-Forwarded-For",
  OAUTH2_PROXY_SKIP_AUTH_PREFLIGHT: "true",
};
const DECIDES = {
  ...COMMON,
  OAUTH2_PROXY_REVERSE_PROXY: "true",
  OAUTH2_PROXY_UPSTREAMS: "static://202",
  OAUTH2_PROXY_SKIP_AUTH_ROUTES: "GET=^/x$",
};
const STRICT = {
  ...COMMON,
  OAUTH2_PROXY_DECISION_MODE: "forwarded",
  OAUTH2_PROXY_REDIRECT_URL: "https://app.example.com/oauth2/callback",
};
const AWAY = { OAUTH2_PROXY_TRUSTED_PROXY_IPS: "192.0.2.0/24" };

let compat: Point;
let realIp: Point;
let alone: Point;
let stranger: Point;
let strict: Point;
let strictStranger: Point;
beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  compat = await startPoint(undefined, DECIDES);
  realIp = await startPoint(undefined, { ...DECIDES, OAUTH2_PROXY_REAL_CLIENT_IP_HEADER: "X-Real-IP" });
  alone = await startPoint(undefined, { ...DECIDES, OAUTH2_PROXY_REVERSE_PROXY: "false" });
  stranger = await startPoint(undefined, { ...DECIDES, ...AWAY });
  strict = await startPoint(RULES, STRICT);
  strictStranger = await startPoint(RULES, { ...STRICT, ...AWAY });
});
afterAll(async () => {
  await Promise.all([compat, realIp, alone, stranger, strict, strictStranger].map((point) => point.close()));
});

const told = (method = "GET", uri = "/admin") => forwarded({ method, host: "app.example.com", uri });
const at = async (point: Point, headers: readonly string[], method = "GET") =>
  (await ask(point.port, "/oauth2/auth", headers, method)).status;
const from = (...lines: readonly string[]) => lines.flatMap((line) => ["X-Forwarded-For", line]);

describe("S-05", () => {
  test.each([
    ...["010.0.0.1", "10.1", "0x0a000001", "167772161", "unknown", "_hidden", "", "10.0.0.1 x", "10.0.0.1:x"],
    ...["[10.0.0.1]", "::ffff:10.0.0.1%eth0"],
  ])("%j is read as no address at all", (text) => {
    expect(readHop(text)).toBeUndefined();
  });

  test.each([
    ["10.0.0.1", 202],
    ["10.0.0.1:1234", 202],
    ["::ffff:10.0.0.1", 202],
    ["[fd00::1]:80", 202],
    ["fd00::1", 202],
    ["203.0.113.7", 401],
    ["2001:db8::1", 401],
  ] as const)("%j is an address: %i", async (text, expected) => {
    expect(await at(realIp, [...told(), "X-Real-IP", text])).toBe(expected);
    expect(await at(compat, [...told(), ...from(text)])).toBe(expected);
  });

  test("an address in front of the trusted proxies passes", async () => {
    expect(await at(compat, [...told(), ...from("10.0.0.1")])).toBe(202);
    expect(await at(realIp, [...told(), "X-Real-IP", "10.0.0.1"])).toBe(202);
    expect(await at(strict, [...told(), ...from("10.0.0.1")])).toBe(202);
    expect(await at(compat, [...told(), ...from("203.0.113.7, 10.0.0.1, 127.0.0.1")])).toBe(202);
  });

  test.each([
    "X-Real-IP",
    "X-Forwarded-For",
    "X-ProxyUser-IP",
    "X-Envoy-External-Address",
    "CF-Connecting-IP",
  ])("%s of a stranger, or where nobody stands in front, is nothing", async (name) => {
    for (const point of [stranger, alone]) expect(await at(point, [...told(), name, "10.0.0.1"])).toBe(401);
    expect(await at(strictStranger, [...told(), name, "10.0.0.1"])).toBe(403);
    if (name !== "X-Forwarded-For") expect(await at(compat, [...told(), name, "10.0.0.1"])).toBe(401);
  });

  test.each([
    ["what the client wrote in front", ["10.0.0.1, 203.0.113.7"]],
    ["two lines", ["10.0.0.1", "203.0.113.7"]],
    ["a proxy behind it", ["10.0.0.1, 203.0.113.7, 127.0.0.1"]],
    ["a comma at the end", ["10.0.0.1,"]],
    ["a word at the end", ["10.0.0.1, unknown"]],
    ["an empty line", ["10.0.0.1", ""]],
  ])("the last address that is no trusted proxy counts: %s", async (_, lines) => {
    for (const point of [compat, strict]) expect(await at(point, [...told(), ...from(...lines)])).toBe(401);
  });

  test.each([
    ...["010.0.0.1", "10.1", "0x0a000001", "0xa.0.0.1", "167772161", "unknown", "_hidden", "", "10.0.0.1/8"],
    ...[
      "10.0.0.1 10.0.0.2",
      "10.0.0.256",
      "10.0.0.1.",
      "[10.0.0.1]",
      "[::1]:80",
      "10.0.0.1%eth0",
      "10.0.0.1;x",
    ],
    ...["::10.0.0.1", "fe80::1%10.0.0.1", "\u00ff10.0.0.1", "for=10.0.0.1", "*", "10.0.0.*"],
    ...["10.0.0.1 x", "10.0.0.1:x", "::ffff:10.0.0.1%eth0"],
  ])("%j is no address that passes", async (text) => {
    expect(readHop(text)).not.toBe("10.0.0.1");
    for (const point of [compat, strict]) expect(await at(point, [...told(), ...from(text)])).toBe(401);
    expect(await at(realIp, [...told(), "X-Real-IP", text])).toBe(401);
  });
});

const PREFLIGHT = ["Origin", "https://a.example", "Access-Control-Request-Method", "PUT"];

test("S-05: a gateway that tells no address, or none that is one, does not lend its own", async () => {
  const near = await startPoint(RULES, { ...STRICT, OAUTH2_PROXY_TRUSTED_IPS: "127.0.0.1" });
  for (const text of ["unknown", "", "10.1", "203.0.113.7, x"])
    expect(await at(near, [...told(), ...from(text)]), text).toBe(401);
  await near.close();
});

describe("S-28", () => {
  test("a preflight of the user passes, whatever the method of the gateway's question", async () => {
    for (const point of [compat, strict])
      expect(await at(point, [...told("OPTIONS"), ...PREFLIGHT])).toBe(202);
  });

  test("where we hand the request on ourselves, its own method is the one", async () => {
    const status = async (headers: readonly string[], method = "OPTIONS") =>
      (await ask(alone.port, "/admin", headers, method)).status;
    expect([await status(PREFLIGHT), await status([]), await status(PREFLIGHT.slice(0, 2))]).toEqual([
      202, 403, 403,
    ]);
    expect(await status(PREFLIGHT, "GET")).toBe(403);
  });

  test.each([
    ["without Origin", told("OPTIONS"), PREFLIGHT.slice(2), "GET"],
    ["without a method to be asked for", told("OPTIONS"), PREFLIGHT.slice(0, 2), "GET"],
    ["without both", told("OPTIONS"), [], "GET"],
    ["in lower case", told("options"), PREFLIGHT, "GET"],
    ["that is the gateway's question, not the user's request", told("GET"), PREFLIGHT, "OPTIONS"],
    ["that overrides the method", told("POST"), [...PREFLIGHT, "X-HTTP-Method-Override", "OPTIONS"], "GET"],
  ])("none %s", async (_, headers, more, method) => {
    for (const point of [compat, strict])
      expect(await at(point, [...headers, ...more], method)).toBeOneOf([401, 405]);
  });

  test.each(["POST", "get", "Get", "PURGE", "HEAD", "OPTIONS", "GETX", "X-GET"])(
    "a path open to GET is not open to %s",
    async (method) => {
      for (const point of [compat, strict]) {
        expect(await at(point, told(method, "/x"))).toBe(401);
        expect(await at(point, told("GET", "/x"), "HEAD")).toBeOneOf([202, 405]);
      }
    },
  );

  test("a stranger's method is the one that was sent", async () => {
    expect(await at(stranger, [...told("OPTIONS"), ...PREFLIGHT])).toBe(401);
    expect((await ask(alone.port, "/x", told("GET", "/x"), "POST")).status).toBeGreaterThanOrEqual(400);
  });
});
