/** GitLab and Keycloak: groups, projects and roles are enforced (CVE-2021-21411). */
import { afterEach, expect, test } from "vitest";
import type { ProviderSettings } from "../../options/structure.ts";
import { Fakes, fixedAt, OPAQUE, providerAt, type Route, signIn } from "../../testing/fake-api.ts";

const fakes = new Fakes();
afterEach(() => fakes.close());

const project = (permissions: unknown, archived = false): Route => ({ json: { archived, permissions } });
const GITLAB: Record<string, Route> = {
  "/oauth/userinfo": {
    json: {
      sub: "sub-ada",
      nickname: "ada.l",
      email: "ada@example.com",
      email_verified: true,
      groups: ["acme", "acme/core"],
    },
  },
  "/userinfo": { json: {} },
  "/api/v4/projects/acme%2Fone": project({ project_access: { access_level: 30 }, group_access: null }),
  "/api/v4/projects/acme%2Ftwo": project({ project_access: null, group_access: { access_level: 20 } }),
  "/api/v4/projects/acme%2Fold": project({ project_access: { access_level: 40 } }, true),
  "/api/v4/projects/acme%2Fnone": project({ project_access: null, group_access: null }),
};

test.each<[Partial<ProviderSettings["gitlab"]>, readonly string[], boolean]>([
  [{}, ["acme", "acme/core"], true],
  [{ group: ["acme"] }, ["acme", "acme/core"], true],
  [{ group: ["other"] }, ["acme", "acme/core"], false],
  [{ projects: ["acme/one"] }, ["acme", "acme/core", "project:acme/one"], true],
  [{ projects: ["acme/one=30"] }, ["acme", "acme/core", "project:acme/one"], true],
  [{ projects: ["acme/one=40"] }, ["acme", "acme/core"], false],
  [{ projects: ["acme/two"] }, ["acme", "acme/core", "project:acme/two"], true],
  [{ projects: ["acme/two=30"] }, ["acme", "acme/core"], false],
  [{ projects: ["acme/old"] }, ["acme", "acme/core"], false],
  [{ projects: ["acme/none"] }, ["acme", "acme/core"], false],
  [{ projects: ["acme/unknown"] }, ["acme", "acme/core"], false],
  [{ group: ["other"], projects: ["acme/one"] }, ["acme", "acme/core", "project:acme/one"], true],
])("gitlab with %j", async (gitlab, groups, admitted) => {
  const api = await fakes.start(GITLAB);
  const settings = { gitlab: { group: [], projects: [], ...gitlab } };
  const provider = await providerAt(api, { type: "gitlab", settings });
  expect(await signIn(provider)).toMatchObject({ subject: "ada.l", groups, admitted });
});

test("gitlab: an address must be verified, and the person the same", async () => {
  const person = { nickname: "ada.l", email: "ada@example.com" };
  for (const [json, reason] of [
    [{ ...person, sub: "sub-ada", email_verified: false }, "email-not-verified"],
    [{ ...person, sub: "sub-ada" }, "email-not-verified"],
    [{ ...person, sub: "sub-bob", email_verified: true }, "userinfo-subject"],
  ]) {
    const api = await fakes.start({ ...GITLAB, "/oauth/userinfo": { json } });
    expect(await signIn(await providerAt(api, { type: "gitlab" }))).toBe(reason);
  }
});

test("gitlab asks for read_api when projects are restricted", async () => {
  const api = await fakes.start(GITLAB);
  const settings = { gitlab: { group: [], projects: ["acme/one"] } };
  const provider = await providerAt(api, { type: "gitlab", settings });
  const url = provider.loginUrl({ redirectUri: "r", state: "s", nonce: "n", verifier: undefined }) ?? "";
  expect(new URL(url).searchParams.get("scope")).toBe("openid email read_api");
  provider.close();
});

test.each<[Partial<ProviderSettings["keycloak"]>, boolean]>([
  [{}, true],
  [{ roles: ["admin"] }, true],
  [{ roles: ["cl:r"] }, true],
  [{ roles: ["cl"] }, false],
  [{ roles: ["other"] }, false],
  [{ groups: ["ops"] }, true],
  [{ groups: ["other"] }, false],
])("keycloak-oidc with %j", async (keycloak, admitted) => {
  const roles = { realm_access: { roles: ["admin"] }, resource_access: { cl: { roles: ["r"] }, odd: 5 } };
  const api = await fakes.start({});
  api.routes["/token"] = async () => ({
    json: { id_token: await api.sign(), access_token: await api.sign({ ...roles, aud: "account" }) },
  });
  const settings = { keycloak: { groups: [], roles: [], ...keycloak } };
  const provider = await providerAt(api, { type: "keycloak-oidc", settings });
  expect(await signIn(provider)).toMatchObject({ groups: ["ops", "role:admin", "role:cl:r"], admitted });
});

test("keycloak-oidc: roles of a token that is not Keycloak's own count for nothing", async () => {
  const api = await fakes.start({});
  const forged = await api.sign({ realm_access: { roles: ["admin"] } }, { alg: "none" }).catch(() => "");
  const [head, body] = (await api.sign({ realm_access: { roles: ["admin"] } })).split(".");
  for (const accessToken of [`${head}.${body}.AAAA`, "opaque", forged]) {
    api.routes["/token"] = async () => ({
      json: { id_token: await api.sign(), access_token: accessToken || "x" },
    });
    const settings = { keycloak: { groups: [], roles: ["admin"] } };
    const provider = await providerAt(api, { type: "keycloak-oidc", settings });
    expect(await signIn(provider)).toMatchObject({ groups: ["ops"], admitted: false });
  }
});

test("keycloak takes everything from the profile", async () => {
  const json = { email: "ada@example.com", preferred_username: "ada", groups: ["ops", ""] };
  const api = await fakes.start({ "/token": OPAQUE, "/user": { json } });
  for (const [groups, admitted] of [
    [[], true],
    [["ops"], true],
    [["other"], false],
  ] as const) {
    const settings = {
      ...fixedAt(api.origin),
      validateUrl: `${api.origin}/user`,
      keycloak: { groups, roles: [] },
    };
    const expected = {
      subject: "ada",
      email: "ada@example.com",
      groups: ["ops"],
      preferredUsername: "ada",
      admitted,
    };
    expect(await signIn(await providerAt(api, { type: "keycloak", settings }))).toEqual(expected);
  }
});
