import { afterEach, expect, test } from "vitest";
import { type Point, startPoint } from "../testing/point.ts";
import { ask, forwarded } from "../testing/question.ts";

let point: Point;
afterEach(() => point.close());

const rules = {
  version: 1 as const,
  applications: {
    app: {
      routes: [{ hosts: ["gw.localhost:8443"], paths: ["/app"] }],
      allow: { everyone: true },
      anonymous_paths: ["^/app/open$"],
    },
  },
};
const environment = {
  OAUTH2_PROXY_DECISION_MODE: "forwarded",
  OAUTH2_PROXY_REDIRECT_URL: "https://gw.localhost:8443/iam-proxy/oauth2/callback",
};

test("a peer that is no trusted proxy decides nothing, with or without a session", async () => {
  point = await startPoint(rules, { ...environment, OAUTH2_PROXY_TRUSTED_PROXY_IPS: "192.0.2.0/24" });
  for (const path of ["/", "/oauth2/auth"]) {
    expect((await ask(point.port, path, forwarded({ uri: "/app/open" }))).status).toBe(403);
    expect((await ask(point.port, path, [...forwarded(), "Cookie", point.cookie()])).status).toBe(403);
  }
  expect((await ask(point.port, "/ping")).status).toBe(200);
});

test("without an issuer sessions and open paths work, sign-ins do not", async () => {
  point = await startPoint(rules, environment);
  expect((await ask(point.port, "/ready")).status).toBe(200);
  expect((await ask(point.port, "/", forwarded({ uri: "/app/open" }))).status).toBe(200);
  expect((await ask(point.port, "/", [...forwarded(), "Cookie", point.cookie()])).status).toBe(200);
  expect((await ask(point.port, "/", forwarded())).status).toBe(503);
  expect((await ask(point.port, "/", [...forwarded(), "Accept", "application/json"])).status).toBe(503);
  expect((await ask(point.port, "/oauth2/start")).status).toBe(503);
});

test("without a readable rules file everything is denied and the program is not ready", async () => {
  point = await startPoint("{" as never, environment);
  expect((await ask(point.port, "/ready")).status).toBe(503);
  expect((await ask(point.port, "/", [...forwarded(), "Cookie", point.cookie()])).status).toBe(403);
  expect((await ask(point.port, "/", forwarded({ uri: "/app/open" }))).status).toBe(403);
});

test("a fault in a decision is a refusal", async () => {
  point = await startPoint(rules, environment);
  const { source } = point.serving.context;
  Object.defineProperty(source, "rules", {
    get: () => {
      throw new Error("broken on purpose");
    },
  });
  const answer = await ask(point.port, "/", [...forwarded({ uri: "/app/open" }), "Cookie", point.cookie()]);
  expect([answer.status, answer.headers.has("gap-auth")]).toEqual([503, false]);
  expect(point.log.join("")).toContain("broken on purpose");
});

test("global groups hold beside the rules", async () => {
  point = await startPoint(rules, { ...environment, OAUTH2_PROXY_ALLOWED_GROUPS: "staff" });
  expect((await ask(point.port, "/", [...forwarded(), "Cookie", point.cookie()])).status).toBe(403);
  expect(
    (await ask(point.port, "/", [...forwarded(), "Cookie", point.cookie({ groups: ["staff"] })])).status,
  ).toBe(200);
});

test("the client's address is the last that is no trusted proxy", async () => {
  point = await startPoint(rules, environment);
  await ask(point.port, "/", [
    ...forwarded(),
    "X-Forwarded-For",
    "10.0.0.1, 203.0.113.7",
    "X-Forwarded-For",
    "10.9.9.9",
  ]);
  expect(JSON.parse(point.log.at(-1) ?? "")).toMatchObject({ client: "203.0.113.7" });
});
