import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { CALLBACK, type ForwardedPoint, startForwarded } from "../testing/forwarded-point.ts";
import type { Point } from "../testing/point.ts";
import { type Answer, ask, type Forwarded, forwarded } from "../testing/question.ts";

let world: ForwardedPoint;
let point: Point;
const HTML = ["Accept", "text/html"];

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  world = await startForwarded();
  point = world.point;
});
afterAll(() => world.close());

const decide = (target: Forwarded = {}, more: readonly string[] = HTML, path = "/"): Promise<Answer> =>
  ask(point.port, path, [...forwarded(target), ...more]);
const signedIn = () => ["Cookie", point.cookie(), ...HTML];

test("an allow carries every identity header, empty ones too", async () => {
  const answer = await decide({}, [
    "Cookie",
    point.cookie({ preferredUsername: "", groups: ["a,b", "c\r\nd", "日本"] }),
    ...HTML,
  ]);
  expect(answer.status).toBe(200);
  const headers = Object.fromEntries(answer.headers);
  expect(headers).toMatchObject({
    "gap-auth": "ada@example.com",
    "x-auth-request-user": "sub-1",
    "x-auth-request-email": "ada@example.com",
    "x-auth-request-preferred-username": "",
    "x-auth-request-groups": Buffer.from("c  d,日本").toString("latin1"),
    authorization: "",
    "content-length": "0",
  });
  expect(headers["set-cookie"]).toBeUndefined();
});

test("an open path is allowed with empty identity headers, never with somebody's", async () => {
  const stranger = ["Cookie", point.cookie({ email: "x@other.org" }), ...HTML];
  const answer = await decide({ uri: "/app/public/x" }, stranger);
  expect([answer.status, answer.headers.get("x-auth-request-email"), answer.headers.get("gap-auth")]).toEqual(
    [200, "", ""],
  );
  expect((await decide({ uri: "/app/x" }, stranger)).status).toBe(403);
  const own = await decide({ uri: "/app/public/x" }, signedIn());
  expect(own.headers.get("x-auth-request-email")).toBe("ada@example.com");
});

test("the original method decides, not the gateway's", async () => {
  expect((await decide({ uri: "/app/get" })).status).toBe(200);
  expect((await decide({ uri: "/app/get", method: "POST" })).status).toBe(401);
  expect(
    (
      await decide({ uri: "/app/x", method: "OPTIONS" }, [
        "Origin",
        "https://a",
        "Access-Control-Request-Method",
        "GET",
      ])
    ).status,
  ).toBe(401);
  expect((await decide({ uri: "/app/get", method: "get" })).status).toBe(401);
});

test("somebody who waits is sent to the sign-in with the address; nobody else is", async () => {
  const answer = await decide({ uri: "/app/a%20b?x=1&y=\u00c3\u00a9" });
  expect(answer.headers.get("location")).toBe(
    `https://gw.localhost:8443/iam-proxy/oauth2/start?rd=${encodeURIComponent("https://gw.localhost:8443/app/a%20b?x=1&y=%c3%a9")}`,
  );
  expect(answer.headers.get("cache-control")).toContain("no-store");
  expect(answer.headers.has("set-cookie")).toBe(false);
  for (const headers of [
    ["Accept", "application/json"],
    ["Accept", "image/png"],
    ["Sec-Fetch-Mode", "no-cors"],
    ["X-Requested-With", "XMLHttpRequest"],
  ]) {
    expect([(await decide({}, headers)).status, (await decide({}, headers)).body]).toEqual([401, "{}"]);
  }
  expect((await decide({}, [])).status).toBe(302);
  expect((await decide({}, HTML, "/oauth2/auth")).status).toBe(401);
  expect((await decide({}, signedIn(), "/oauth2/auth")).status).toBe(202);
});

test("a page asked for without TLS comes back over TLS, where the cookie is sent", async () => {
  const answer = await decide({ proto: "http", host: "gw.localhost:8080" });
  expect(answer.headers.get("location")).toContain(encodeURIComponent("https://gw.localhost:8443/app/x"));
});

test("a host that the cookie cannot reach is told so, instead of a sign-in without end", async () => {
  const answer = await decide({ host: "far.example.org", uri: "/" });
  expect([answer.status, answer.headers.has("location")]).toEqual([503, false]);
});

test("a page for people says why, without script", async () => {
  const answer = await decide({}, ["Cookie", point.cookie({ email: "x@other.org" }), ...HTML]);
  expect(answer.status).toBe(403);
  expect(answer.body).toContain("You are signed in, but you may not use this application.");
  expect(answer.body).toContain('href="https://gw.localhost:8443/iam-proxy/oauth2/sign_out"');
  expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
});

test("own endpoints take their methods only", async () => {
  for (const path of ["start", "userinfo", "sign_in"]) {
    expect((await ask(point.port, `/oauth2/${path}`, [], "POST")).status).toBe(405);
  }
  expect((await ask(point.port, "/oauth2/callback", [], "PUT")).status).toBe(405);
  // Providers post their answers as forms; without one it is no answer.
  expect((await ask(point.port, "/oauth2/callback", [], "POST")).status).toBe(400);
  expect((await ask(point.port, "/ping", [], "POST")).status).toBe(404);
});

test("an announced body is not waited for", async () => {
  const answer = await ask(
    point.port,
    "/",
    [...forwarded(), ...signedIn(), "Content-Length", "5"],
    "GET",
    "hello",
  );
  expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
});

test("start returns to hosts of the rules only", async () => {
  const target = async (rd: string) => {
    const answer = await ask(point.port, `/oauth2/start?rd=${encodeURIComponent(rd)}`);
    return new URL(answer.headers.get("location") ?? "").searchParams
      .get("state")
      ?.split(":")
      .slice(1)
      .join(":");
  };
  expect(await target("https://gw.localhost:8443/app/x")).toBe("https://gw.localhost:8443/app/x");
  expect(await target("https://far.example.org/x")).toBe("https://far.example.org/x");
  expect(await target("/app/x")).toBe("/app/x");
  for (const rd of [
    "https://evil.example/",
    "//evil.example",
    "https://gw.localhost.evil.example:8443/",
    "https://gw.localhost:8443/iam-proxy/oauth2/sign_out",
    "/oauth2/sign_in",
  ]) {
    expect(await target(rd)).toBe("/");
  }
});

test("the sign-in asks for a code with state, nonce and S256, at the public callback", async () => {
  const answer = await ask(point.port, "/oauth2/start");
  const url = new URL(answer.headers.get("location") ?? "");
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    response_type: "code",
    client_id: "forward-auth",
    redirect_uri: CALLBACK,
    scope: "openid email profile",
    code_challenge_method: "S256",
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(answer.headers.get("set-cookie")).toMatch(
    /; Path=\/iam-proxy\/oauth2; Max-Age=900; HttpOnly; Secure; SameSite=Lax$/,
  );
});

test("counts and logs what was decided", async () => {
  await decide({ uri: "/other" });
  const text = (await ask(point.serving.metricsPort ?? 0, "/metrics")).body;
  expect(text).toMatch(/charmed_iap_decisions_total\{decision="deny",reason="no-rule"\} [1-9]/);
  expect(text).toMatch(/oauth2_proxy_requests_total\{code="403"\} [1-9]/);
  expect(JSON.parse(point.log.at(-1) ?? "")).toMatchObject({
    path: "/other",
    host: "gw.localhost:8443",
    status: 403,
    reason: "no-rule",
  });
});
