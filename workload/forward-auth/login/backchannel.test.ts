import { afterEach, expect, test } from "vitest";
import { Fakes } from "../testing/fake-api.ts";
import { type Point, startPoint } from "../testing/point.ts";

const fakes = new Fakes();
let point: Point | undefined;
afterEach(async () => {
  await point?.close();
  point = undefined;
  await fakes.close();
});

const EVENTS = { "http://schemas.openid.net/event/backchannel-logout": {} };

async function begin(more: Readonly<Record<string, string>> = {}) {
  const api = await fakes.start();
  const running = await startPoint(undefined, {
    OAUTH2_PROXY_PROVIDER: "oidc",
    OAUTH2_PROXY_OIDC_ISSUER_URL: api.origin,
    OAUTH2_PROXY_CLIENT_ID: "client",
    OAUTH2_PROXY_CLIENT_SECRET: "secret",
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    OAUTH2_PROXY_UPSTREAMS: "static://200",
    OAUTH2_PROXY_BACKCHANNEL_LOGOUT: "true",
    ...more,
  });
  point = running;
  const base = `http://127.0.0.1:${running.port}/oauth2`;
  return {
    api,
    token: (claims: object = {}) =>
      api.sign({ email: undefined, events: EVENTS, sid: "s1", jti: "j1", ...claims }, { typ: "logout+jwt" }),
    post: (body: string) =>
      fetch(`${base}/backchannel-logout`, {
        method: "POST",
        body,
        headers: { "content-type": "application/x-www-form-urlencoded" },
      }),
    status: async (cookie: string) => (await fetch(`${base}/auth`, { headers: { cookie } })).status,
    cookie: (sid: string) => running.cookie({ issuer: api.origin, subject: "sub-ada", sid }),
    log: running.log,
  };
}

test("a logout token ends the session that it names, at once and also where the decision was cached", async () => {
  const { token, post, status, cookie, log } = await begin();
  const [mine, other] = [cookie("s1"), cookie("s2")];
  for (let count = 0; count < 3; count++)
    expect([await status(mine), await status(other)]).toEqual([202, 202]);
  const text = await token();
  const answer = await post(`logout_token=${text}`);
  expect([answer.status, answer.headers.get("cache-control"), await answer.text()]).toEqual([
    200,
    "no-store",
    "",
  ]);
  expect([await status(mine), await status(other)]).toEqual([401, 202]);
  expect((await post(`logout_token=${text}`)).status).toBe(400);
  expect((await post(`logout_token=${await token({ sid: undefined, jti: "j2" })}`)).status).toBe(200);
  expect(await status(other)).toBe(401);
  expect(log.join("")).not.toContain(text);
});

test("what is no logout token is refused, whatever it is", async () => {
  const { api, token, post } = await begin();
  const good = await token();
  for (const body of [
    "",
    "logout_token=",
    "logout_token=a.b.c",
    `logout_token=${good}&logout_token=${good}`,
    `token=${good}`,
    "x".repeat(70_000),
    `logout_token=${await api.sign()}`,
  ])
    expect((await post(body)).status).toBe(400);
});

test("while nobody can say whether the token is good, the provider should try again", async () => {
  const { api, token, post } = await begin();
  api.routes["/jwks"] = { status: 503, json: {} };
  expect((await post(`logout_token=${await token()}`)).status).toBe(503);
});

test("without the option the address is nobody's", async () => {
  const { post, token } = await begin({ OAUTH2_PROXY_BACKCHANNEL_LOGOUT: "false" });
  expect((await post(`logout_token=${await token()}`)).status).toBe(403);
});
