/**
 * Answers of explicit modes given again: S-31 of the threat model. The same questions go to a decision point with a cache and to
 * one without; they must agree, whatever was asked before.
 */
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RulesFile } from "../config.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { type Answer, ask, forwarded } from "../testing/question.ts";

const RULES: RulesFile = {
  version: 1,
  applications: {
    one: {
      routes: [{ hosts: ["one.example.com", "both.example.com"] }],
      allow: { groups: ["ops"] },
      access: [
        { paths: ["/admin"], allow: { groups: ["root"] } },
        { paths: ["/write"], methods: ["POST"], allow: { groups: ["root"] } },
      ],
      headers: { "X-App": { value: "one" } },
    },
    two: {
      routes: [{ hosts: ["two.example.com"] }, { hosts: ["both.example.com"], paths: ["/two"] }],
      allow: { groups: ["dev"] },
      anonymous_paths: ["^/open/"],
      headers: { "X-App": { value: "two" } },
    },
    fresh: {
      routes: [{ hosts: ["fresh.example.com"] }],
      allow: { everyone: true },
      max_session_age: "70s",
    },
  },
};

const ENVIRONMENT = {
  OAUTH2_PROXY_DECISION_MODE: "forwarded",
  OAUTH2_PROXY_REDIRECT_URL: "https://gw.example.com/oauth2/callback",
  OAUTH2_PROXY_OIDC_ISSUER_URL: "http://127.0.0.1:1",
  OAUTH2_PROXY_CLIENT_ID: "forward-auth",
  OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
};

let cached: Point;
let plain: Point;
/** Without a rules file: the gate alone decides. */
let ruleless: Point;

beforeAll(async () => {
  cached = await startPoint(RULES, ENVIRONMENT);
  plain = await startPoint(RULES, { ...ENVIRONMENT, OAUTH2_PROXY_DECISION_CACHE_TTL: "0" });
  ruleless = await startPoint(undefined, { ...ENVIRONMENT, OAUTH2_PROXY_EMAIL_DOMAINS: "example.com" });
});
afterAll(async () => {
  await Promise.all([cached, plain, ruleless].map((point) => point.close()));
});

const comparable = ({ status, headers, body }: Answer) => ({
  status,
  headers: [...headers].filter(([name]) => name !== "date" && name !== "content-length"),
  body: body.replace(/Request ID: [\w-]+/, ""),
});

interface Question {
  readonly way: "listener" | "auth" | "forwarded" | "nginx" | "nginx-ingress" | "envoy-http";
  readonly host: string;
  readonly uri: string;
  readonly method: string;
  readonly proto: string;
  /** Of the decision request. */
  readonly query: string;
  readonly cookie: string;
  readonly more: readonly string[];
}

const ADDRESSES = { listener: "/", auth: "/oauth2/auth" } as const;

function put(
  point: Point,
  { way, host, uri, method, proto, query, cookie, more }: Question,
): Promise<Answer> {
  const common = ["Cookie", cookie, ...more];
  if (way === "envoy-http")
    return ask(
      point.port,
      `/oauth2/authz/envoy-http${uri}`,
      ["Host", host, "X-Forwarded-Proto", proto, ...common],
      method,
    );
  const address = way === "listener" || way === "auth" ? ADDRESSES[way] : `/oauth2/authz/${way}`;
  const told =
    way === "nginx-ingress"
      ? ["X-Original-URL", `${proto}://${host}${uri}`, "X-Original-Method", method]
      : forwarded({ host, uri, method, proto });
  return ask(point.port, address + query, [...told, ...common]);
}

const hits = (point: Point): number =>
  Number(
    /charmed_iap_decision_cache_total\{result="hit"\} (\d+)/.exec(
      point.serving.context.metrics.scrape(),
    )?.[1] ?? 0,
  );

const usual: Omit<Question, "cookie"> = {
  way: "forwarded",
  host: "one.example.com",
  uri: "/page",
  method: "GET",
  proto: "https",
  query: "",
  more: [],
};

test("a decision point with a cache answers as one without, whatever was asked before", async () => {
  const sessions = [["ops"], ["ops", "dev"], ["root", "ops"], []].map((groups) => cached.cookie({ groups }));
  const question = fc.record<Question>({
    way: fc.constantFrom("listener", "auth", "forwarded", "nginx", "nginx-ingress", "envoy-http"),
    host: fc.constantFrom(
      "one.example.com",
      "two.example.com",
      "both.example.com",
      "fresh.example.com",
      "other.example.com",
    ),
    uri: fc.constantFrom(
      "/page",
      "/page?x=1",
      "/admin",
      "/Admin/x",
      "/write",
      "/two/x",
      "/open/x",
      "/a%2fb",
      "//x",
    ),
    method: fc.constantFrom("GET", "POST"),
    proto: fc.constantFrom("https", "https", "https", "http", "ftp"),
    query: fc.constantFrom("", "", "", "?allowed_groups=ops", "?allowed_groups=dev", "?allowed_groups=a&x=b"),
    cookie: fc.constantFrom(...sessions, "_oauth2_proxy=no"),
    more: fc.constantFrom<string[]>(
      ...Array.from({ length: 7 }, () => []),
      ["X-Forwarded-Host", "two.example.com"],
      ["X_Auth_Request_User", "eve"],
      ["Authorization", "Bearer x"],
    ),
  });
  const before = hits(cached);
  await fc.assert(
    fc.asyncProperty(fc.array(question, { minLength: 4, maxLength: 12 }), async (questions) => {
      for (const each of questions)
        expect(comparable(await put(cached, each)), JSON.stringify(each)).toEqual(
          comparable(await put(plain, each)),
        );
    }),
    { numRuns: 120 },
  );
  expect(hits(cached) - before).toBeGreaterThan(20);
});

test.each(["listener", "auth", "forwarded", "nginx", "nginx-ingress", "envoy-http"] as const)(
  "%s: an allow comes from memory, on other paths too; another application, path, method, host and limit do not",
  async (way) => {
    const cookie = cached.cookie({ groups: ["ops"] });
    const question = { ...usual, way, cookie };
    const first = await put(cached, question);
    await put(cached, question);
    const before = hits(cached);
    expect(comparable(await put(cached, { ...question, uri: "/other?x=1" }))).toEqual(comparable(first));
    expect([
      first.status >= 200 && first.status < 300,
      first.headers.get("x-app"),
      hits(cached) - before,
    ]).toEqual([true, "one", 1]);
    const others: Partial<Question>[] = [
      { uri: "/admin" },
      { uri: "/write", method: "POST" },
      { host: "two.example.com" },
      { host: "none.example.com" },
      { host: "both.example.com", uri: "/two" },
      ...(way === "envoy-http" ? [] : [{ query: "?allowed_groups=root" }]),
    ];
    for (const other of others)
      expect((await put(cached, { ...question, ...other })).status, JSON.stringify(other)).toBe(403);
  },
);

test("each way of asking has its own status for an allow", async () => {
  const cookie = cached.cookie();
  const statusOf = async (way: Question["way"]) => (await put(cached, { ...usual, way, cookie })).status;
  for (let turn = 0; turn < 3; turn++)
    expect([await statusOf("envoy-http"), await statusOf("forwarded"), await statusOf("listener")]).toEqual([
      200, 202, 200,
    ]);
});

test("a session that grows too old for an application is decided anew", async () => {
  const cookie = cached.cookie({ createdAt: Date.now() - 69_000 });
  const question = { ...usual, host: "fresh.example.com", cookie };
  for (let turn = 0; turn < 3; turn++) expect((await put(cached, question)).status).toBe(202);
  await expect.poll(async () => (await put(cached, question)).status, { timeout: 4000 }).toBe(503);
});

test("a sign-out counts at once", async () => {
  const cookie = cached.cookie();
  const question = { ...usual, cookie };
  for (let turn = 0; turn < 3; turn++) await put(cached, question);
  const { sessions } = cached.serving.context;
  const entry = await sessions.load(cookie);
  if (entry !== undefined) await sessions.end(entry);
  // The provider is down, so that nobody is led to it.
  expect((await put(cached, question)).status).toBe(503);
});

test("without rules the gate decides, and what is told must still be whole", async () => {
  const cookie = ruleless.cookie();
  const question = { ...usual, cookie };
  const before = hits(ruleless);
  for (let turn = 0; turn < 3; turn++) expect((await put(ruleless, question)).status).toBe(202);
  expect(hits(ruleless) - before).toBe(1);
  expect((await put(ruleless, { ...question, proto: "gopher" })).status).toBe(400);
  expect((await put(ruleless, { ...question, uri: "/%2e%2e/x" })).status).toBe(400);
  expect(
    (await put(ruleless, { ...question, cookie: ruleless.cookie({ email: "e@other.example" }) })).status,
  ).toBe(403);
});

test("a token beside a known cookie is looked at", async () => {
  const point = await startPoint(RULES, {
    ...ENVIRONMENT,
    OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS: "true",
    OAUTH2_PROXY_BEARER_TOKEN_LOGIN_FALLBACK: "false",
  });
  try {
    const question = { ...usual, cookie: point.cookie() };
    for (let turn = 0; turn < 3; turn++) expect((await put(point, question)).status).toBe(202);
    const more = ["Authorization", "Bearer x"];
    expect((await put(point, { ...question, more })).status).toBe(403);
  } finally {
    await point.close();
  }
});

test("the log tells each request's own path", async () => {
  const cookie = cached.cookie();
  for (const uri of ["/first", "/second", "/third"]) await put(cached, { ...usual, uri, cookie });
  const paths = cached.log.flatMap((line) => /"path":"(\/(?:first|second|third))"/.exec(line)?.[1] ?? []);
  expect(paths).toEqual(["/first", "/second", "/third"]);
});

test("rules that change count at once", async () => {
  const point = await startPoint(RULES, ENVIRONMENT);
  try {
    const question = { ...usual, cookie: point.cookie() };
    for (let turn = 0; turn < 3; turn++) expect((await put(point, question)).status).toBe(202);
    const file = point.serving.context.settings.options.rules_file;
    writeFileSync(file, readFileSync(file, "utf8").replace('"ops"', '"none"'));
    await expect.poll(async () => (await put(point, question)).status, { timeout: 5000 }).toBe(403);
  } finally {
    await point.close();
  }
});
