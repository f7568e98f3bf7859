/** Entra ID, Azure AD and ADFS: tenants, groups, addresses. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JWTPayload } from "jose";
import { afterAll, afterEach, expect, test } from "vitest";
import type { ProviderSettings } from "../../options/structure.ts";
import { ANSWER, Fakes, providerAt, signIn } from "../../testing/fake-api.ts";
import { entraIdAt } from "./entra-id.ts";

const fakes = new Fakes();
afterEach(() => fakes.close());

const folder = mkdtempSync(join(tmpdir(), "kinds-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TENANT = "11111111-2222-3333-4444-555555555555";

test.each<[string, readonly string[], unknown]>([
  [`https://login.microsoftonline.com/${TENANT}/v2.0`, [TENANT], { admitted: true }],
  [`https://login.microsoftonline.com/${TENANT}/v2.0`, [], { admitted: true }],
  [`https://login.microsoftonline.com/other/v2.0`, [TENANT], "not-admitted"],
  [`https://evil.example/${TENANT}/v2.0`, [TENANT], "not-admitted"],
  [`https://evil.example/${TENANT}/v2.0`, [], "not-admitted"],
])("entra-id: a token of %s with allowed tenants %j", async (iss, allowedTenants, expected) => {
  const api = await fakes.start({});
  api.routes["/token"] = async () => ({ json: { access_token: "a", id_token: await api.sign({ iss }) } });
  const oidc = { issuerUrl: api.origin, insecureSkipIssuerVerification: true } as ProviderSettings["oidc"];
  const settings = { oidc, entraId: { allowedTenants, federatedTokenAuth: false } };
  const result = await signIn(await providerAt(api, { type: "entra-id", settings }));
  if (typeof expected === "string") expect(result).toBe(expected);
  else expect(result).toMatchObject(expected as object);
});

test("entra-id reads groups from Graph when they do not fit into the token, page by page, from Graph's host only", async () => {
  const first = "/v1.0/me/transitiveMemberOf?$select=id&$top=100";
  const api = await fakes.start({});
  Object.assign(api.routes, {
    [first]: { json: { value: [{ id: "g1" }], "@odata.nextLink": `${api.origin}/v1.0/page2` } },
    "/v1.0/page2": { json: { value: [{ id: "g2" }, {}] } },
    "/token": async () => ({
      json: {
        access_token: "access",
        id_token: await api.sign({ groups: undefined, _claim_names: { groups: "src1" } }),
      },
    }),
    "/userinfo": { json: { sub: "sub-ada" } },
  });
  const choice = {
    type: "entra-id",
    kind: entraIdAt(api.origin),
    settings: { allowedGroups: ["g2"] },
  } as const;
  expect(await signIn(await providerAt(api, choice))).toMatchObject({ groups: ["g1", "g2"], admitted: true });
  expect(api.calls.find(({ url }) => url === first)?.headers["consistencylevel"]).toBe("eventual");
  api.routes[first] = { json: { value: [{ id: "g2" }], "@odata.nextLink": "http://127.0.0.1:9/steal" } };
  const warnings: string[] = [];
  expect(await signIn(await providerAt(api, { ...choice, warnings }))).toMatchObject({
    groups: [],
    admitted: false,
  });
  expect(warnings).toEqual(["groups not told by Graph: graph-other-host"]);
});

test("entra-id shows the federated token of the moment, never twice the same by memory", async () => {
  const api = await fakes.start({});
  const tokenFile = join(folder, "federated");
  const clientAuthentication = { method: "token_file", keyFile: "", certificateFile: "", tokenFile } as const;
  const provider = await providerAt(api, { type: "entra-id", settings: { clientAuthentication } });
  for (const token of ["first", "second"]) {
    writeFileSync(tokenFile, `${token}\n`);
    await provider.redeem(ANSWER);
    expect(api.calls.findLast(({ url }) => url === "/token")?.form).toMatchObject({
      client_id: "client",
      client_assertion: token,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    });
  }
  provider.close();
});

test("azure: the address comes from the ID token, the access token, or the profile; groups from Graph in version 2", async () => {
  const api = await fakes.start({});
  const field = "displayName";
  const graph = "/v1.0/me/transitiveMemberOf";
  Object.assign(api.routes, {
    "/.well-known/openid-configuration": {
      json: {
        issuer: api.origin,
        authorization_endpoint: `${api.origin}/v2.0/authorize`,
        token_endpoint: `${api.origin}/token`,
        jwks_uri: `${api.origin}/jwks`,
      },
    },
    "/me": { json: { mail: null, otherMails: [], userPrincipalName: "ada@corp.example" } },
    [graph]: { json: { value: [{ id: "g1", displayName: "Group one" }] } },
  });
  const settings = {
    profileUrl: `${api.origin}/me`,
    azure: { tenant: "t", graphGroupField: field },
    validateUrl: `${api.origin}/me`,
  };
  const tokens = async (id: JWTPayload, access?: JWTPayload) => {
    const json = {
      id_token: await api.sign({ email: undefined, ...id }),
      expires_on: "1900000000",
      access_token: access === undefined ? "opaque" : await api.sign(access),
    };
    api.routes["/token"] = { json };
  };
  await tokens({ email: "id@example.com" });
  expect(await signIn(await providerAt(api, { type: "azure", settings }))).toMatchObject({
    email: "id@example.com",
    groups: ["ops", "Group one"],
  });
  await tokens({}, { email: "access@example.com" });
  expect(await signIn(await providerAt(api, { type: "azure", settings }))).toMatchObject({
    email: "access@example.com",
  });
  await tokens({});
  expect(await signIn(await providerAt(api, { type: "azure", settings }))).toMatchObject({
    email: "ada@corp.example",
  });
});

test("adfs: the principal name stands for the address; the resource goes before the scopes", async () => {
  const api = await fakes.start({ "/userinfo": { json: { sub: "sub-ada" } } });
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await api.sign({ email: undefined, upn: "ada@corp" }) },
  });
  const provider = await providerAt(api, { type: "adfs", settings: { resource: "urn:app" } });
  const url = provider.loginUrl({ redirectUri: "r", state: "a:/b", nonce: "n", verifier: undefined }) ?? "";
  const { searchParams } = new URL(url);
  expect([searchParams.get("scope"), searchParams.get("state")]).toEqual([
    "urn:app/openid email profile",
    "a%3A%2Fb",
  ]);
  expect(await signIn(provider)).toMatchObject({ email: "ada@corp" });
  const without = await providerAt(api, { type: "adfs", settings: { adfs: { skipScope: true } } });
  expect(without.loginUrl({ redirectUri: "r", state: "s", nonce: "n", verifier: undefined })).not.toContain(
    "scope=",
  );
  without.close();
});
