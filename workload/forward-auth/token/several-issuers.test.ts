/** Bearer tokens where there are several issuers: whose word counts for what, and who gets to see an opaque token. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RulesFile } from "../config.ts";
import { type FakeApi, Fakes } from "../testing/fake-api.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask, forwarded } from "../testing/question.ts";

const fakes = new Fakes();
const folder = mkdtempSync(join(tmpdir(), "issuers-"));
let point: Point;
let staff: FakeApi;
let guests: FakeApi;
/** Nobody signs in with it. */
let machines: FakeApi;

const RULES: RulesFile = {
  version: 1,
  applications: {
    any: { routes: [{ hosts: ["any.example.com"] }], allow: { everyone: true } },
    staff: { routes: [{ hosts: ["staff.example.com"] }], allow: { everyone: true }, provider: "staff" },
    guests: { routes: [{ hosts: ["guests.example.com"] }], allow: { everyone: true }, provider: "guests" },
  },
};

async function start(mode: string, rules: RulesFile | undefined = RULES): Promise<void> {
  const file = join(folder, "alpha.yaml");
  const provider = (id: string, { origin }: FakeApi, more: string) =>
    `  - { id: ${id}, provider: oidc, clientID: client, clientSecret: secret-${id}, ${more}
      oidcConfig: { issuerURL: "${origin}" } }\n`;
  writeFileSync(
    file,
    `server: { bindAddress: "127.0.0.1:0" }
injectResponseHeaders: [{ name: X-User, values: [{ claimSource: { claim: user } }] }]
upstreamConfig: { upstreams: [{ id: all, path: /, static: true, staticCode: 200 }] }
providers:
${provider("staff", staff, "allowedGroups: [ops],")}${provider("guests", guests, `introspectionURL: "${guests.origin}/tell",`)}`,
  );
  const environment = {
    OAUTH2_PROXY_DECISION_MODE: mode,
    OAUTH2_PROXY_REDIRECT_URL: "https://any.example.com/oauth2/callback",
    OAUTH2_PROXY_REVERSE_PROXY: "true",
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    OAUTH2_PROXY_HTTP_ADDRESS: "",
    OAUTH2_PROXY_SET_XAUTHREQUEST: "",
    OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS: "true",
    OAUTH2_PROXY_BEARER_TOKEN_LOGIN_FALLBACK: "false",
    OAUTH2_PROXY_INTROSPECTION_URL: "discovery",
    OAUTH2_PROXY_EXTRA_JWT_ISSUERS: `${machines.origin}=client`,
  };
  point = await startPoint(rules, environment, [`--alpha-config=${file}`]);
}

beforeEach(async () => {
  [staff, guests, machines] = await Promise.all([fakes.start(), fakes.start(), fakes.start()]);
  staff.routes["/introspect"] = { json: { active: false } };
  guests.routes["/tell"] = { json: { active: false } };
});
afterEach(async () => {
  await point.close();
  await fakes.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Status and user of a request with a token. */
async function decide(host: string, token: string): Promise<readonly unknown[]> {
  const told = [...forwarded({ host: `${host}.example.com`, uri: "/" }), "Authorization", `Bearer ${token}`];
  const { status, headers } = await ask(point.port, "/oauth2/auth", told);
  return [status, headers.get("x-user") || undefined];
}
const active = (sub: string, more: object = {}) => ({
  json: { active: true, sub, email: `${sub}@example.com`, client_id: "client", groups: ["ops"], ...more },
});
const asked = ({ calls }: FakeApi) =>
  calls.filter(({ url }) => url === "/introspect" || url === "/tell").map(({ form }) => form["token"]);

describe.each(["forwarded", "compat"])("%s", (mode) => {
  beforeEach(() => start(mode));

  test("a token is of its issuer: rules for another provider are not met, whoever is first", async () => {
    const [one, two, three] = await Promise.all(
      [staff, guests, machines].map((api) => api.sign({ sub: "x" })),
    );
    expect(await decide("staff", one ?? "")).toEqual([202, "x"]);
    for (const token of [two ?? "", three ?? ""]) {
      expect(await decide("any", token)).toEqual([202, "x"]);
      expect((await decide("staff", token))[0]).toBe(403);
    }
    expect(await decide("guests", two ?? "")).toEqual([202, "x"]);
    expect((await decide("guests", three ?? ""))[0]).toBe(403);
  });

  test("groups that one provider asks for do not count for another's tokens", async () => {
    const refused = mode === "compat" ? 401 : 401;
    expect((await decide("any", await staff.sign({ groups: ["dev"] })))[0]).toBe(refused);
    expect((await decide("any", await guests.sign({ groups: ["dev"] })))[0]).toBe(202);
  });

  test("an opaque token is shown to one after the other until one knows it, by each provider's own client", async () => {
    guests.routes["/tell"] = active("robot");
    expect(await decide("any", "opaque-1")).toEqual([202, "robot"]);
    expect([asked(staff), asked(guests)]).toEqual([["opaque-1"], ["opaque-1"]]);
    expect(guests.calls.find(({ url }) => url === "/tell")?.authorization).toBe(
      `Basic ${btoa("client:secret-guests")}`,
    );
    staff.routes["/introspect"] = active("clerk");
    expect(await decide("any", "opaque-2")).toEqual([202, "clerk"]);
    expect(asked(guests)).toEqual(["opaque-1"]);
  });

  test("a rule's provider alone is asked, and nobody where nobody may pass", async () => {
    staff.routes["/introspect"] = active("clerk");
    guests.routes["/tell"] = active("robot");
    expect(await decide("guests", "opaque-1")).toEqual([202, "robot"]);
    expect([asked(staff), asked(guests)]).toEqual([[], ["opaque-1"]]);
    expect(await decide("staff", "opaque-1")).toEqual([202, "clerk"]);
    expect((await decide("none", "opaque-3"))[0]).toBe(403);
    expect([asked(staff), asked(guests)]).toEqual([["opaque-1"], ["opaque-1"]]);
  });

  test("what a provider said is remembered by provider, a refusal for ten seconds too", async () => {
    guests.routes["/tell"] = active("robot");
    for (let turn = 0; turn < 4; turn++) {
      expect(await decide("any", "opaque-1")).toEqual([202, "robot"]);
      expect((await decide("staff", "opaque-1"))[0]).toBe(403);
    }
    expect([asked(staff).length, asked(guests).length]).toEqual([1, 1]);
  });

  test("an outage is no refusal: 503, unless another provider knows the token", async () => {
    staff.routes["/introspect"] = { status: 500, json: {} };
    expect((await decide("any", "opaque-1"))[0]).toBe(503);
    expect((await decide("staff", "opaque-1"))[0]).toBe(503);
    expect((await decide("guests", "opaque-1"))[0]).toBe(403);
    guests.routes["/tell"] = active("robot");
    expect(await decide("any", "opaque-2")).toEqual([202, "robot"]);
    staff.routes["/introspect"] = active("clerk");
    expect(await decide("staff", "opaque-1")).toEqual([202, "clerk"]);
  });
});

test("a provider that was not found yet announces nothing: 503, and found it answers", async () => {
  const document = staff.routes["/.well-known/openid-configuration"] ?? {};
  staff.routes["/.well-known/openid-configuration"] = { status: 503, json: {} };
  await start("forwarded");
  staff.routes["/introspect"] = active("clerk");
  expect((await decide("staff", "opaque-1"))[0]).toBe(503);
  staff.routes["/.well-known/openid-configuration"] = document;
  await expect.poll(() => decide("staff", "opaque-1"), { interval: 100 }).toEqual([202, "clerk"]);
});
