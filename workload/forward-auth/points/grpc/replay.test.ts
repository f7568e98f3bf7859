/** Answers over gRPC given again: S-31 of the threat model. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RulesFile } from "../../config.ts";
import { EnvoyClient, type Told, valueIn } from "../../testing/envoy-client.ts";
import { type Point, startPoint } from "../../testing/point.ts";

const RULES: RulesFile = {
  version: 1,
  applications: {
    one: {
      routes: [{ hosts: ["one.example.com"] }],
      allow: { groups: ["ops"] },
      access: [{ paths: ["/write"], methods: ["POST"], allow: { groups: ["root"] } }],
      anonymous_paths: ["^/open$"],
      headers: { "X-App": { value: "one" }, "X-None": { claim: "none" } },
    },
    two: { routes: [{ hosts: ["two.example.com"] }], allow: { groups: ["dev"] } },
  },
};
const ENVIRONMENT = {
  OAUTH2_PROXY_DECISION_MODE: "envoy-grpc",
  OAUTH2_PROXY_GRPC_ADDRESS: "127.0.0.1:0",
  OAUTH2_PROXY_REDIRECT_URL: "https://one.example.com/oauth2/callback",
  OAUTH2_PROXY_OIDC_ISSUER_URL: "http://127.0.0.1:1",
  OAUTH2_PROXY_CLIENT_ID: "forward-auth",
  OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
};

let point: Point;
let client: EnvoyClient;
/** Without a cache. */
let plain: Point;
let plainClient: EnvoyClient;

beforeAll(async () => {
  point = await startPoint(RULES, ENVIRONMENT);
  plain = await startPoint(RULES, { ...ENVIRONMENT, OAUTH2_PROXY_DECISION_CACHE_TTL: "0" });
  client = new EnvoyClient(point.serving.grpcPort);
  plainClient = new EnvoyClient(plain.serving.grpcPort);
});
afterAll(async () => {
  client.close();
  plainClient.close();
  await Promise.all([point.close(), plain.close()]);
});

const hits = () =>
  Number(/decision_cache_total\{result="hit"\} (\d+)/.exec(point.serving.context.metrics.scrape())?.[1] ?? 0);

/** Asks about a request of somebody who is signed in to application one. */
const questions = (cookie: string) => (told: Told) =>
  client.check({ host: "one.example.com", path: "/", ...told, headers: { cookie, ...told.headers } });

/** Asks until the answer is kept. */
async function primed(): Promise<(told: Told) => ReturnType<EnvoyClient["check"]>> {
  const ask = questions(point.cookie());
  for (let turn = 0; turn < 3; turn++) expect((await ask({})).ok_response).toBeDefined();
  return ask;
}
const statusOf = ({ ok_response, denied_response }: Awaited<ReturnType<EnvoyClient["check"]>>) =>
  ok_response === undefined ? denied_response?.status.code : "allow";

test("the answer from memory is the whole answer: headers, those to remove, for other paths of the application too", async () => {
  const cookie = point.cookie();
  const ask = questions(cookie);
  const first = await ask({});
  await ask({});
  const before = hits();
  expect(await ask({ path: "/other?x=1", method: "POST" })).toEqual(first);
  expect(hits() - before).toBe(1);
  expect(valueIn(first.ok_response?.headers, "x-app")).toBe("one");
  expect(first.ok_response?.headers_to_remove).toContain("x-none");
  expect(await plainClient.check({ host: "one.example.com", path: "/", headers: { cookie } })).toEqual(first);
});

test.each<[string, Told]>([
  ["another application", { host: "two.example.com" }],
  ["a host of no application", { host: "none.example.com" }],
  ["a path and method with rules of their own", { path: "/write", method: "POST" }],
  ["what the route asks in addition", { extensions: { allowed_groups: "root" } }],
  ["the application that the route names", { extensions: { application: "two" } }],
  ["a misspelt restriction of the route", { extensions: { allowed_group: "ops" } }],
])("%s is decided anew", async (_what, told) => {
  const ask = await primed();
  expect(statusOf(await ask(told))).toBe(403);
});

test.each<[string, Told]>([
  ["a path that no two readers take alike", { path: "/a/../b" }],
  ["another spelling of a header of ours", { headers: { x_auth_request_user: "root" } }],
  ["no method", { method: "" }],
])("%s is refused although the cookie is known", async (_what, told) => {
  const ask = await primed();
  expect(statusOf(await ask(told))).toBe(400);
});

test("a token beside a known cookie is looked at", async () => {
  const ask = await primed();
  const before = hits();
  await ask({ headers: { authorization: "Bearer x" } });
  expect(hits()).toBe(before);
});

test("an open path does not open the others", async () => {
  const ask = questions(point.cookie({ groups: [] }));
  for (let turn = 0; turn < 3; turn++)
    expect([statusOf(await ask({ path: "/open" })), statusOf(await ask({}))]).toEqual(["allow", 403]);
});

test("a sign-out counts at once", async () => {
  const cookie = point.cookie();
  const ask = questions(cookie);
  for (let turn = 0; turn < 3; turn++) await ask({});
  const { sessions } = point.serving.context;
  const entry = await sessions.load(cookie);
  if (entry === undefined) throw new Error("no session");
  await sessions.end(entry);
  // The provider is down, so that nobody is led to it.
  expect(statusOf(await ask({}))).toBe(503);
});

test("a peer that is no trusted proxy is never answered from memory", async () => {
  const closed = await startPoint(RULES, { ...ENVIRONMENT, OAUTH2_PROXY_TRUSTED_PROXY_IPS: "192.0.2.0/24" });
  const other = new EnvoyClient(closed.serving.grpcPort);
  const told = { host: "one.example.com", path: "/", headers: { cookie: closed.cookie() } };
  for (let turn = 0; turn < 3; turn++) expect(statusOf(await other.check(told))).toBe(403);
  expect(closed.serving.context.decisions?.size).toBe(0);
  other.close();
  await closed.close();
});

test("rules that change count at once", async () => {
  const ask = await primed();
  const file = point.serving.context.settings.options.rules_file;
  writeFileSync(file, readFileSync(file, "utf8").replace('"ops"', '"none"'));
  await expect.poll(async () => statusOf(await ask({})), { timeout: 5000 }).toBe(403);
});
