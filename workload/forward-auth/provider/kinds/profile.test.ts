/** Providers that tell who somebody is by a profile: who is let in and who is refused. */
import { generateKeyPairSync } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import type { ProviderSettings } from "../../options/structure.ts";
import { ANSWER, Fakes, fixedAt, OPAQUE, providerAt, signIn } from "../../testing/fake-api.ts";

const fakes = new Fakes();
afterEach(() => fakes.close());

test("cidaas: roles in groups, and roles", async () => {
  const json = {
    sub: "sub-ada",
    groups: [{ groupId: "g", roles: ["A", "B"] }, { groupId: "h" }],
    roles: ["USER", 5],
  };
  const api = await fakes.start({ "/userinfo": { json } });
  const settings = { allowedGroups: ["g:B"] };
  expect(await signIn(await providerAt(api, { type: "cidaas", settings }))).toMatchObject({
    groups: ["g:A", "g:B", "cidaas:USER"],
    admitted: true,
  });
  api.routes["/userinfo"] = { json: { sub: "sub-ada", groups: "g:B" } };
  expect(await signIn(await providerAt(api, { type: "cidaas", settings }))).toMatchObject({
    groups: [],
    admitted: false,
  });
  api.routes["/userinfo"] = { json: { sub: "sub-bob", groups: [] } };
  expect(await signIn(await providerAt(api, { type: "cidaas", settings }))).toBe("userinfo-subject");
});

test.each<[Partial<ProviderSettings["bitbucket"]>, unknown]>([
  [{}, { email: "ada@example.com", admitted: true }],
  [{ team: "acme" }, { email: "ada@example.com" }],
  [{ team: "other" }, "not-in-team"],
  [{ repository: "acme/one" }, { email: "ada@example.com" }],
  [{ repository: "acme/two" }, "no-repository-access"],
  [{ team: "acme", repository: "acme/two" }, "no-repository-access"],
])("bitbucket with %j", async (bitbucket, expected) => {
  const api = await fakes.start({
    "/token": OPAQUE,
    "/2.0/user/emails": {
      json: { values: [{ email: "x@y.z" }, { email: "ada@example.com", is_primary: true }] },
    },
    "/2.0/teams": { json: { values: [{ username: "acme" }] } },
    "/2.0/repositories/acme": { json: { values: [{ full_name: "acme/one" }] } },
  });
  const settings = {
    ...fixedAt(api.origin),
    validateUrl: `${api.origin}/2.0/user/emails`,
    bitbucket: { team: "", repository: "", ...bitbucket },
  };
  const result = await signIn(await providerAt(api, { type: "bitbucket", settings }));
  if (typeof expected === "string") expect(result).toBe(expected);
  else expect(result).toMatchObject(expected as object);
  expect(api.calls.some(({ url }) => url.includes("access_token"))).toBe(false);
});

test.each([
  ["digitalocean", { account: { email: "ada@example.com" } }, {}],
  ["facebook", { name: "Ada", email: "ada@example.com" }, {}],
  ["linkedin", { elements: [{ "handle~": { emailAddress: "ada@example.com" } }] }, {}],
  [
    "nextcloud",
    { ocs: { data: { id: "ada", email: "ada@example.com", groups: ["ops", ""] } } },
    { subject: "ada", groups: ["ops"] },
  ],
  [
    "sourcehut",
    { data: { me: { username: "ada", email: "ada@example.com" } } },
    { subject: "ada", preferredUsername: "ada" },
  ],
] as const)("%s takes the person from the profile", async (type, json, expected) => {
  const api = await fakes.start({ "/token": OPAQUE, "/profile": { json }, "/validate": { json: {} } });
  const urls = { profileUrl: `${api.origin}/profile`, validateUrl: `${api.origin}/validate` };
  const settings = { ...fixedAt(api.origin), ...urls };
  expect(await signIn(await providerAt(api, { type, settings }))).toMatchObject({
    email: "ada@example.com",
    ...expected,
  });
  expect(api.calls.filter(({ url }) => url.startsWith("/profile")).map((call) => call.authorization)).toEqual(
    ["Bearer access"],
  );
  api.routes["/profile"] = { json: {} };
  expect(await signIn(await providerAt(api, { type, settings }))).toBe("no-email");
  api.routes["/profile"] = { json };
  api.routes["/validate"] = { status: 401, json: {} };
  expect(await signIn(await providerAt(api, { type, settings }))).toBe("not-validated");
  const groups = { ...settings, allowedGroups: ["other"] };
  api.routes["/validate"] = { json: {} };
  expect(await signIn(await providerAt(api, { type, settings: groups }))).toMatchObject({ admitted: false });
});

const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PEM = RSA.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

test("login.gov: the client signs an assertion; address and nonce are checked", async () => {
  const api = await fakes.start({
    "/userinfo": { json: { sub: "sub-ada", email: "ada@example.com", email_verified: true } },
  });
  const settings = {
    ...fixedAt(api.origin),
    profileUrl: `${api.origin}/userinfo`,
    loginGov: { jwtKey: PEM, jwtKeyFile: "", pubJwkUrl: `${api.origin}/jwks` },
    clientSecret: "",
  };
  const provider = await providerAt(api, { type: "login.gov", settings });
  const url = provider.loginUrl({ redirectUri: "r", state: "s", nonce: "n1", verifier: undefined }) ?? "";
  expect(new URL(url).searchParams.get("acr_values")).toBe("http://idmanagement.gov/ns/assurance/loa/1");
  expect(new URL(url).searchParams.get("nonce")).toBe("n1");
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await api.sign({ nonce: "n1" }) },
  });
  await expect(provider.redeem({ ...ANSWER, nonce: "n1" })).resolves.toMatchObject({
    identity: { email: "ada@example.com" },
  });
  const sent = api.calls.find(({ url: path }) => path === "/token")?.form ?? {};
  const claims = JSON.parse(
    Buffer.from(sent["client_assertion"]?.split(".")[1] ?? "", "base64url").toString(),
  );
  expect(claims).toMatchObject({ iss: "client", sub: "client", aud: `${api.origin}/token` });
  expect(sent["client_secret"]).toBeUndefined();
  await expect(provider.redeem({ ...ANSWER, nonce: "n2" })).rejects.toMatchObject({ reason: "nonce" });
  api.routes["/userinfo"] = { json: { email: "ada@example.com", email_verified: false } };
  await expect(provider.redeem({ ...ANSWER, nonce: "n1" })).rejects.toMatchObject({
    reason: "email-not-verified",
  });
  provider.close();
});
