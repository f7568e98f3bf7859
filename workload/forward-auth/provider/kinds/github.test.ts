/** GitHub: who is let in and who is refused. */
import { afterEach, expect, test } from "vitest";
import type { ProviderSettings } from "../../options/structure.ts";
import { Fakes, fixedAt, providerAt, type Route, signIn } from "../../testing/fake-api.ts";

const fakes = new Fakes();
afterEach(() => fakes.close());

const GITHUB: Record<string, Route> = {
  "/token": {
    text: "access_token=access&scope=user",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  },
  "/api/v3/": { json: {} },
  "/api/v3/user": { json: { login: "ada" } },
  "/api/v3/user/emails": {
    json: [
      { email: "old@example.com", primary: false, verified: true },
      { email: "ada@example.com", primary: true, verified: true },
    ],
  },
  "/api/v3/user/orgs": { json: [] },
  "/api/v3/user/orgs?page=1&per_page=100": { json: [{ login: "acme" }, { name: "gitea-org" }] },
  "/api/v3/user/teams": { json: [] },
  "/api/v3/user/teams?page=1&per_page=100": {
    json: [{ slug: "Core", name: "The core", organization: { login: "acme" } }],
  },
  "/api/v3/repos/acme/private": { json: { private: true, permissions: { pull: true, push: false } } },
  "/api/v3/repos/acme/public": { json: { private: false, permissions: { pull: true, push: false } } },
  "/api/v3/repos/acme/mine": { json: { private: false, permissions: { pull: true, push: true } } },
  "/api/v3/repos/acme/shared/collaborators/ada": ({ authorization }) => ({
    status: authorization === "token owner" ? 204 : 404,
  }),
};
const ada = {
  subject: "ada",
  email: "ada@example.com",
  groups: ["acme", "gitea-org", "acme:Core"],
  preferredUsername: "",
  admitted: true,
};
const NOT_IN = "not-in-organisation";

test.each<[Partial<ProviderSettings["github"]>, unknown]>([
  [{}, ada],
  [{ org: "acme" }, ada],
  [{ org: "ACME" }, NOT_IN],
  [{ org: "other" }, NOT_IN],
  [{ org: "acme", team: "x, core" }, ada],
  [{ org: "acme", team: "x" }, NOT_IN],
  [{ org: "other", team: "core" }, NOT_IN],
  [{ team: "acme:core" }, ada],
  [{ team: "core" }, NOT_IN],
  [{ team: "other:core" }, NOT_IN],
  [{ repo: "acme/private" }, ada],
  [{ repo: "acme/public" }, "no-repository-access"],
  [{ repo: "acme/mine" }, ada],
  [{ repo: "acme/none" }, "no-repository-access"],
  [{ repo: "acme/shared", token: "owner" }, ada],
  [{ repo: "acme/shared", token: "other" }, "not-a-collaborator"],
  [{ users: ["ada"], org: "other" }, ada],
  [{ users: ["bob"] }, "not-a-listed-user"],
  [{ users: ["bob"], org: "acme" }, ada],
  [{ users: ["bob"], org: "other" }, NOT_IN],
])("github with %j", async (github, expected) => {
  const api = await fakes.start(GITHUB);
  const settings = {
    ...fixedAt(api.origin),
    validateUrl: `${api.origin}/api/v3/`,
    github: { org: "", team: "", repo: "", token: "", users: [], ...github },
  };
  expect(await signIn(await providerAt(api, { type: "github", settings }))).toEqual(expected);
});

test("github: an address that is not verified, an interface that refuses, and a token that is not accepted end the sign-in", async () => {
  const unverified = { json: [{ email: "ada@example.com", primary: true, verified: false }] };
  for (const [path, route, expected] of [
    ["/api/v3/user/emails", unverified, { ...ada, email: "" }],
    ["/api/v3/user/orgs?page=1&per_page=100", { status: 403, json: {} }, "github-status-403"],
    ["/api/v3/user", { json: { login: "../repos" } }, "github-status-200"],
    ["/api/v3/", { status: 401, json: {} }, "not-validated"],
    ["/api/v3/user/teams", { status: 500, json: {} }, "api-status-500"],
  ] as const) {
    const routes = { ...GITHUB, [path]: route };
    if (path === "/api/v3/user/teams") delete routes["/api/v3/user/teams?page=1&per_page=100"];
    const api = await fakes.start(routes);
    const settings = { ...fixedAt(api.origin), validateUrl: `${api.origin}/api/v3/` };
    expect(await signIn(await providerAt(api, { type: "github", settings }))).toEqual(expected);
  }
});
