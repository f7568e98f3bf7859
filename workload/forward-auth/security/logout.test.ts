/** S-22: a provider ends sessions, with tokens that are its own, fresh, and used once. */
import { afterEach, expect, test } from "vitest";
import { Backchannel } from "../login/backchannel.ts";
import { PROVIDER_DEFAULTS } from "../options/flat/provider.ts";
import { Providers } from "../provider/providers.ts";
import { GuardedStore } from "../session/guarded-store.ts";
import type { RecordKeeper } from "../session/keeper.ts";
import { MemoryKeeper } from "../session/memory-keeper.ts";
import { Revocations } from "../session/revocations.ts";
import type { Session } from "../session/session.ts";
import { type SessionStore, StoreUnavailableError } from "../session/store.ts";
import { type FakeApi, Fakes, providerAt } from "../testing/fake-api.ts";

const fakes = new Fakes();
const open: Providers[] = [];
afterEach(async () => {
  for (const providers of open.splice(0)) providers.close();
  await fakes.close();
});

const EVENT = { "http://schemas.openid.net/event/backchannel-logout": {} };

const session = (api: FakeApi, more: Partial<Session> = {}): Session => ({
  id: "i".repeat(22),
  issuer: api.origin,
  subject: "sub-ada",
  email: "",
  preferredUsername: "",
  groups: [],
  createdAt: 0,
  refreshedAt: 0,
  sid: "sid-1",
  ...more,
});

async function world(keeper?: RecordKeeper) {
  const api = await fakes.start();
  const clock = { now: Date.now() };
  const now = () => clock.now;
  const settings = {
    ...PROVIDER_DEFAULTS,
    id: "one",
    clientId: "client",
    clientSecret: "s",
    oidc: { ...PROVIDER_DEFAULTS.oidc, issuerUrl: api.origin },
  };
  const listener = { found() {}, failed() {}, warn() {} };
  const providers = new Providers({
    providers: [settings, { ...settings, id: "two", clientId: "second" }],
    listener,
    now,
  });
  open.push(providers);
  await providers.start();
  const revocations = new Revocations({ keeper, name: "_c", life: 3_600_000, issuer: api.origin, now });
  let forgotten = 0;
  const backchannel = new Backchannel({ providers, revocations, forget: () => forgotten++, now });
  let count = 0;
  const token = (claims: object = {}, header: object = { typ: "logout+jwt" }) =>
    api.sign({ email: undefined, events: EVENT, sid: "sid-1", jti: `j${count++}`, ...claims }, { ...header });
  return { api, clock, revocations, backchannel, token, forgotten: () => forgotten };
}

test("S-22 a session ends by the provider's session, or by its person; one that begins later is another", async () => {
  const { api, clock, revocations, backchannel, token, forgotten } = await world();
  const mine = session(api, { createdAt: clock.now - 1000 });
  expect(await revocations.has(mine)).toBe(false);
  expect(await backchannel.accept(await token())).toMatchObject({ sid: "sid-1" });
  expect([await revocations.has(mine), forgotten()]).toEqual([true, 1]);
  expect(await revocations.has(session(api, { sid: "sid-2" }))).toBe(false);
  expect(await revocations.has(session(api, { createdAt: clock.now + 1 }))).toBe(false);
  expect(await revocations.has(session(api, { issuer: "https://other.example" }))).toBe(false);
  await backchannel.accept(await token({ sid: undefined }));
  expect(await revocations.has(session(api, { sid: "sid-2" }))).toBe(true);
  expect(await revocations.has(session(api, { sid: "sid-2", subject: "sub-bob" }))).toBe(false);
  const { sid: _, ...foreign } = session(api, { issuer: "" });
  expect(await revocations.has(foreign)).toBe(true);
});

test("S-22 a token for the second client of an issuer counts too", async () => {
  const { backchannel, token } = await world();
  expect(await backchannel.accept(await token({ aud: "second" }))).toBeDefined();
  expect(await backchannel.accept(await token({ aud: "third" }))).toBeUndefined();
});

test("S-22 tokens that are none are refused and end nothing", async () => {
  const { api, revocations, backchannel, token, clock } = await world();
  const seconds = Math.floor(clock.now / 1000);
  const once = await token({ jti: "once", sid: "other" });
  expect(await backchannel.accept(once)).toBeDefined();
  const bad = [
    once,
    await token({ jti: "once" }),
    await token({ nonce: "n" }),
    await token({ events: undefined }),
    await token({ events: { other: {} } }),
    await token({ events: { [Object.keys(EVENT)[0] ?? ""]: true } }),
    await token({ events: [] }),
    await token({ sid: undefined, sub: undefined }),
    await token({ sid: 5, sub: undefined }),
    await token({ jti: undefined }),
    await token({ jti: "x".repeat(600) }),
    await token({ iat: undefined }),
    await token({ iat: seconds - 601 }),
    await token({ iat: seconds + 600 }),
    await token({ exp: seconds - 1 }),
    await token({ iss: "https://evil.example" }),
    await token({ aud: "other" }),
    await token({}, { typ: "at+jwt" }),
    await token({}, { alg: "RS256", kid: "unknown" }),
    `${(await token()).slice(0, -8)}AAAAAAAA`,
    await api.sign({ sid: "sid-1" }),
    "",
    "a.b.c",
  ];
  for (const [index, text] of bad.entries())
    expect(await backchannel.accept(text), String(index)).toBeUndefined();
  expect(await revocations.has(session(api))).toBe(false);
});

test("S-22 an ID token is no logout token, and a logout token no ID token or bearer token", async () => {
  const { api, token } = await world();
  const provider = await providerAt(api);
  expect(await provider.bearer(await token())).toBeUndefined();
  expect(await provider.logoutToken(await api.sign())).toBeUndefined();
  provider.close();
});

test("S-22 replicas that share a store know, within a second", async () => {
  const keeper = new MemoryKeeper(Date.now);
  const { api, clock, revocations, backchannel, token } = await world(keeper);
  const now = () => clock.now;
  const other = new Revocations({ keeper, name: "_c", life: 3_600_000, issuer: "", now });
  expect(await other.has(session(api))).toBe(false);
  await backchannel.accept(await token());
  expect([await revocations.has(session(api)), await other.has(session(api))]).toEqual([true, false]);
  clock.now += 1001;
  expect(await other.has(session(api))).toBe(true);
});

test("S-22 what a newer configuration takes over stays ended", async () => {
  const { api, revocations, backchannel, token, clock } = await world();
  await backchannel.accept(await token());
  const next = new Revocations({
    keeper: undefined,
    name: "_c",
    life: 1,
    issuer: "",
    before: revocations,
    now: () => clock.now,
  });
  expect(await next.has(session(api))).toBe(true);
});

test("S-22 the guarded store gives no ended session, ends it, and tells when nobody can say", async () => {
  const { api, revocations, backchannel, token } = await world();
  const entry = { session: session(api), headers: [], endsAt: 1 };
  const ended: unknown[] = [];
  const store = {
    load: () => entry,
    reload: () => entry,
    end: (gone: unknown) => void ended.push(gone),
  } as unknown as SessionStore;
  const guarded = new GuardedStore(store, revocations);
  expect(guarded.load("c")).toBe(entry);
  await backchannel.accept(await token());
  expect([guarded.load("c"), guarded.reload(entry), ended.length]).toEqual([undefined, undefined, 2]);
  const broken = { get: () => Promise.reject(new StoreUnavailableError("x")) } as unknown as RecordKeeper;
  const blind = new Revocations({ keeper: broken, name: "_c", life: 1, issuer: "", now: Date.now });
  await expect(new GuardedStore(store, blind).load("c")).rejects.toThrow(StoreUnavailableError);
});

test("signing out at the provider: its own place, revocation, and the configured address", async () => {
  const api = await fakes.start({ "/revoke": { status: 200 }, "/backend": { status: 204 } });
  const warnings: string[] = [];
  const settings = { backendLogoutUrl: `${api.origin}/backend?t={id_token}` };
  const provider = await providerAt(api, { revokes: true, settings, warnings });
  const place = provider.logoutUrl("id.to.ken", "https://app.example.com/bye?x=1");
  expect(place).toBe(
    `${api.origin}/end?client_id=client&id_token_hint=id.to.ken&post_logout_redirect_uri=https%3A%2F%2Fapp.example.com%2Fbye%3Fx%3D1`,
  );
  await provider.endSession(session(api, { idToken: "$&id", refreshToken: "r", accessToken: "a" }));
  const calls = api.calls.filter(({ url }) => !url.startsWith("/.well-known"));
  expect(calls.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
    "GET /backend?t=$&id",
    "POST /revoke",
  ]);
  expect(calls.find(({ url }) => url === "/revoke")?.form).toEqual({
    token: "r",
    token_type_hint: "refresh_token",
  });
  api.routes["/revoke"] = { status: 503 };
  api.routes["/backend?t="] = { close: true };
  await provider.endSession(session(api, { accessToken: "a" }));
  expect(warnings.sort()).toEqual([
    "sign-out not told to the provider: outage: UND_ERR_SOCKET",
    "sign-out not told to the provider: outage: revocation-status-503",
  ]);
  provider.close();
});
