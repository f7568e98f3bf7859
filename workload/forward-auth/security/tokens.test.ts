/** S-15: JSON Web Tokens that must not be believed, as bearer tokens and as ID tokens. */
import { constants, createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { CompactEncrypt, exportJWK, type JWK } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OAuthProvider } from "../provider/oauth-provider.ts";
import { discovery, type FakeApi, Fakes, providerAt } from "../testing/fake-api.ts";
import { tokenOf } from "../token/bearer.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const attacker = generateKeyPairSync("rsa", { modulusLength: 2048 });
const small = generateKeyPairSync("rsa", { modulusLength: 1024 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const otherCurve = generateKeyPairSync("ec", { namedCurve: "P-384" });
const ed = generateKeyPairSync("ed25519");

const fakes = new Fakes();
let api: FakeApi;
let provider: OAuthProvider;

const jwkOf = async (key: KeyObject, more: object): Promise<JWK> => ({ ...(await exportJWK(key)), ...more });

beforeAll(async () => {
  api = await fakes.start();
  const keys = [
    await jwkOf(rsa.publicKey, { kid: "k1", use: "sig" }),
    await jwkOf(small.publicKey, { kid: "small" }),
    await jwkOf(attacker.publicKey, { kid: "enc", use: "enc" }),
    await jwkOf(attacker.publicKey, { kid: "ops", key_ops: ["encrypt"] }),
    await jwkOf(ec.publicKey, { kid: "e1", alg: "ES256" }),
    await jwkOf(otherCurve.publicKey, { kid: "e2" }),
    await jwkOf(ed.publicKey, { kid: "ed" }),
    { kty: "oct", kid: "oct", k: Buffer.from("secret").toString("base64url"), alg: "HS256" },
  ];
  api.routes["/jwks"] = { json: { keys } };
  provider = await providerAt(api);
});
afterAll(async () => {
  provider.close();
  await fakes.close();
});

const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const at = () => Math.floor(Date.now() / 1000);
const good = () => ({
  iss: api.origin,
  aud: "client",
  sub: "ada",
  email: "a@b.c",
  iat: at(),
  exp: at() + 600,
});
const HEADER = { alg: "RS256", kid: "k1", typ: "JWT" };

/** A token from parts as they are, signed whatever they say. */
function raw(header: unknown, payload: unknown, key: KeyObject = rsa.privateKey, more: object = {}): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const hash = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  const signature = signBytes(hash, Buffer.from(input), { key, dsaEncoding: "ieee-p1363", ...more });
  return `${input}.${signature.toString("base64url")}`;
}

const hmac = (header: object, secret: string | Buffer) => {
  const input = `${encode(header)}.${encode(good())}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
};

async function accepts(token: string): Promise<boolean> {
  if (tokenOf(`Bearer ${token}`) === undefined) return false;
  return (await provider.bearer(token)) !== undefined;
}

test("a token that is right in everything is accepted, so that what follows is refused for its own fault", async () => {
  expect(await accepts(raw(HEADER, good()))).toBe(true);
  expect(await accepts(raw({ alg: "RS256", kid: "k1", typ: "at+jwt" }, good()))).toBe(true);
  expect(await accepts(raw({ alg: "RS256", kid: "k1" }, { ...good(), aud: ["x", "client"] }))).toBe(true);
  expect(await accepts(raw(HEADER, { ...good(), exp: at() + 600.5, nbf: at() + 60 }))).toBe(true);
});

test("S-15 algorithms: none in any spelling, keyed hashes with public keys, and algorithms that were not agreed on", async () => {
  const input = (alg: unknown) => `${encode({ ...HEADER, alg })}.${encode(good())}`;
  for (const alg of ["none", "None", "NONE", "nOnE", undefined, "", ["RS256"], "RSA1_5", "constructor"]) {
    expect(await accepts(`${input(alg)}.`)).toBe(false);
    expect(await accepts(`${input(alg)}.AAAA`)).toBe(false);
    expect(await accepts(raw({ ...HEADER, alg }, good()))).toBe(false);
  }
  const pem = rsa.publicKey.export({ type: "spki", format: "pem" });
  const der = rsa.publicKey.export({ type: "spki", format: "der" });
  const { n = "" } = await exportJWK(rsa.publicKey);
  for (const secret of [pem, der, n, Buffer.from(n, "base64url"), "secret", "client"]) {
    for (const kid of ["k1", "oct", undefined])
      expect(await accepts(hmac({ alg: "HS256", kid }, secret as string | Buffer))).toBe(false);
  }
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  expect(await accepts(raw({ ...HEADER, alg: "PS256" }, good(), rsa.privateKey, pss))).toBe(false);
  expect(await accepts(raw({ ...HEADER, alg: "RS384" }, good()))).toBe(false);
  expect(await accepts(raw({ alg: "ES256", kid: "e1" }, good(), ec.privateKey))).toBe(false);
  expect(await accepts(raw({ alg: "EdDSA", kid: "ed" }, good(), ed.privateKey))).toBe(false);
});

test("S-15 header: keys of the token's own, critical headers, and key identifiers that are none", async () => {
  const jwk = await exportJWK(attacker.publicKey);
  const x5c = [attacker.publicKey.export({ type: "spki", format: "der" }).toString("base64")];
  const forged = [
    { ...HEADER, jwk },
    { ...HEADER, jku: `${api.origin}/evil` },
    { ...HEADER, x5u: `${api.origin}/evil` },
    { ...HEADER, x5c },
    { alg: "RS256", jwk },
  ];
  for (const header of forged) expect(await accepts(raw(header, good(), attacker.privateKey))).toBe(false);
  expect(api.calls.some(({ url }) => url === "/evil")).toBe(false);
  for (const header of [
    { ...HEADER, crit: ["x"], x: 1 },
    { ...HEADER, crit: ["b64"], b64: false },
    { ...HEADER, b64: false },
    { ...HEADER, zip: "DEF" },
    { ...HEADER, kid: "../../dev/null" },
    { ...HEADER, kid: "k1' OR '1'='1" },
    { ...HEADER, kid: "k".repeat(10_000) },
    { ...HEADER, kid: 1 },
    { ...HEADER, kid: null },
    { alg: "RS256" },
    { ...HEADER, typ: 5 },
    { ...HEADER, typ: "logout+jwt" },
    { ...HEADER, typ: "dpop+jwt" },
    { ...HEADER, cty: "JWT", enc: "A256GCM" },
  ])
    expect(await accepts(raw(header, good()))).toBe(false);
});

test("S-15 structure (GHSA-pm7g-w2cf-q238): parts, spelling, keys that come twice, and what is no object", async () => {
  const token = raw(HEADER, good());
  const [header = "", payload = "", signature = ""] = token.split(".");
  const body = JSON.stringify(good());
  const twice = raw(HEADER, body.replace('"sub":"ada"', '"sub":"ada","sub":"root"'));
  const escaped = raw(HEADER, body.replace('"sub":"ada"', '"sub":"ada","\\u0073ub":"root"'));
  const nested = raw(HEADER, body.replace(/}$/, ',"x":{"a":1,"a":2}}'));
  const encrypted = await new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256GCM", cty: "JWT" })
    .encrypt(rsa.publicKey);
  const lastBits =
    signature.slice(0, -1) + String.fromCharCode(signature.charCodeAt(signature.length - 1) + 1);
  const bad = [
    ...[
      `${header}.${payload}`,
      `${token}.x`,
      `${token}.x.y`,
      `${header}.${payload}.`,
      `${token}.`,
      `.${token}`,
    ],
    ...[encrypted, twice, escaped, nested, lastBits === signature ? "" : `${header}.${payload}.${lastBits}`],
    ...[
      `${header}.${payload}.${signature}=`,
      `${header}=.${payload}.${signature}`,
      `${header}. ${payload}.${signature}`,
    ],
    token.replace(".", ".\n"),
    `${header}.${payload}.${signature.replace(/[-_]/, "+")}+/`,
    raw(`{"alg":"RS256","alg":"none","kid":"k1"}`, good()),
    raw(`\ufeff${JSON.stringify(HEADER)}`, good()),
    raw(HEADER, `\ufeff${body}`),
    ...[[good()], "text", 5, null, "", "{", `${body}x`].map((value) => raw(HEADER, value)),
    raw([HEADER], good()),
    raw(HEADER, { ...good(), filler: "x".repeat(70_000) }),
    raw(HEADER, `{"x":${"[".repeat(30_000)}${"]".repeat(30_000)}}`),
  ];
  for (const text of bad) expect(await accepts(text), text.slice(0, 60)).toBe(false);
});

test("S-15 signature: zeros, other encodings, other curves, small keys, keys for something else", async () => {
  const settings = {
    oidc: { issuerUrl: api.origin, enabledSigningAlgs: ["RS256", "ES256", "EdDSA"] } as never,
  };
  const document = {
    ...discovery(api.origin),
    id_token_signing_alg_values_supported: ["RS256", "ES256", "EdDSA"],
  };
  api.routes["/.well-known/openid-configuration"] = { json: document };
  const wide = await providerAt(api, { settings });
  api.routes["/.well-known/openid-configuration"] = { json: discovery(api.origin) };
  const takes = async (token: string) => (await wide.bearer(token)) !== undefined;
  expect(await takes(raw({ alg: "ES256", kid: "e1" }, good(), ec.privateKey))).toBe(true);
  expect(await takes(raw({ alg: "EdDSA", kid: "ed" }, good(), ed.privateKey))).toBe(true);
  const input = `${encode({ alg: "ES256", kid: "e1" })}.${encode(good())}`;
  for (const token of [
    `${input}.${Buffer.alloc(64).toString("base64url")}`,
    `${input}.${Buffer.alloc(63, 1).toString("base64url")}`,
    raw({ alg: "ES256", kid: "e1" }, good(), ec.privateKey, { dsaEncoding: "der" }),
    raw({ alg: "ES256", kid: "e2" }, good(), otherCurve.privateKey),
    raw({ alg: "RS256", kid: "small" }, good(), small.privateKey),
    raw({ alg: "RS256", kid: "enc" }, good(), attacker.privateKey),
    raw({ alg: "RS256", kid: "ops" }, good(), attacker.privateKey),
    raw({ alg: "RS256", kid: "e1" }, good(), ec.privateKey),
    raw(HEADER, good(), attacker.privateKey),
    hmac({ alg: "HS256", kid: "oct" }, "secret"),
  ])
    expect(await takes(token)).toBe(false);
  wide.close();
});

test("S-15 claims: issuer, audience, times, subject, address", async () => {
  const { origin } = api;
  const wrong: Record<string, unknown[]> = {
    iss: [`${origin}/`, origin.toUpperCase(), [origin], undefined, "", "https://evil.example"],
    aud: [
      undefined,
      "other",
      "",
      [],
      ["other"],
      ["client", 5],
      [["client"]],
      { client: 1 },
      5,
      null,
      "Client",
    ],
    exp: [undefined, at() - 1, at() - 30, String(at() + 600), -1, true, null, [at() + 600]],
    nbf: [at() + 360, "later", true],
    iat: [at() + 360, "now"],
    sub: [undefined, "", 5, "x".repeat(256), ["ada"], null],
  };
  for (const [name, values] of Object.entries(wrong))
    for (const value of values)
      expect(
        await accepts(raw(HEADER, { ...good(), [name]: value })),
        `${name} ${JSON.stringify(value)}`,
      ).toBe(false);
  const text = JSON.stringify(good());
  for (const exp of ["1e400", "-1e400", "99999999999999999999e999"])
    expect(await accepts(raw(HEADER, text.replace(/"exp":\d+/, `"exp":${exp}`)))).toBe(false);
  for (const email_verified of [false, "false", 0, "no", {}])
    expect(await accepts(raw(HEADER, { ...good(), email_verified }))).toBe(false);
  for (const email_verified of [true, "true", undefined])
    expect(await accepts(raw(HEADER, { ...good(), email_verified }))).toBe(true);
});

test("S-15 ID tokens: another party's token, an access token in its place, and a token of another provider", async () => {
  const redeem = async (claims: object, header: object = {}) => {
    api.routes["/token"] = {
      json: { access_token: "a", id_token: raw({ ...HEADER, ...header }, { ...good(), ...claims }) },
    };
    const answer = { code: "c", redirectUri: "r", verifier: undefined, nonce: undefined, iss: undefined };
    return provider.redeem(answer).then(
      () => "accepted",
      (error: { reason: string }) => error.reason,
    );
  };
  const complete = { groups: [], preferred_username: "ada", email_verified: true };
  expect(await redeem(complete)).toBe("accepted");
  expect(await redeem({ ...complete, aud: ["client", "x"], azp: "client" })).toBe("accepted");
  expect(await redeem({ ...complete, aud: ["client", "x"], azp: "x" })).toBe("id-token-audience");
  expect(await redeem({ ...complete, aud: ["client", "x"], azp: 5 })).toBe("id-token-audience");
  expect(await redeem(complete, { typ: "at+jwt" })).toBe("id-token-type");
  expect(await redeem(complete, { typ: "logout+jwt" })).toBe("id-token-type");
  expect(await redeem({ ...complete, iss: "https://other.example" })).toBe("id-token-issuer");
  expect(await redeem({ ...complete, exp: at() - 1 })).toBe("id-token-expired");
});

test("S-15 scheme: exactly one token after the word", () => {
  const token = raw(HEADER, good());
  for (const text of [
    "Bearer",
    "Bearer ",
    `Bearer  ${token}`,
    token,
    `Token ${token}`,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer\t${token}`,
    `Basic ${btoa(`${token}:pw`)}`,
    `Basic ${btoa(`x:${token}:y`)}`,
  ])
    expect(tokenOf(text)).toBeUndefined();
  for (const text of [
    `Bearer ${token}`,
    `bearer ${token}`,
    `Basic ${btoa(`${token}:`)}`,
    `Basic ${btoa(`${token}:x-oauth-basic`)}`,
    `Basic ${btoa(`:${token}`)}`,
  ])
    expect(tokenOf(text)).toBe(token);
});
