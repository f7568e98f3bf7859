import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { createLog } from "../log/log.ts";
import { serve } from "../server/serve.ts";
import { readSettings } from "../settings.ts";
import { type Gateway, startGateway } from "../testing/gateway.ts";
import { check } from "./check.ts";
import type { Finding } from "./finding.ts";

const folder = mkdtempSync(join(tmpdir(), "check-"));
afterAll(() => rmSync(folder, { recursive: true }));

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const variables = {
  OAUTH2_PROXY_COOKIE_SECRET: "3f8a1c07e9b24d56a0c7f1e83b5d9264",
  OAUTH2_PROXY_CLIENT_ID: "id",
  OAUTH2_PROXY_CLIENT_SECRET: "hidden",
  OAUTH2_PROXY_EMAIL_DOMAINS: "*",
};

async function findings(environment: NodeJS.ProcessEnv, args: readonly string[]) {
  const { code, out } = await check(environment, ["--json", ...args]);
  expect(out).not.toContain("hidden");
  const { findings: list } = JSON.parse(out) as { findings: readonly Finding[] };
  return { code, list, problems: list.filter(({ level }) => level === "problem") };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("every fault of the configuration is a problem with its option; the exit code says so", async () => {
  const { code, problems } = await findings(
    { ...variables, OAUTH2_PROXY_COOKIE_SECRET: "short", OAUTH2_PROXY_COOKIE_SAMESITE: "x" },
    [],
  );
  expect(code).toBe(1);
  expect(problems.map(({ option }) => option)).toEqual(["cookie_secret", "cookie_samesite"]);
});

test("says what the cookie secret is made of, and that a line break is part of it", async () => {
  const file = join(folder, "secret");
  writeFileSync(file, "3f8a1c07e9b24d56a0c7f1e83b5d9264\n", { mode: 0o600 });
  const { code, list } = await findings(
    { ...variables, OAUTH2_PROXY_COOKIE_SECRET: "", OAUTH2_PROXY_COOKIE_SECRET_FILE: file },
    ["--offline"],
  );
  expect(code).toBe(0);
  expect(list[0]?.text).toContain("read as URL-safe Base64 of 24 bytes: AES-192");
  expect(list).toContainEqual(expect.objectContaining({ level: "warning", option: "cookie_secret_file" }));
});

test("addresses that do not fit together are problems", async () => {
  const { problems } = await findings(
    {
      ...variables,
      OAUTH2_PROXY_REDIRECT_URL: "https://auth.example.com/oauth2/callback",
      OAUTH2_PROXY_COOKIE_DOMAINS: "other.org",
    },
    ["--offline", "--url=https://127.0.0.1:1/"],
  );
  expect(problems.map(({ option }) => option)).toEqual([
    "cookie_domains",
    "cookie_domains",
    "whitelist_domains",
    undefined,
  ]);
});

test("arguments that cannot be read end with 2 and the usage", async () => {
  for (const args of [["--url=ftp://x"], ["--as=a"], ["--url"], ["--nope"]]) {
    const { code, err } = await check({}, args);
    expect([code, err.startsWith("Usage of oauth2-proxy check:")]).toEqual([2, true]);
  }
  expect((await check({}, ["--help"])).code).toBe(0);
});

/** A provider whose metadata is what the test says. */
async function provider(change: (issuer: string) => Readonly<Record<string, unknown>>, keys: unknown = []) {
  const server = createServer(({ url }, response) => {
    const body = url === "/jwks" ? { keys } : change(issuer);
    response.end(JSON.stringify(body));
  });
  const issuer = await listening(server);
  return issuer;
}

const complete = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/jwks`,
  code_challenge_methods_supported: ["S256"],
  id_token_signing_alg_values_supported: ["RS256"],
});

const oidc = (issuer: string) => [`--provider=oidc`, `--oidc-issuer-url=${issuer}`];

test("a provider that answers as it should leaves nothing to say", async () => {
  const issuer = await provider(complete, [{ kty: "RSA", use: "sig" }]);
  const { code, list } = await findings(variables, oidc(issuer));
  expect(code).toBe(0);
  expect(list.filter(({ topic }) => topic === "provider").map(({ level }) => level)).toEqual(
    Array(6).fill("ok"),
  );
});

test("another issuer, a missing endpoint, other PKCE, other algorithms and no keys are problems", async () => {
  const issuer = await provider((own) => ({
    ...complete(own),
    issuer: `${own}/`,
    token_endpoint: undefined,
    code_challenge_methods_supported: ["plain"],
  }));
  const { code, problems } = await findings(variables, [...oidc(issuer), "--oidc-enabled-signing-alg=ES256"]);
  expect(code).toBe(1);
  expect(problems.map(({ option, text }) => option ?? text.split(" ").at(-1))).toEqual([
    "oidc_issuer_url",
    "token_endpoint",
    "code_challenge_method",
    "oidc_enabled_signing_algs",
    "signatures",
  ]);
  expect(problems[0]?.fix).toContain("the slash at the end counts");
});

test("a provider that is not there is a problem with its reason", async () => {
  const { problems } = await findings(variables, oidc("http://127.0.0.1:1"));
  expect(problems).toEqual([
    expect.objectContaining({ option: "oidc_issuer_url", text: expect.stringContaining("ECONNREFUSED") }),
  ]);
});

const IDENTITY = [
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Groups",
  "X-Auth-Request-Preferred-Username",
  "X-Forwarded-User",
  "X-Forwarded-Email",
];

/** A gateway with an application that shows its request's headers, and a decision point. */
async function behind(
  authResponseHeaders: readonly string[],
  guarded = true,
): Promise<{ gateway: Gateway; environment: NodeJS.ProcessEnv }> {
  const rules = join(folder, "rules.json");
  const application = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  const target = await listening(application);
  let port = 0;
  const gateway = await startGateway({
    decisions: () => `http://127.0.0.1:${port}`,
    routes: () => [{ prefix: "/app", target, protected: guarded }],
    authResponseHeaders,
    addAuthCookies: false,
  });
  closing.push(() => gateway.close());
  const routes = [{ hosts: [gateway.host], paths: ["/app"] }];
  writeFileSync(
    rules,
    JSON.stringify({ version: 1, applications: { app: { routes, allow: { everyone: true } } } }),
  );
  const environment = {
    ...variables,
    OAUTH2_PROXY_HTTP_ADDRESS: "127.0.0.1:0",
    OAUTH2_PROXY_DECISION_MODE: "forwarded",
    OAUTH2_PROXY_RULES_FILE: rules,
    OAUTH2_PROXY_COOKIE_SECURE: "false",
    OAUTH2_PROXY_SET_XAUTHREQUEST: "true",
    OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true",
    OAUTH2_PROXY_REDIRECT_URL: `${gateway.origin}/oauth2/callback`,
    OAUTH2_PROXY_OIDC_ISSUER_URL: await provider(complete, [{ kty: "RSA" }]),
  };
  const settings = readSettings(environment, []);
  const serving = await serve(settings, createLog(settings.options, { write: () => {} }));
  await serving.context.provider.start();
  port = serving.port;
  closing.push(() => serving.close());
  return { gateway, environment };
}

const gatewayProblems = async ({ gateway, environment }: Awaited<ReturnType<typeof behind>>) => {
  const { list } = await findings(environment, [
    "--offline",
    `--url=${gateway.origin}/app/x?a=b`,
    "--as=ada@example.com",
  ]);
  const of = list.filter(({ topic }) => topic === "gateway");
  return { count: of.length, problems: of.filter(({ level }) => level !== "ok").map(({ text }) => text) };
};

test("a gateway that asks and copies as it should passes every check", async () => {
  const { count, problems } = await gatewayProblems(await behind(IDENTITY));
  expect(problems).toEqual([]);
  expect(count).toBe(10);
});

test("a route that nothing protects is found", async () => {
  const { problems } = await gatewayProblems(await behind(IDENTITY, false));
  expect(problems).toEqual([
    expect.stringMatching(/^a stranger's request is answered 200: nothing protects/),
  ]);
});

test("a gateway that does not copy every identity header lets forged ones through", async () => {
  const { problems } = await gatewayProblems(await behind(["X-Auth-Request-Email"]));
  expect(problems).toEqual(["forged identity headers reach the application"]);
});

test("a gateway that is not there is a problem", async () => {
  const { list } = await findings(variables, ["--offline", "--url=http://127.0.0.1:1/"]);
  expect(list.at(-1)).toMatchObject({ level: "problem", text: expect.stringContaining("ECONNREFUSED") });
});
