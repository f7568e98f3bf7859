/** S-16: keys come and go, and nobody can make us ask for them more often than now and then. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, SignJWT } from "jose";
import { afterEach, expect, test } from "vitest";
import { FileKeys, RemoteKeys, readKeySet } from "../provider/keys.ts";
import { Outgoing } from "../provider/outgoing.ts";
import { type FakeApi, Fakes, providerAt } from "../testing/fake-api.ts";

const fakes = new Fakes();
afterEach(() => fakes.close());

const PLAIN = { caFiles: [], useSystemTrustStore: false, certificateFile: "", keyFile: "", insecure: true };
const fetches = (api: FakeApi) => api.calls.filter(({ url }) => url === "/jwks").length;

async function remote() {
  const api = await fakes.start();
  const clock = { now: 1_700_000_000_000 };
  const outgoing = new Outgoing(PLAIN);
  const keys = new RemoteKeys({ url: () => `${api.origin}/jwks`, outgoing, now: () => clock.now });
  const find = (keyId: string | undefined) => keys.find({ algorithm: "RS256", keyId });
  return { api, clock, find, keys };
}

const second = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk2 = { ...(await exportJWK(second.publicKey)), kid: "k2", use: "sig" };

test("S-16 a new key identifier causes one request, for all who wait", async () => {
  const { api, clock, find } = await remote();
  expect(await find("k1")).toHaveLength(1);
  api.routes["/jwks"] = { json: { keys: [api.jwk, jwk2] } };
  clock.now += 30_000;
  const found = await Promise.all(Array.from({ length: 50 }, () => find("k2")));
  expect(found.every((keys) => keys.length === 1)).toBe(true);
  expect(fetches(api)).toBe(2);
});

test("S-16 10 000 tokens with made-up identifiers cause one request in 30 seconds", async () => {
  const { api, clock, find } = await remote();
  await find("k1");
  for (let count = 0; count < 10_000; count++) {
    clock.now += 2;
    expect(await find(`made-up-${count}`)).toEqual([]);
  }
  expect(fetches(api)).toBe(1);
  clock.now += 10_000;
  expect(await find("made-up")).toEqual([]);
  expect(fetches(api)).toBe(2);
});

test.each([
  ["status 500", { status: 500, json: {} }],
  ["HTML", { text: "<html>" }],
  ["no keys", { json: { issuer: "x" } }],
  ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:9/jwks" } }],
  ["1 MiB and more", { text: `{"keys":[${'{"kty":"RSA"},'.repeat(100_000)}{}]}` }],
  ["a closed connection", { close: true }],
] as const)("S-16 the last good keys stay when the provider answers with %s, for a day", async (_, route) => {
  const { api, clock, find } = await remote();
  await find("k1");
  api.routes["/jwks"] = route;
  clock.now += 3_600_000;
  expect(await find("k1")).toHaveLength(1);
  expect(await find("k2")).toEqual([]);
  clock.now += 24 * 3_600_000;
  await expect(find("k1")).rejects.toMatchObject({ code: "ERR_PROVIDER", fault: "outage" });
});

test("S-16 a key that was taken away is refused after the next request for keys", async () => {
  const { api, clock, find } = await remote();
  expect(await find("k1")).toHaveLength(1);
  api.routes["/jwks"] = { json: { keys: [jwk2] } };
  expect(await find("k1")).toHaveLength(1);
  clock.now += 10 * 60_000 + 1;
  expect(await find("k1")).toEqual([]);
});

test("S-16 two keys that could be meant are none", async () => {
  const { api, find } = await remote();
  const { kid: _, ...one } = api.jwk;
  const { kid: __, ...two } = jwk2;
  api.routes["/jwks"] = { json: { keys: [one, two] } };
  expect(await find(undefined)).toEqual([]);
});

test("S-16 no keys at all is an outage, not a refusal, and ends as soon as they are there", async () => {
  const { api, clock, find } = await remote();
  const keys = api.routes["/jwks"] ?? {};
  api.routes["/jwks"] = { status: 503, json: {} };
  await expect(find("k1")).rejects.toMatchObject({ fault: "outage" });
  api.routes["/jwks"] = keys;
  clock.now += 1000;
  expect(await find("k1")).toHaveLength(1);
});

test("only public signing keys are taken from a set", () => {
  const { kid, ...key } = jwk2;
  const keys = [
    jwk2,
    { ...key, use: "enc" },
    { ...key, key_ops: ["sign"] },
    { kty: "oct", k: "AA" },
    {},
    5,
    null,
    [jwk2],
  ];
  expect(readKeySet(JSON.stringify({ keys }))).toMatchObject([{ kid }]);
  for (const text of ["", "[]", '{"keys":{}}', "{", '{"keys":null}'])
    expect(readKeySet(text)).toBeUndefined();
});

test("keys from files verify without discovery, each of its own kind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "keys-"));
  const file = join(folder, "key.pem");
  writeFileSync(file, second.publicKey.export({ type: "spki", format: "pem" }));
  expect(await new FileKeys([file]).find({ algorithm: "ES256", keyId: undefined })).toEqual([]);
  const api = await fakes.start();
  const oidc = { issuerUrl: api.origin, skipDiscovery: true, publicKeyFiles: [file] } as never;
  const urls = { loginUrl: `${api.origin}/authorize`, redeemUrl: `${api.origin}/token` };
  const provider = await providerAt(api, { settings: { ...urls, oidc } });
  const exp = Math.floor(Date.now() / 1000) + 60;
  const token = (key: typeof second.privateKey) =>
    new SignJWT({ iss: api.origin, aud: "client", sub: "ada", exp })
      .setProtectedHeader({ alg: "RS256" })
      .sign(key);
  expect(await provider.bearer(await token(second.privateKey))).toMatchObject({
    identity: { subject: "ada" },
  });
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
  expect(await provider.bearer(await token(other.privateKey))).toBeUndefined();
  expect(api.calls).toEqual([]);
  provider.close();
  rmSync(folder, { recursive: true });
});
