/** S-26: where requests to providers go, and how much of an answer is taken. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { readMetadata } from "../provider/metadata.ts";
import { isForbiddenAddress, Outgoing } from "../provider/outgoing.ts";
import { ANSWER, discovery, Fakes, providerAt } from "../testing/fake-api.ts";

const fakes = new Fakes();
afterEach(() => fakes.close());

const OPTIONS = { caFiles: [], useSystemTrustStore: false, certificateFile: "", keyFile: "" };
const strict = new Outgoing({ ...OPTIONS, insecure: false });
const relaxed = new Outgoing({ ...OPTIONS, insecure: true });

test("S-26 https only unless the configuration says http, no other schemes, no user names, no link-local addresses", () => {
  for (const url of ["https://idp.example/jwks", "https://10.0.0.1/x", "https://[::1]/x"])
    expect(strict.allows(url)).toBe(true);
  expect([strict.allows("http://idp.example"), relaxed.allows("http://idp.example")]).toEqual([false, true]);
  for (const url of [
    "http://169.254.169.254/latest/meta-data",
    "https://169.254.169.254/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://0.0.0.0/",
    "http://[::]/",
    "file:///etc/passwd",
    "ftp://idp.example",
    "data:application/json,{}",
    "javascript:1",
    "unix:/run/x.sock",
    "//idp.example",
    "https://user:pw@idp.example/",
    "https://user@idp.example/",
    "",
    "https://",
  ])
    expect(relaxed.allows(url), url).toBe(false);
});

test("S-26 addresses that names lead to are looked at too", () => {
  for (const address of [
    "169.254.1.1",
    "fe80::1%eth0".split("%")[0] ?? "",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
  ])
    expect(isForbiddenAddress(address), address).toBe(true);
  for (const address of ["127.0.0.1", "10.1.2.3", "::1", "2001:db8::1", "name"])
    expect(isForbiddenAddress(address)).toBe(false);
});

test("S-26 a discovery document of another issuer, or with endpoints elsewhere, is none", () => {
  const issuer = "https://idp.example";
  const rules = { issuer, skipIssuer: false, allows: (url: string) => strict.allows(url) };
  const read = (more: object, other = {}) =>
    readMetadata(JSON.stringify({ ...discovery(issuer), ...more }), { ...rules, ...other });
  expect(read({})).toMatchObject({ tokenEndpoint: "https://idp.example/token" });
  expect(read({ issuer: "https://evil.example" })).toBe("other-issuer");
  expect(read({ issuer: "https://idp.example/" })).toBe("other-issuer");
  expect(read({ issuer: ["https://idp.example"] })).toBe("other-issuer");
  expect(read({ jwks_uri: "http://169.254.169.254/" })).toBe("forbidden-jwks-uri");
  expect(read({ jwks_uri: "file:///etc/passwd" })).toBe("forbidden-jwks-uri");
  expect(read({ userinfo_endpoint: "http://idp.example/userinfo" })).toBe("forbidden-userinfo-endpoint");
  expect(read({ end_session_endpoint: "javascript:alert(1)" })).toBe("forbidden-end-session-endpoint");
  expect(read({ authorization_endpoint: "https://login.idp.example/" })).toMatchObject({ issuer });
  expect(read({ authorization_endpoint: "https://login.idp.example/" }, { hosts: [] })).toBe(
    "forbidden-authorization-endpoint",
  );
  expect(
    read({ authorization_endpoint: "https://login.idp.example/" }, { hosts: ["login.idp.example"] }),
  ).toMatchObject({ issuer });
  expect(readMetadata("[]", rules)).toBe("not-json");
});

test("S-26 redirects are not followed", async () => {
  const [api, elsewhere] = [await fakes.start(), await fakes.start()];
  for (const status of [301, 302, 303, 307, 308]) {
    api.routes["/moved"] = { status, headers: { location: `${elsewhere.origin}/jwks` } };
    expect((await relaxed.ask(`${api.origin}/moved`)).status).toBe(status);
  }
  expect(elsewhere.calls).toEqual([]);
});

test("S-26 an answer without end and a small one that would become large are cut off", async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const server = createServer((request, response) => {
    if (request.url === "/bomb") {
      response.writeHead(200, { "content-encoding": "gzip", "content-type": "application/json" });
      response.end(bomb);
      return;
    }
    const write = () => {
      if (response.write("x".repeat(65_536))) setImmediate(write);
      else response.once("drain", write);
    };
    response.on("close", () => response.removeAllListeners("drain"));
    write();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(relaxed.ask(`${origin}/endless`)).rejects.toMatchObject({
    fault: "outage",
    reason: "answer-too-large",
  });
  const small = await relaxed.ask(`${origin}/bomb`);
  expect(small.text.length).toBeLessThan(bomb.length + 1);
  server.close();
  server.closeAllConnections();
});

test("S-26 an answer that does not come is an outage", async () => {
  const api = await fakes.start({ "/hang": { hang: true } });
  const hasty = new Outgoing({ ...OPTIONS, insecure: true, timeout: 50 });
  await expect(hasty.ask(`${api.origin}/hang`)).rejects.toMatchObject({ fault: "outage" });
  hasty.close();
});

test("S-26 userinfo as a token must be signed by the provider, for us", async () => {
  const api = await fakes.start();
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await api.sign({ email: undefined }) },
  });
  const provider = await providerAt(api);
  const email = (text: string) => {
    api.routes["/userinfo"] = { text, headers: { "content-type": "application/jwt; charset=utf-8" } };
    return provider.redeem(ANSWER).then(
      ({ identity }) => identity.email,
      (error: { reason: string }) => error.reason,
    );
  };
  const claims = { email: "info@example.com", exp: undefined };
  expect(await email(await api.sign(claims))).toBe("info@example.com");
  const [head, body] = (await api.sign(claims)).split(".");
  expect(await email(`${head}.${body}.AAAA`)).toBe("userinfo");
  expect(await email(`${btoa('{"alg":"none"}').replaceAll("=", "")}.${body}.`)).toBe("userinfo");
  expect(await email(await api.sign({ ...claims, aud: "other" }))).toBe("userinfo");
  expect(await email(await api.sign({ ...claims, sub: "sub-bob" }))).toBe("userinfo-subject");
  provider.close();
});

test("S-26 claims that point elsewhere are not followed", async () => {
  const [api, elsewhere] = [await fakes.start(), await fakes.start()];
  const sources = {
    _claim_names: { groups: "s" },
    _claim_sources: { s: { endpoint: `${elsewhere.origin}/groups` } },
  };
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await api.sign({ ...sources, groups: undefined }) },
  });
  api.routes["/userinfo"] = { json: { sub: "sub-ada" } };
  const provider = await providerAt(api);
  expect((await provider.redeem(ANSWER)).identity.groups).toEqual([]);
  expect(elsewhere.calls).toEqual([]);
  provider.close();
});

test("S-26 a provider's CAs, and verification that is left out, count for that provider only", async () => {
  const [key = "", cert = ""] = ["issuer-key.pem", "issuer.pem"].map((name) =>
    readFileSync(join(import.meta.dirname, "../testdata", name), "utf8"),
  );
  const folder = mkdtempSync(join(tmpdir(), "outgoing-"));
  const file = join(folder, "ca.pem");
  writeFileSync(file, "");
  const server = createTlsServer({ key, cert }, (_, response) => response.end("{}")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const own = new Outgoing({ ...OPTIONS, insecure: false, caFiles: [file] });
  const lax = new Outgoing({ ...OPTIONS, insecure: false, skipVerify: true });
  const result = (outgoing: Outgoing) =>
    outgoing.ask(url).then(
      ({ status }) => status,
      ({ fault }) => fault,
    );
  expect([await result(strict), await result(own), await result(lax)]).toEqual(["outage", "outage", 200]);
  writeFileSync(file, cert);
  await expect.poll(() => result(own)).toBe(200);
  expect(await result(strict)).toBe("outage");
  for (const outgoing of [own, lax, strict]) outgoing.close();
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

test("endpoints for clients with certificates count for such clients alone, and are looked at as all others", () => {
  const issuer = "https://idp.example";
  const aliases = {
    token_endpoint: "https://mtls.idp.example/token",
    introspection_endpoint: "https://mtls.idp.example/introspect",
    authorization_endpoint: "https://mtls.idp.example/authorize",
    jwks_uri: "https://mtls.idp.example/jwks",
  };
  const read = (mutualTls: boolean, mtls_endpoint_aliases: unknown, more = {}) =>
    readMetadata(JSON.stringify({ ...discovery(issuer), mtls_endpoint_aliases }), {
      ...{ issuer, skipIssuer: false, allows: (url: string) => strict.allows(url), mutualTls },
      ...more,
    });
  expect(read(true, aliases)).toMatchObject({
    tokenEndpoint: aliases.token_endpoint,
    introspectionEndpoint: aliases.introspection_endpoint,
    authorizationEndpoint: `${issuer}/authorize`,
    jwksUri: `${issuer}/jwks`,
  });
  expect(read(false, aliases)).toMatchObject({ tokenEndpoint: `${issuer}/token` });
  for (const nothing of [undefined, null, [], "x", { token_endpoint: 1 }])
    expect(read(true, nothing)).toMatchObject({ tokenEndpoint: `${issuer}/token` });
  expect(read(true, { token_endpoint: "http://169.254.169.254/" })).toBe("forbidden-token-endpoint");
  expect(read(true, aliases, { hosts: [] })).toBe("forbidden-token-endpoint");
});
