/** S-19: new tokens and userinfo are of the same person, or nobody's. */
import { afterEach, expect, test } from "vitest";
import type { Provider } from "../provider/provider.ts";
import type { Session } from "../session/session.ts";
import { ANSWER, type FakeApi, Fakes, providerAt } from "../testing/fake-api.ts";

const fakes = new Fakes();
const open: Provider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) provider.close();
  await fakes.close();
});

async function world(type: "oidc" | "gitlab" = "oidc") {
  const api = await fakes.start();
  const provider = await providerAt(api, { type });
  open.push(provider);
  return { api, provider };
}

const session = (api: FakeApi, more: Partial<Session> = {}): Session => ({
  id: "i".repeat(22),
  issuer: api.origin,
  subject: "sub-ada",
  email: "ada@example.com",
  preferredUsername: "ada",
  groups: ["ops"],
  createdAt: 0,
  refreshedAt: 0,
  refreshToken: "old-refresh",
  ...more,
});

const tokens = (api: FakeApi, claims: object) => {
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await api.sign({ ...claims }) },
  });
};

const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => "accepted",
    (error: { fault: string; reason: string; final: boolean }) =>
      `${error.fault} ${error.reason} ${error.final}`,
  );

test("S-19 a refreshed ID token of another subject ends the session, of another issuer or client is no good", async () => {
  const { api, provider } = await world();
  tokens(api, { email: "new@example.com" });
  expect(await provider.refresh(session(api))).toMatchObject({ identity: { email: "new@example.com" } });
  tokens(api, { sub: "sub-bob", email: "ada@example.com" });
  expect(await outcome(provider.refresh(session(api)))).toBe("other-user other-subject true");
  tokens(api, { iss: "https://other.example" });
  expect(await outcome(provider.refresh(session(api)))).toBe("unusable id-token-issuer false");
  tokens(api, { aud: "other" });
  expect(await outcome(provider.refresh(session(api)))).toBe("unusable id-token-audience false");
  tokens(api, {});
  const foreign = session(api, { issuer: "https://before.example" });
  expect(await outcome(provider.refresh(foreign))).toBe("other-user other-issuer true");
  expect(await outcome(provider.refresh(session(api, { issuer: "" })))).toBe("accepted");
});

test("S-19 the subject of the old ID token counts before the session's name", async () => {
  const { api, provider } = await world();
  tokens(api, { sub: "sub-ada" });
  const named = session(api, { subject: "nickname", idToken: await api.sign({ sub: "sub-ada", exp: 1 }) });
  expect(await outcome(provider.refresh(named))).toBe("accepted");
  const other = session(api, { idToken: await api.sign({ sub: "sub-bob", exp: 1 }) });
  expect(await outcome(provider.refresh(other))).toBe("other-user other-subject true");
});

test("S-19 userinfo of another subject is refused, at a sign-in and at a refresh", async () => {
  const { api, provider } = await world();
  tokens(api, { email: undefined });
  api.routes["/userinfo"] = { json: { sub: "sub-bob", email: "ada@example.com" } };
  expect(await outcome(provider.redeem(ANSWER))).toBe("other-user userinfo-subject true");
  expect(await outcome(provider.refresh(session(api)))).toBe("other-user userinfo-subject true");
  api.routes["/userinfo"] = { json: { sub: "sub-ada", email: "ada@example.com" } };
  expect(await outcome(provider.redeem(ANSWER))).toBe("accepted");
});

test("S-19 an address that is not verified any more ends the session", async () => {
  const { api, provider } = await world();
  tokens(api, { email_verified: false });
  expect(await outcome(provider.refresh(session(api)))).toBe("person email-not-verified true");
});

test("S-19 GitLab's nickname stays the person's, with and without the old ID token", async () => {
  const { api, provider } = await world("gitlab");
  tokens(api, {});
  const info = {
    sub: "sub-ada",
    nickname: "ada.l",
    email: "ada@example.com",
    email_verified: true,
    groups: [],
  };
  api.routes["/oauth/userinfo"] = { json: info };
  expect(await outcome(provider.refresh(session(api, { subject: "ada.l" })))).toBe("accepted");
  expect(await outcome(provider.refresh(session(api, { subject: "bob" })))).toBe(
    "other-user other-subject true",
  );
});

test("a refresh without ID token keeps the person, one without refresh token keeps the token", async () => {
  const { api, provider } = await world();
  api.routes["/token"] = { json: { access_token: "new" } };
  const refreshed = await provider.refresh(session(api, { idToken: "old-id" }));
  expect(refreshed).toMatchObject({
    identity: undefined,
    tokens: { accessToken: "new", idToken: "old-id", refreshToken: "old-refresh" },
  });
  expect(await provider.refresh(session(api, { refreshToken: "" }))).toBeUndefined();
});

test("what the provider says decides whether a session has ended", async () => {
  const { api, provider } = await world();
  for (const [route, expected] of [
    [{ status: 400, json: { error: "invalid_grant" } }, "refused invalid_grant true"],
    [{ status: 401, json: { error: "invalid_client" } }, "refused invalid_client true"],
    [{ status: 400, json: { error: "temporarily_unavailable" } }, "refused temporarily_unavailable false"],
    [{ status: 400, json: {} }, "refused status-400 false"],
    [{ status: 400, json: { error: '<script>"' } }, "refused status-400 false"],
    [{ status: 500, json: { error: "invalid_grant" } }, "outage status-500 false"],
    [{ status: 429, json: {} }, "outage status-429 false"],
    [{ status: 503, text: "<html>" }, "outage status-503 false"],
    [{ json: {} }, "unusable no-access-token false"],
    [{ text: "" }, "unusable no-access-token false"],
    [{ close: true }, "outage UND_ERR_SOCKET false"],
  ] as const) {
    api.routes["/token"] = route;
    expect(await outcome(provider.refresh(session(api)))).toBe(expected);
  }
  expect(api.calls.filter(({ url }) => url === "/token")).toHaveLength(11);
});
