import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, jwtVerify } from "jose";
import { afterAll, afterEach, expect, test } from "vitest";
import type { ProviderSettings } from "../options/structure.ts";
import { makeCertificate } from "../testing/certificate.ts";
import { ANSWER, discovery, type FakeApi, Fakes, providerAt, type Route } from "../testing/fake-api.ts";
import { Outgoing } from "./outgoing.ts";

const fakes = new Fakes();
const folder = mkdtempSync(join(tmpdir(), "client-"));
afterEach(() => fakes.close());
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** Redeems a code and tells the calls to the token endpoint. */
async function redeem(settings: Partial<ProviderSettings>, prepare: (api: FakeApi) => void = () => {}) {
  const api = await fakes.start();
  prepare(api);
  const provider = await providerAt(api, { settings });
  const result = await provider.redeem(ANSWER).then(
    () => "accepted",
    (error: { reason: string }) => error.reason,
  );
  provider.close();
  return { api, result, calls: api.calls.filter(({ url }) => url === "/token") };
}

const auth = (more: Partial<ProviderSettings["clientAuthentication"]>) => ({
  clientAuthentication: { method: "", keyFile: "", certificateFile: "", tokenFile: "", ...more } as const,
});
const BASIC = `Basic ${btoa("client:secret")}`;

test.each<[string, readonly string[] | undefined, string, string | undefined]>([
  ["Basic where the provider takes it", ["client_secret_post", "client_secret_basic"], BASIC, undefined],
  ["in the body where it takes only that", ["client_secret_post", "none"], "", "secret"],
  ["Basic where it does not say", undefined, BASIC, undefined],
  ["Basic where it says something else", ["tls_client_auth"], BASIC, undefined],
])("the secret is shown by %s", async (_, methods, authorization, secret) => {
  const { calls, result } = await redeem({}, (api) => {
    const json = { ...discovery(api.origin), token_endpoint_auth_methods_supported: methods };
    api.routes["/.well-known/openid-configuration"] = { json };
  });
  expect(result).toBe("accepted");
  expect(calls.map((call) => [call.authorization, call.form["client_secret"]])).toEqual([
    [authorization, secret],
  ]);
});

test("the configured way counts before what the provider says", async () => {
  const { calls } = await redeem(auth({ method: "client_secret_post" }));
  expect(calls.map(({ authorization, form }) => [authorization, form["client_secret"]])).toEqual([
    ["", "secret"],
  ]);
});

/** A provider that says nothing and takes secrets in the body only. */
function bodyOnly(api: FakeApi, methods?: string[]): void {
  const json = { ...discovery(api.origin), token_endpoint_auth_methods_supported: methods };
  api.routes["/.well-known/openid-configuration"] = { json };
  const takes: Route = async ({ form }) =>
    form["client_secret"] === "secret"
      ? { json: { access_token: "a", id_token: await api.sign() } }
      : { status: 401, json: { error: "invalid_client" } };
  api.routes["/token"] = takes;
}

test("where nobody says how, a refused client tries the body, once, and remembers", async () => {
  const api = await fakes.start();
  bodyOnly(api);
  const provider = await providerAt(api);
  const ways = () =>
    api.calls.filter(({ url }) => url === "/token").map(({ authorization }) => authorization !== "");
  await provider.redeem(ANSWER);
  expect(ways()).toEqual([true, false]);
  await provider.redeem(ANSWER);
  expect(ways()).toEqual([true, false, false]);
  provider.close();
  const told = await redeem({}, (other) => bodyOnly(other, ["client_secret_basic"]));
  expect([told.result, told.calls.length]).toEqual(["invalid_client", 1]);
});

test("the id and the secret are encoded as Go does it", async () => {
  const { calls } = await redeem({ clientId: "a-b_c.d~1", clientSecret: "s: %*'(é)/+=" });
  const [, value = ""] = calls[0]?.authorization.split(" ") ?? [];
  const expected = "a-b_c.d~1:s%3A+%25%2A%27%28%C3%A9%29%2F%2B%3D";
  expect(Buffer.from(value, "base64").toString()).toBe(expected);
});

test.each([500, 400, 429])("status %i is no reason to present a code twice", async (status) => {
  const { calls } = await redeem({}, (api) => {
    bodyOnly(api);
    api.routes["/token"] = { status, json: { error: status === 400 ? "invalid_grant" : "server_error" } };
  });
  expect(calls).toHaveLength(1);
});

test("a refresh token is presented once, however the client is received", async () => {
  const api = await fakes.start();
  bodyOnly(api);
  const provider = await providerAt(api);
  const session = {
    id: "i",
    issuer: "",
    subject: "sub-ada",
    email: "",
    preferredUsername: "",
    groups: [],
    createdAt: 0,
    refreshedAt: 0,
    refreshToken: "r1",
  };
  await expect(provider.refresh(session)).rejects.toMatchObject({ fault: "outage", final: false });
  expect(api.calls.filter(({ form }) => form["refresh_token"] === "r1")).toHaveLength(1);
  await expect(provider.refresh({ ...session, refreshToken: "r2" })).resolves.toMatchObject({
    identity: { subject: "sub-ada" },
  });
  provider.close();
});

test("a secret in a file is the file's of the moment, without its line break", async () => {
  const clientSecretFile = file("secret", "one\n");
  const api = await fakes.start();
  const provider = await providerAt(api, { settings: { clientSecret: "", clientSecretFile } });
  const shown = () => api.calls.findLast(({ url }) => url === "/token")?.authorization;
  await provider.redeem(ANSWER);
  expect(shown()).toBe(`Basic ${btoa("client:one")}`);
  file("secret", "two");
  await provider.redeem(ANSWER);
  expect(shown()).toBe(`Basic ${btoa("client:two")}`);
  rmSync(clientSecretFile);
  await expect(provider.redeem(ANSWER)).rejects.toMatchObject({
    fault: "outage",
    reason: "secret-file-ENOENT",
  });
  provider.close();
});

const pem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");

test.each([
  ["RSA, PEM", pem(rsa.privateKey), rsa.publicKey, "RS256", undefined],
  ["P-256, PEM", pem(ec.privateKey), ec.publicKey, "ES256", undefined],
  ["Ed25519, PEM", pem(ed.privateKey), ed.publicKey, "EdDSA", undefined],
  [
    "RSA, JWK",
    JSON.stringify({ ...(await exportJWK(rsa.privateKey)), kid: "mine", alg: "PS256" }),
    rsa.publicKey,
    "PS256",
    "mine",
  ],
])("private_key_jwt: %s", async (_, text, publicKey, alg, kid) => {
  const { api, calls, result } = await redeem(
    auth({ method: "private_key_jwt", keyFile: file("key", text) }),
  );
  expect(result).toBe("accepted");
  const { client_assertion = "", ...form } = calls[0]?.form ?? {};
  const audience = `${api.origin}/token`;
  const { payload, protectedHeader } = await jwtVerify(client_assertion, publicKey, {
    audience,
    issuer: "client",
    subject: "client",
  });
  expect(protectedHeader).toEqual({ alg, ...(kid === undefined ? {} : { kid }) });
  expect([(payload.exp ?? 0) - (payload.iat ?? 0), typeof payload.jti]).toEqual([60, "string"]);
  expect(form["client_assertion_type"]).toBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  expect([form["client_secret"], calls[0]?.authorization]).toEqual([undefined, ""]);
});

test.each([
  ["none", ""],
  ["a public key", rsa.publicKey.export({ type: "spki", format: "pem" }).toString()],
  ["broken JSON", "{"],
  ["a secret", '{"kty":"oct","k":"AA"}'],
])("private_key_jwt: a key that is %s is a fault without a word of it", async (_, text) => {
  const { result, calls } = await redeem(auth({ method: "private_key_jwt", keyFile: file("key", text) }));
  expect([result, calls]).toEqual(["signing-key", []]);
});

test("token_file: the token of the moment is the assertion", async () => {
  const tokenFile = file("token", "projected-1\n");
  const { calls } = await redeem(auth({ method: "token_file", tokenFile }));
  expect(calls[0]?.form).toMatchObject({ client_id: "client", client_assertion: "projected-1" });
});

test("tls_client_auth: the client's certificate is shown, and the new one after a change", async () => {
  const server = await makeCertificate(folder, "server");
  const one = await makeCertificate(folder, "one");
  const two = await makeCertificate(folder, "two");
  const seen: unknown[] = [];
  const listener = createServer(
    { key: server.key, cert: server.cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { subject } = (request.socket as import("node:tls").TLSSocket).getPeerCertificate();
      seen.push(subject?.CN);
      response.setHeader("connection", "close").end("{}");
    },
  );
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(listener.address() as AddressInfo).port}/token`;
  const [keyFile, certificateFile] = [file("client.key", one.key), file("client.crt", one.cert)];
  const options = { useSystemTrustStore: false, insecure: false, keyFile, certificateFile };
  const outgoing = new Outgoing({ ...options, caFiles: [server.certFile] });
  expect((await outgoing.ask(url)).status).toBe(200);
  file("client.key", two.key);
  file("client.crt", two.cert);
  const shown = async () => {
    await outgoing.ask(url);
    return seen.at(-1);
  };
  await expect.poll(shown, { interval: 200 }).toBe("two");
  expect(seen[0]).toBe("one");
  const untrusting = new Outgoing({ ...options, caFiles: [one.certFile] });
  await expect(untrusting.ask(url)).rejects.toMatchObject({
    fault: "outage",
    reason: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/),
  });
  outgoing.close();
  untrusting.close();
  listener.close();
  listener.closeAllConnections();
});
