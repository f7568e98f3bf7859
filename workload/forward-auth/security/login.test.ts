/** S-13, S-14: nonce, PKCE, and which provider an answer is of. */
import { hash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import type { ProviderSettings } from "../options/structure.ts";
import type { Provider } from "../provider/provider.ts";
import { ANSWER, discovery, type FakeApi, Fakes, providerAt } from "../testing/fake-api.ts";

const fakes = new Fakes();
const open: Provider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) provider.close();
  await fakes.close();
});

async function provider(api: FakeApi, settings: Partial<ProviderSettings> = {}): Promise<Provider> {
  const made = await providerAt(api, { settings });
  open.push(made);
  return made;
}

const VERIFIER = "v".repeat(128);
const request = { redirectUri: "https://app/cb", state: "state", nonce: "nonce", verifier: VERIFIER };
const login = (one: Provider) => new URL(one.loginUrl(request) ?? "").searchParams;
const reason = (promise: Promise<unknown>) =>
  promise.then(
    () => "accepted",
    (error: { reason: string }) => error.reason,
  );

test("S-13 nonce and S256 are sent unless an option or the metadata says otherwise", async () => {
  const api = await fakes.start();
  const challenge = hash("sha256", VERIFIER, "base64url");
  const s256 = { nonce: "nonce", code_challenge: challenge, code_challenge_method: "S256" };
  expect(Object.fromEntries(login(await provider(api)))).toMatchObject(s256);
  const plain = login(await provider(api, { codeChallengeMethod: "plain" }));
  expect([plain.get("code_challenge"), plain.get("code_challenge_method")]).toEqual([VERIFIER, "plain"]);
  const oidc = { issuerUrl: api.origin, insecureSkipNonce: true } as ProviderSettings["oidc"];
  expect(login(await provider(api, { oidc })).has("nonce")).toBe(false);
  const { code_challenge_methods_supported: _, ...silent } = discovery(api.origin);
  api.routes["/.well-known/openid-configuration"] = { json: silent };
  expect(Object.fromEntries(login(await provider(api)))).toMatchObject(s256);
  const without = { ...silent, code_challenge_methods_supported: ["plain"] };
  api.routes["/.well-known/openid-configuration"] = { json: without };
  expect(login(await provider(api)).has("code_challenge")).toBe(false);
  expect(login(await provider(api, { codeChallengeMethod: "S256" })).get("code_challenge")).toBe(challenge);
  const odd = await provider(api, { codeChallengeMethod: "S512" });
  expect(() => odd.loginUrl(request)).toThrow("challenge-method");
});

test("S-13 an ID token without nonce, with another one, or with a list is refused before anybody is asked anything", async () => {
  const api = await fakes.start();
  const one = await provider(api);
  for (const nonce of [undefined, "other", ["nonce"], 5]) {
    api.routes["/token"] = async () => ({
      json: { access_token: "a", id_token: await api.sign({ nonce, groups: undefined }) },
    });
    expect(await reason(one.redeem({ ...ANSWER, nonce: "nonce" }))).toBe("nonce");
  }
  expect(api.calls.some(({ url }) => url === "/userinfo")).toBe(false);
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await api.sign({ nonce: "nonce" }) },
  });
  expect(await reason(one.redeem({ ...ANSWER, nonce: "nonce" }))).toBe("accepted");
});

test("S-13 the verifier goes with the code, so that a code of another browser is worth nothing", async () => {
  const api = await fakes.start();
  const one = await provider(api);
  const challenge = login(one).get("code_challenge");
  api.routes["/token"] = async ({ form }) =>
    hash("sha256", form["code_verifier"] ?? "", "base64url") === challenge
      ? { json: { access_token: "a", id_token: await api.sign() } }
      : { status: 400, json: { error: "invalid_grant" } };
  expect(await reason(one.redeem({ ...ANSWER, verifier: VERIFIER }))).toBe("accepted");
  expect(await reason(one.redeem({ ...ANSWER, verifier: "w".repeat(128) }))).toBe("invalid_grant");
  expect(await reason(one.redeem({ ...ANSWER, verifier: undefined }))).toBe("invalid_grant");
});

test("S-14 the answer names the issuer where it announces to, and never another one", async () => {
  const api = await fakes.start();
  const one = await provider(api);
  expect(await reason(one.redeem(ANSWER))).toBe("accepted");
  expect(await reason(one.redeem({ ...ANSWER, iss: api.origin }))).toBe("accepted");
  for (const iss of ["https://evil.example", `${api.origin}/`, ""])
    expect(await reason(one.redeem({ ...ANSWER, iss }))).toBe("other-issuer");
  const announced = { ...discovery(api.origin), authorization_response_iss_parameter_supported: true };
  api.routes["/.well-known/openid-configuration"] = { json: announced };
  const two = await provider(api);
  expect(await reason(two.redeem(ANSWER))).toBe("other-issuer");
  expect(await reason(two.redeem({ ...ANSWER, iss: api.origin }))).toBe("accepted");
  expect(api.calls.filter(({ url }) => url === "/token")).toHaveLength(3);
});

test("S-14 a code of one provider is redeemed at the other only with that one's tokens", async () => {
  const [api, evil] = [await fakes.start(), await fakes.start()];
  const honest = await provider(api);
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await evil.sign({ iss: evil.origin }) },
  });
  expect(await reason(honest.redeem(ANSWER))).toBe("id-token-issuer");
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await api.sign({ aud: "other-client" }) },
  });
  expect(await reason(honest.redeem(ANSWER))).toBe("id-token-audience");
});

test("parameters that a user may choose reach the provider, others do not", async () => {
  const api = await fakes.start();
  const one = await provider(api, {
    loginUrlParameters: [
      { name: "prompt", default: ["login"], allow: [] },
      { name: "login_hint", default: [], allow: [{ pattern: "@example\\.com$" }] },
      { name: "acr_values", default: ["1"], allow: [{ value: "2" }] },
      { name: "ui_locales", default: [], allow: [{ value: "de" }, { value: "fr" }] },
    ],
  });
  const chosen = (wanted: string, required = {}) => {
    const url = one.loginUrl({ ...request, wanted: new URLSearchParams(wanted), required });
    const found = new URL(url ?? "").searchParams;
    return ["prompt", "login_hint", "acr_values", "ui_locales", "max_age"].map((name) =>
      found.getAll(name).join(),
    );
  };
  expect(chosen("")).toEqual(["login", "", "1", "", ""]);
  expect(chosen("login_hint=a@example.com&prompt=none")).toEqual(["login", "a@example.com", "1", "", ""]);
  expect(chosen("login_hint=a@evil.test&client_id=x&state=y")).toEqual(["login", "", "1", "", ""]);
  expect(chosen("acr_values=2&ui_locales=de&ui_locales=xx&ui_locales=fr")).toEqual([
    "login",
    "",
    "2",
    "de,fr",
    "",
  ]);
  expect(chosen("acr_values=22")).toEqual(["login", "", "1", "", ""]);
  expect(chosen("acr_values=2", { acr_values: "high", max_age: "0" })).toEqual([
    "login",
    "",
    "high",
    "",
    "0",
  ]);
});
