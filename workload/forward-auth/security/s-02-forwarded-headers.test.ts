/** S-02: what a client writes into the headers of a gateway decides nothing, in either personality. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Application, startApplication } from "../testing/application.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask, forwarded } from "../testing/question.ts";
import { rawExchange, rawRequest, rawStatus } from "../testing/raw.ts";

let application: Application;
/** Hands requests on itself; nobody said who is trusted. */
let proxy: Point;
/** Decides for a gateway. */
let compat: Point;
/** Decides for gateways elsewhere only. */
let stranger: Point;
let strict: Point;
/** Decides for a gateway, and takes its own address from the request. */
let anyHost: Point;

const COMMON = {
  ...COMPAT,
  OAUTH2_PROXY_REVERSE_PROXY: "true",
  OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public,GET=^/readable",
};
const DECIDES = { ...COMMON, OAUTH2_PROXY_UPSTREAMS: "static://202" };
const RULES = {
  version: 1 as const,
  applications: {
    app: {
      routes: [{ hosts: ["app.example.com"] }],
      allow: { everyone: true as const },
      anonymous_paths: ["^/public"],
    },
  },
};

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  application = await startApplication();
  proxy = await startPoint(undefined, { ...COMMON, OAUTH2_PROXY_UPSTREAMS: `${application.origin}/` });
  compat = await startPoint(undefined, { ...DECIDES, OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true" });
  stranger = await startPoint(undefined, { ...DECIDES, OAUTH2_PROXY_TRUSTED_PROXY_IPS: "192.0.2.0/24" });
  anyHost = await startPoint(undefined, { ...DECIDES, OAUTH2_PROXY_REDIRECT_URL: "" });
  strict = await startPoint(RULES, {
    ...COMPAT,
    OAUTH2_PROXY_DECISION_MODE: "forwarded",
    OAUTH2_PROXY_REDIRECT_URL: "https://app.example.com/oauth2/callback",
  });
});
afterAll(async () => {
  await Promise.all([proxy, compat, stranger, strict, anyHost].map((point) => point.close()));
  await application.close();
});

const HOST = ["Host", "app.example.com"];
const told = (uri: string, more: readonly string[] = []) => [
  ...forwarded({ host: "app.example.com", uri }),
  ...more,
];

describe("S-02: a request that we hand on is decided by its own line", () => {
  test.each([
    ["GET", ["X-Forwarded-Uri", "/public"]],
    ["GET", ["X-Original-URL", "https://app.example.com/public", "X-Original-URI", "/public"]],
    ["GET", ["X-Rewrite-URL", "/public", "X-Forwarded-Path", "/public", "X-Envoy-Original-Path", "/public"]],
    ["POST", ["X-Forwarded-Uri", "/public", "X-Forwarded-Method", "GET"]],
    ["GET", ["Forwarded", "host=app.example.com;proto=https", "X-Forwarded-Uri", "/public/x"]],
  ])("CVE-2026-40575, GHSA-7x63-xv5r-3p2x: %s /admin with %j needs a login", async (method, headers) => {
    const before = application.reached.length;
    const answer = await ask(proxy.port, "/admin", [...HOST, ...headers], method);
    expect([answer.status, application.reached.length]).toEqual([403, before]);
  });

  test("and the path that the rule names is open, whatever was forwarded", async () => {
    expect((await ask(proxy.port, "/public", [...HOST, "X-Forwarded-Uri", "/admin"])).status).toBe(200);
  });

  test("a forwarded method is not the one that a rule for GET means", async () => {
    const forged = [...HOST, "X-Forwarded-Method", "GET"];
    expect((await ask(proxy.port, "/readable", HOST)).status).toBe(200);
    expect((await ask(proxy.port, "/readable", forged, "POST")).status).toBe(403);
  });
});

test("S-02: nobody is believed whom the configuration does not name", async () => {
  for (const path of ["/oauth2/auth", "/"])
    expect((await ask(stranger.port, path, told("/public"))).status).toBeGreaterThanOrEqual(401);
  expect((await ask(compat.port, "/oauth2/auth", told("/public"))).status).toBe(202);
});

test.each([
  ["X-Forwarded-Uri", "/public", "/admin"],
  ["X-Forwarded-Host", "app.example.com", "evil.example"],
  ["X-Forwarded-Proto", "https", "http"],
  ["X-Forwarded-Method", "GET", "POST"],
  ["Host", "app.example.com", "evil.example"],
  ["Authorization", "Bearer a", "Bearer b"],
])("S-02: two %s are 400, whoever is signed in", async (name, first, second) => {
  const rest = [
    ...["X-Forwarded-Uri: /public", "X-Forwarded-Host: app.example.com"],
    ...["X-Forwarded-Proto: https", "X-Forwarded-Method: GET"],
  ].filter((line) => !line.startsWith(`${name}:`));
  for (const [point, path] of [
    [compat, "/oauth2/auth"],
    [compat, "/admin"],
    [proxy, "/public"],
    [strict, "/"],
  ] as const) {
    const host = name === "Host" ? [] : ["Host: app.example.com"];
    const lines = [...host, ...rest, `${name}: ${first}`, `${name.toLowerCase()}: ${second}`];
    const send = async (sent: readonly string[]) => {
      const head = [`GET ${path} HTTP/1.1`, ...sent, `Cookie: ${point.cookie()}`, "Connection: close"];
      return rawStatus(await rawExchange(point.port, `${head.join("\r\n")}\r\n\r\n`));
    };
    expect(await send(lines), path).toBe(400);
    expect(await send(lines.slice(0, -1)), path).toBeOneOf([200, 202]);
  }
});

test.each([
  "/admin, /public",
  "http://other/public",
  "//other/public",
  "public",
  "*",
  "/admin?/public",
  "/admin\t/public",
  "http:///public",
  "\\public",
  "?/public",
  "#/public",
])("S-02: the address %j opens nothing", async (uri) => {
  expect((await ask(compat.port, "/oauth2/auth", told(uri))).status).toBeOneOf([400, 401, 403]);
  expect((await ask(compat.port, "/", told(uri))).status).toBeOneOf([302, 400, 403]);
  expect((await ask(strict.port, "/", told(uri))).status).toBeOneOf([302, 400]);
});

test("S-02: on endpoints that only decide the method is the user's", async () => {
  const asked = async (method: string) =>
    (await ask(compat.port, "/oauth2/auth", ["X-Forwarded-Uri", "/readable", "X-Forwarded-Method", method]))
      .status;
  expect([await asked("GET"), await asked("POST"), await asked("get")]).toEqual([202, 401, 401]);
});

test("S-02: one value with a comma is one path, an empty one is none", async () => {
  const own = async (uri: string) => (await ask(compat.port, "/oauth2/auth", told(uri))).status;
  expect([await own("/admin, /public"), await own("")]).toEqual([401, 401]);
  expect((await ask(strict.port, "/", told(""))).status).toBe(400);
});

const BAD_HOSTS = [
  "a.example, app.example.com",
  "app.example.com:99999",
  "app.example.com/..",
  "[::1",
  "app.example.com@evil.example",
  "evil.example\\app.example.com",
  "evil.example#app.example.com",
  "evil.example?app.example.com",
  "app.example.com:80:80",
  "app.example.com\u00ad",
];

test.each([...BAD_HOSTS, "a b"].filter((host) => /^[\x20-\x7e]*$/.test(host)))(
  "S-02: the host %j names no place to return to",
  async (host) => {
    const headers = [...HOST, "X-Forwarded-Host", host, "X-Forwarded-Proto", "https"];
    expect((await ask(anyHost.port, "/oauth2/start", headers)).status).toBe(400);
  },
);

test.each(BAD_HOSTS)("S-02: the host %j is 400 where rules go by hosts", async (host) => {
  const headers = [...forwarded({ host, uri: "/public" }), "Cookie", strict.cookie()];
  expect((await ask(strict.port, "/", headers)).status).toBe(400);
});

/** Everything of an answer that a browser acts on. */
const acted = (answer: { readonly headers: ReadonlyMap<string, string>; readonly body: string }) =>
  `${answer.headers.get("location") ?? ""}\n${answer.headers.get("set-cookie") ?? ""}\n${answer.body}`;

test("S-02: a host of a stranger is in no redirect, cookie or page", async () => {
  const evil = forwarded({ host: "evil.example", uri: "/x" });
  for (const path of ["/", "/oauth2/start", "/oauth2/sign_in", "/oauth2/sign_out"])
    expect(acted(await ask(stranger.port, path, [...HOST, ...evil]))).not.toContain("evil");
});

/** Where the provider is told to send people back. */
const callbackOf = async (point: Point, headers: readonly string[]) => {
  const { headers: sent } = await ask(point.port, "/oauth2/start", headers);
  return new URL(sent.get("location") ?? "").searchParams;
};

test("S-02: nor does a stranger choose where the provider sends people back", async () => {
  const login = await callbackOf(stranger, [
    ...HOST,
    ...forwarded({ host: "evil.example", uri: "/x", proto: "http" }),
  ]);
  expect(login.get("redirect_uri")).toBe("https://app.example.com/oauth2/callback");
  expect(login.get("state")).toMatch(/:\/$/);
});

test.each(["HTTPS", "https,http", "javascript", " ", "file"])(
  "S-02: X-Forwarded-Proto %j of a gateway changes no callback",
  async (proto) => {
    const login = await callbackOf(anyHost, [...HOST, "X-Forwarded-Proto", proto]);
    expect(login.get("redirect_uri")).toBe("https://app.example.com/oauth2/callback");
  },
);

test.each(["javascript", "https,http", "https://evil.example/", "data"])(
  "S-02: the scheme %j is none",
  async (proto) => {
    const headers = forwarded({ host: "app.example.com", uri: "/admin", proto });
    const answer = await ask(compat.port, "/", headers);
    expect([answer.status, acted(answer)]).toEqual([302, expect.not.stringContaining(`${proto}:`)]);
    expect(answer.headers.get("location")).toContain(
      encodeURIComponent("https://app.example.com/oauth2/callback"),
    );
    expect((await ask(strict.port, "/", [...headers, "Cookie", strict.cookie()])).status).toBe(400);
  },
);

test("S-02: headers of other gateways and RFC 7239 mean nothing", async () => {
  const more = [
    ...["X-Original-URL", "https://app.example.com/public", "X-Original-Method", "GET"],
    ...["Forwarded", "host=evil.example;proto=https"],
  ];
  const answer = await ask(compat.port, "/oauth2/start", told("/admin", more));
  expect([answer.status, acted(answer)]).toEqual([302, expect.not.stringContaining("evil")]);
  expect((await ask(compat.port, "/oauth2/auth", more)).status).toBe(401);
  expect((await ask(strict.port, "/", told("/admin", more))).status).toBe(302);
});

test.each(["X-Forwarded-Uri", "X-Forwarded-Host", "X-Forwarded-Method"])(
  "S-02: %s means nothing to Envoy's mode, whose own request line is the user's",
  async (name) => {
    const value = name.endsWith("Host") ? "app.example.com" : "/public";
    const lines = [`${name}: ${value}`, "X-Forwarded-Proto: https", "Connection: close"];
    const statusOf = async (path: string) =>
      rawStatus(await rawExchange(strict.port, rawRequest(`GET /oauth2/authz/envoy-http${path}`, lines)));
    expect([await statusOf("/admin"), await statusOf("/public")]).toEqual([302, 200]);
  },
);

test("GHSA-6384-m2mw-rf54, GHSA-3q9r-p662-5j8m: a prefix and a port of the client decide and lead nowhere", async () => {
  const more = [
    "X-Forwarded-Prefix",
    "/public",
    "X-Forwarded-Port",
    "6666",
    "X-Forwarded-Server",
    "evil.example",
  ];
  for (const point of [compat, strict]) {
    const plain = await ask(point.port, "/", told("/admin"));
    const answer = await ask(point.port, "/", told("/admin", more));
    expect([answer.status, acted(answer)]).toEqual([302, expect.not.stringMatching(/public|6666|evil/)]);
    expect(new URL(answer.headers.get("location") ?? "").pathname).toBe(
      new URL(plain.headers.get("location") ?? "").pathname,
    );
  }
});
