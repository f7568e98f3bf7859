/** Each kind of enforcement point, request by request: what it may tell, and what it must never be told. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Point, startPoint } from "../testing/point.ts";
import {
  clientOf,
  envoy,
  HTML,
  ingress,
  ORIGIN,
  START,
  statusOf,
  target,
} from "../testing/point-questions.ts";
import { startProvider, type TestProvider } from "../testing/provider.ts";
import { ask, forwarded } from "../testing/question.ts";

let provider: TestProvider;
let point: Point;

const client = () => clientOf(provider);

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  provider = await startProvider({ accounts: {}, redirectUris: [`${ORIGIN}/oauth2/callback`] });
  point = await startPoint(undefined, {
    OAUTH2_PROXY_EMAIL_DOMAINS: "example.com",
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "GET=^/public/",
    OAUTH2_PROXY_REVERSE_PROXY: "false",
    OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true",
    ...client(),
  });
});
afterAll(async () => {
  await point.close();
  await provider.close();
});

const cookie = () => ["Cookie", point.cookie()];

/** One compat process serves every kind at once: path, headers that tell `/app/x?a=1&b=2`, headers that tell `/public/x`. */
const kinds = [
  ["forwarded", "/oauth2/authz/forwarded", forwarded(target), forwarded({ ...target, uri: "/public/x" })],
  ["nginx", "/oauth2/authz/nginx", forwarded(target), forwarded({ ...target, uri: "/public/x" })],
  [
    "nginx-ingress",
    "/oauth2/authz/nginx-ingress",
    ingress(`${ORIGIN}/app/x?a=1&b=2`),
    ingress(`${ORIGIN}/public/x`),
  ],
  ["envoy-http", "/oauth2/authz/envoy-http/app/x?a=1&b=2", envoy(), undefined],
] as const;

describe.each(kinds)("%s", (name, path, told, toldPublic) => {
  const allow = name === "envoy-http" ? 200 : 202;
  const openPath = name === "envoy-http" ? "/oauth2/authz/envoy-http/public/x" : path;
  const openTold = toldPublic ?? told;
  const refused = name.startsWith("nginx") ? 403 : 400;

  test("somebody signed in passes, with the status that this kind takes for an allow", async () => {
    const answer = await ask(point.port, path, [...told, ...cookie()]);
    expect([answer.status, answer.headers.get("x-auth-request-email")]).toEqual([allow, "ada@example.com"]);
  });

  test("an open path is open by the original request", async () => {
    expect(await statusOf(ask(point.port, openPath, [...openTold]))).toBe(allow);
  });

  test("a browser is led to the sign-in and back to the whole address", async () => {
    const answer = await ask(point.port, path, [...told, ...HTML]);
    const redirects = name === "forwarded" || name === "envoy-http";
    expect([answer.status, answer.headers.get("location")]).toEqual([
      redirects ? 302 : 401,
      START + encodeURIComponent(`${ORIGIN}/app/x?a=1&b=2`),
    ]);
    expect(answer.headers.get("cache-control")).toContain("no-store");
    expect(answer.headers.has("set-cookie")).toBe(false);
  });

  test.each([
    ["a script", ["Accept", "application/json"]],
    ["Ajax", [...HTML, "X-Requested-With", "XMLHttpRequest"]],
    ["fetch()", ["Accept", "*/*", "Sec-Fetch-Mode", "cors"]],
    ["an image", ["Accept", "image/*"]],
  ])("%s is told 401, and no login begins", async (_what, headers) => {
    const answer = await ask(point.port, path, [...told, ...headers]);
    expect([answer.status, answer.headers.has("location"), answer.headers.has("set-cookie")]).toEqual([
      401,
      false,
      false,
    ]);
  });

  test.each(["X_Auth_Request_User", "X.Auth.Request.Email", "X_Forwarded_Uri", "Gap_Auth"])(
    "%s is refused, with a session too",
    async (alias) => {
      expect(await statusOf(ask(point.port, path, [...told, ...cookie(), alias, "x"]))).toBe(refused);
    },
  );

  test("a peer that is no trusted proxy decides nothing", async () => {
    const closed = await startPoint(undefined, {
      OAUTH2_PROXY_EMAIL_DOMAINS: "example.com",
      OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public/",
      OAUTH2_PROXY_TRUSTED_PROXY_IPS: "192.0.2.0/24",
      ...client(),
    });
    for (const [where, headers] of [
      [openPath, openTold],
      [path, [...told, "Cookie", closed.cookie()]],
    ] as const)
      expect(await statusOf(ask(closed.port, where, [...headers]))).toBe(403);
    await closed.close();
  });

  test("an announced body is not waited for", async () => {
    const answer = await ask(point.port, path, [...told, ...cookie(), "Content-Length", "5"], "GET", "12345");
    expect([answer.status, answer.headers.get("connection")]).toEqual([allow, "close"]);
  });
});

test.each([
  ["/oauth2/authz/forwarded", []],
  ["/oauth2/authz/forwarded", ["X-Original-URL", `${ORIGIN}/public/x`, "X-Original-Method", "GET"]],
  ["/oauth2/authz/nginx-ingress", forwarded({ ...target, uri: "/public/x" })],
  ["/oauth2/authz/nginx-ingress", ["X-Original-URL", `${ORIGIN}/public/x`]],
  ["/oauth2/authz/nginx-ingress", [...ingress(`${ORIGIN}/public/x`), ...ingress(`${ORIGIN}/public/x`)]],
  ["/oauth2/authz/nginx-ingress", ingress("/public/x")],
  ["/oauth2/authz/nginx-ingress", ingress("https:///public/x")],
  ["/oauth2/authz/nginx-ingress", ingress("https://gw.example.com@evil/public/x")],
  ["/oauth2/authz/nginx-ingress", ingress("javascript://gw.example.com/public/x")],
  ["/oauth2/authz/nginx-ingress", ingress(`${ORIGIN}/public/../x`)],
  ["/oauth2/authz/envoy-http/public/..%2fadmin", envoy()],
  ["/oauth2/authz/envoy-http/public/x", envoy("a, b")],
])("%s with %j is no question", async (path, headers) => {
  const refused = path.includes("nginx") ? 403 : 400;
  expect(await statusOf(ask(point.port, path, [...headers]))).toBe(refused);
  expect(await statusOf(ask(point.port, path, [...headers, ...cookie()]))).toBe(refused);
});

test("the log says why, once a minute, and names peers that send other spellings, once", async () => {
  const lines = (text: string) => point.log.filter((line) => line.includes(text)).length;
  for (let turn = 0; turn < 3; turn++) {
    await ask(point.port, "/oauth2/authz/forwarded", []);
    await ask(point.port, "/oauth2/auth", [...cookie(), "X_Auth_Request_User", "x"]);
  }
  expect([lines("missing-forwarded-header"), lines("another spelling")]).toEqual([1, 1]);
});

test("compat refuses other spellings when told to", async () => {
  const strict = await startPoint(undefined, {
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    OAUTH2_PROXY_REFUSE_HEADER_ALIASES: "true",
    ...client(),
  });
  const headers = ["Cookie", strict.cookie()];
  expect(await statusOf(ask(strict.port, "/oauth2/auth", headers))).toBe(202);
  expect(await statusOf(ask(strict.port, "/oauth2/auth", [...headers, "X_Forwarded_User", "x"]))).toBe(400);
  await strict.close();
});

test.each(["", "/", "/none", "/forwarded/x", "/envoy-http", "/envoy-http?/public/x", "/envoy-http*"])(
  "<prefix>/authz%s is no enforcement point",
  async (name) => {
    const answer = await ask(point.port, `/oauth2/authz${name}`, [...forwarded(target), ...cookie()]);
    expect(answer.status).toBe(404);
  },
);

test("behind ingress-nginx a client's own X-Forwarded-Uri is nothing", async () => {
  const path = "/oauth2/authz/nginx-ingress";
  const forged = [...forwarded({ ...target, uri: "/public/x" }), ...ingress(`${ORIGIN}/app/x`)];
  expect(await statusOf(ask(point.port, path, forged))).toBe(401);
});

test("behind Envoy a client's own X-Forwarded-Uri, -Host, -Method and -Redirect are nothing", async () => {
  const answer = await ask(
    point.port,
    "/oauth2/authz/envoy-http/app/x",
    [
      ...envoy(),
      ...HTML,
      "X-Forwarded-Uri",
      "/public/x",
      "X-Forwarded-Host",
      "evil.example",
      "X-Auth-Request-Redirect",
      "/evil",
      "X-Original-URL",
      `${ORIGIN}/public/x`,
    ],
    "GET",
  );
  expect([answer.status, answer.headers.get("location")]).toEqual([
    302,
    START + encodeURIComponent(`${ORIGIN}/app/x`),
  ]);
  const forgedMethod = [...envoy(), "X-Forwarded-Method", "GET", "X-Forwarded-Uri", "/public/x"];
  expect(await statusOf(ask(point.port, "/oauth2/authz/envoy-http/public/x", forgedMethod, "POST"))).toBe(
    401,
  );
});

test("Envoy is told to take out of the request what the answer does not set", async () => {
  const answer = await ask(point.port, "/oauth2/authz/envoy-http/app", [
    ...envoy(),
    "Cookie",
    point.cookie({ groups: [] }),
  ]);
  const removed = (answer.headers.get("x-envoy-auth-headers-to-remove") ?? "").split(",");
  expect(removed).toContain("x-auth-request-groups");
  expect(removed).toContain("x-forwarded-email");
  expect(removed).toContain("x_auth_request_user");
  expect(removed).not.toContain("x-auth-request-email");
  expect(answer.headers.has("x-auth-request-groups")).toBe(false);
});

test.each([
  ["?allowed_groups=ops,dev", 202],
  ["?allowed_groups=dev", 403],
  ["?allowed_emails=ada@example.com&allowed_email_domains=example.com", 202],
  ["?allowed_email_domains=other.org", 403],
  ["?allowed_groups=dev&allowed_groups=ops", 400],
  ["?allowed_group=ops", 400],
  ["?allowed_groups=", 400],
  ["?x=1", 400],
])("the address's own query %s decides: %i", async (query, status) => {
  const path = `/oauth2/authz/forwarded${query}`;
  expect(await statusOf(ask(point.port, path, [...forwarded(target), ...cookie()]))).toBe(status);
});

test("the user's own query is no constraint behind Envoy", async () => {
  const path = "/oauth2/authz/envoy-http/app?allowed_groups=dev&x=1";
  expect(await statusOf(ask(point.port, path, [...envoy(), ...cookie()]))).toBe(200);
});

test("a question is answered, never forwarded, where requests go on to upstreams", async () => {
  const arrived: string[] = [];
  const upstream = createServer((request, response) => {
    arrived.push(request.url ?? "");
    response.end("the application");
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const proxy = await startPoint(undefined, {
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    OAUTH2_PROXY_UPSTREAMS: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`,
    ...client(),
  });
  const headers = ["Cookie", proxy.cookie()];
  expect((await ask(proxy.port, "/x", headers)).body).toBe("the application");
  for (const [name, path, told] of kinds) {
    const answer = await ask(proxy.port, path, [...told, ...headers]);
    expect([name, answer.status, answer.body]).toEqual([name, name === "envoy-http" ? 200 : 202, ""]);
  }
  expect(arrived).toEqual(["/x"]);
  await proxy.close();
  upstream.close();
  upstream.closeAllConnections();
});
