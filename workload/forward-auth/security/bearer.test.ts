/** S-15 cache, and opaque tokens: how long a verified token is believed, and how often its issuer is asked. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { ExtraIssuer } from "../provider/extra-issuer.ts";
import { readIntrospection } from "../provider/introspection.ts";
import { readObject } from "../provider/json.ts";
import type { Provider } from "../provider/provider.ts";
import { COMPAT } from "../testing/compat.ts";
import { discovery, type FakeApi, Fakes, providerAt, type Route } from "../testing/fake-api.ts";
import { startPoint } from "../testing/point.ts";
import { BearerTokens, type IssuerUnreachableError, tokenOf } from "../token/bearer.ts";

const fakes = new Fakes();
const open: Provider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) provider.close();
  await fakes.close();
});

interface World {
  readonly api: FakeApi;
  readonly provider: Provider;
  readonly tokens: BearerTokens;
  readonly clock: { now: number };
  /** The user of a token; undefined when it is refused; the code of an error. */
  read(token: string): Promise<string | undefined>;
}

async function world(settings: Parameters<typeof providerAt>[1] = {}): Promise<World> {
  const api = await fakes.start();
  const clock = { now: Date.now() };
  const provider = await providerAt(api, { now: () => clock.now, ...settings });
  open.push(provider);
  const tokens = new BearerTokens({
    sources: [provider],
    opaque: [{ id: provider.id, bearer: (token) => provider.introspect(token, "discovery") }],
    subjectAsEmail: true,
    entry: (session) => ({ session, headers: [], endsAt: 0 }),
    now: () => clock.now,
  });
  const read = async (token: string) => {
    try {
      return (await tokens.read(token))?.session.subject;
    } catch (error) {
      return (error as IssuerUnreachableError).code;
    }
  };
  return { api, provider, tokens, clock, read };
}

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

test("S-15 a verified token is believed until it ends or for a minute, whichever comes first, though its key is gone", async () => {
  const { api, clock, read } = await world();
  const long = await api.sign({ sub: "long", exp: seconds(clock.now) + 3600 });
  const short = await api.sign({ sub: "short", exp: seconds(clock.now) + 20 });
  expect([await read(long), await read(short)]).toEqual(["long", "short"]);
  api.routes["/jwks"] = { json: { keys: [] } };
  clock.now += 19_000;
  expect([await read(long), await read(short)]).toEqual(["long", "short"]);
  clock.now += 2000;
  expect([await read(long), await read(short)]).toEqual(["long", undefined]);
  clock.now += 40_000;
  expect(await read(long)).toBe("long");
  clock.now += 10 * 60_000;
  expect(await read(long)).toBeUndefined();
});

test("S-15 the address of a token without one is its subject in compat, and groups are its own", async () => {
  const { api, tokens } = await world();
  const entry = await tokens.read(await api.sign({ email: undefined }));
  expect(entry?.session).toMatchObject({ email: "sub-ada", groups: ["ops"], issuer: api.origin });
  expect(api.calls.some(({ url }) => url === "/userinfo")).toBe(false);
});

test("S-15 an outage is neither yes nor no", async () => {
  const { api, read } = await world();
  api.routes["/jwks"] = { status: 503, json: {} };
  expect(await read(await api.sign())).toBe("ERR_ISSUER_UNREACHABLE");
  expect(await read(await api.sign({ iss: "https://other.example" }))).toBeUndefined();
});

const active = (more: object = {}) => ({
  json: { active: true, sub: "robot", client_id: "client", ...more },
});
const asked = (api: FakeApi) => api.calls.filter(({ url }) => url === "/introspect");

test("an opaque token is looked up once for all who bring it, as the client, and remembered", async () => {
  const { api, clock, read } = await world();
  api.routes["/introspect"] = active({ exp: seconds(clock.now) + 30 });
  expect(await Promise.all(Array.from({ length: 20 }, () => read("opaque-1")))).toEqual(
    Array(20).fill("robot"),
  );
  expect(asked(api)).toMatchObject([
    {
      form: { token: "opaque-1", token_type_hint: "access_token" },
      authorization: `Basic ${btoa("client:secret")}`,
    },
  ]);
  clock.now += 29_000;
  expect(await read("opaque-1")).toBe("robot");
  clock.now += 2000;
  expect([await read("opaque-1"), asked(api).length]).toEqual([undefined, 2]);
});

test("a refused opaque token is not asked about again for ten seconds", async () => {
  const { api, clock, read } = await world();
  api.routes["/introspect"] = { json: { active: false } };
  for (let count = 0; count < 5; count++) expect(await read("guess")).toBeUndefined();
  expect(asked(api)).toHaveLength(1);
  clock.now += 10_000;
  api.routes["/introspect"] = active();
  expect(await read("guess")).toBe("robot");
  expect(await read("x".repeat(5000))).toBeUndefined();
});

test.each<[string, Route, string | undefined]>([
  ["status 500", { status: 500, json: {} }, "ERR_ISSUER_UNREACHABLE"],
  [
    "status 401: our client is not accepted",
    { status: 401, json: { error: "invalid_client" } },
    "ERR_ISSUER_UNREACHABLE",
  ],
  ["HTML", { text: "<html>" }, "ERR_ISSUER_UNREACHABLE"],
  ["active as text", { json: { active: "true", sub: "robot", client_id: "client" } }, undefined],
  ["no one's token", { json: { active: true, sub: "robot" } }, undefined],
  ["another client's token", active({ client_id: "other" }), undefined],
  ["another client's token for us", active({ client_id: "other", aud: ["x", "client"] }), "robot"],
  ["another issuer's token", active({ iss: "https://other.example" }), undefined],
  ["a refresh token", active({ token_use: "refresh_token" }), undefined],
  ["a token that ended", active({ exp: 1 }), undefined],
  ["a token that ends never", active({ exp: "never" }), undefined],
  ["a token without subject", active({ sub: undefined }), undefined],
  ["a token with a user name only", active({ sub: undefined, username: "ada" }), "ada"],
  ["an address that is not verified", active({ email: "a@b.c", email_verified: false }), undefined],
])("introspection: %s", async (_, route, expected) => {
  const { api, read } = await world();
  api.routes["/introspect"] = route;
  expect(await read("opaque-token")).toBe(expected);
});

test("introspection gives roles and groups as claims do", async () => {
  const { api, tokens } = await world({ type: "keycloak-oidc" });
  api.routes["/introspect"] = active({ groups: ["ops"], realm_access: { roles: ["admin"] } });
  expect((await tokens.read("opaque"))?.session.groups).toEqual(["ops", "role:admin"]);
});

test("what introspection answers is read without a fault, whatever it is", () => {
  const rules = { issuer: "https://idp.example", audiences: ["client"], now: 1_700_000_000_000 };
  fc.assert(
    fc.property(fc.object(), (value) => {
      const claims = readObject(JSON.stringify({ active: true, client_id: "client", ...value })) ?? {};
      const token = readIntrospection(claims, rules);
      expect(token === undefined || (token.expiresOn > rules.now && Number.isFinite(token.expiresOn))).toBe(
        true,
      );
    }),
  );
});

async function extra(api: FakeApi, now: () => number = Date.now) {
  const issuer = new ExtraIssuer({
    issuer: api.origin,
    audiences: ["api"],
    audienceClaims: ["aud"],
    enabledAlgorithms: [],
    now,
  });
  const read = async (claims: object) =>
    (await issuer.bearer(await api.sign({ aud: "api", ...claims })))?.identity.subject;
  return { issuer, read };
}

test("an extra issuer has fixed claims of fixed kinds, and asks nobody about tokens of others", async () => {
  const api = await fakes.start();
  const { issuer, read } = await extra(api);
  expect(await read({ iss: "https://other.example" })).toBeUndefined();
  expect(api.calls).toEqual([]);
  expect(await read({})).toBe("sub-ada");
  for (const odd of [
    { groups: "admin" },
    { groups: [1] },
    { email: 5 },
    { email_verified: false },
    { email_verified: "true" },
    { aud: "client" },
    { preferred_username: {} },
  ])
    expect(await read(odd), JSON.stringify(odd)).toBeUndefined();
  issuer.close();
});

test("an extra issuer without metadata has its keys where everybody has them", async () => {
  const api = await fakes.start();
  api.routes["/.well-known/openid-configuration"] = { status: 404, json: {} };
  api.routes["/.well-known/jwks.json"] = api.routes["/jwks"] ?? {};
  const { issuer, read } = await extra(api);
  expect([await read({}), await read({ jti: "2" })]).toEqual(["sub-ada", "sub-ada"]);
  expect(api.asked()).toEqual(["GET /.well-known/openid-configuration", "GET /.well-known/jwks.json"]);
  issuer.close();
});

test("tokens are looked for where RFC 6750 has them", () => {
  expect(tokenOf("Bearer mF_9.B5f-4.1JqM==")).toBe("mF_9.B5f-4.1JqM==");
  for (const text of ["Bearer a b", 'Bearer a"b', "Bearer a=b", "Bearer é", "Basic b3BhcXVlOg=="])
    expect(tokenOf(text)).toBeUndefined();
});

test("the CAs of the first provider count for extra issuers too, as in oauth2-proxy", async () => {
  const [key = "", cert = ""] = ["issuer-key.pem", "issuer.pem"].map((name) =>
    readFileSync(join(import.meta.dirname, "../testdata", name), "utf8"),
  );
  const api = await fakes.start();
  const server = createServer({ key, cert }, ({ url }, response) => {
    response.end(JSON.stringify(url === "/jwks" ? { keys: [api.jwk] } : discovery(issuer)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const authorization = `Bearer ${await api.sign({ iss: issuer, aud: "api" })}`;
  const statusWith = async (more: Readonly<Record<string, string>>) => {
    const point = await startPoint(undefined, {
      ...COMPAT,
      OAUTH2_PROXY_UPSTREAMS: "static://200",
      OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS: "true",
      OAUTH2_PROXY_EXTRA_JWT_ISSUERS: `${issuer}=api`,
      ...more,
    });
    const answer = await fetch(`http://127.0.0.1:${point.port}/oauth2/auth`, { headers: { authorization } });
    await point.close();
    return answer.status;
  };
  const file = join(import.meta.dirname, "../testdata/issuer.pem");
  expect(await statusWith({ OAUTH2_PROXY_PROVIDER_CA_FILES: file })).toBe(202);
  expect(await statusWith({ OAUTH2_PROXY_SSL_INSECURE_SKIP_VERIFY: "true" })).toBe(202);
  expect(await statusWith({})).not.toBe(202);
  server.close();
  server.closeAllConnections();
});
