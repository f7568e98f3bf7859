/** Upstreams over TLS and Unix sockets, and what their options change. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Application, headerOf, startApplication } from "../testing/application.ts";
import { COMPAT } from "../testing/compat.ts";
import { startPoint } from "../testing/point.ts";
import { ask } from "../testing/question.ts";
import { rawExchange, rawRequest } from "../testing/raw.ts";
import { readOrigin } from "./http-upstream.ts";

const folder = mkdtempSync(join(tmpdir(), "origins-"));
const pem = (name: string) => readFileSync(join(import.meta.dirname, "..", "testdata", name), "utf8");
let server: Server;
let application: Application;
let names: (string | false | null)[] = [];
let secure: string;

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  server = createServer({ key: pem("issuer-key.pem"), cert: pem("issuer.pem") }, (request, response) => {
    names.push((request.socket as TLSSocket).servername);
    response.end(`secure ${request.headers.host}`);
  });
  server.on("upgrade", (_, socket) =>
    socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhi"),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  secure = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  application = await startApplication(join(folder, "app.sock"));
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await application.close();
  rmSync(folder, { recursive: true });
});

/** A proxy with one upstream. */
const proxy = (upstream: string, more: Readonly<Record<string, string>> = {}) =>
  startPoint(undefined, { ...COMPAT, OAUTH2_PROXY_UPSTREAMS: upstream, ...more });

test("a certificate that nobody vouches for is refused, unless it is said not to matter", async () => {
  const strict = await proxy(secure);
  expect((await ask(strict.port, "/", ["Cookie", strict.cookie()])).status).toBe(502);
  const upgrade = rawRequest("GET /", ["Connection: Upgrade", "Upgrade: x", `Cookie: ${strict.cookie()}`]);
  expect((await rawExchange(strict.port, upgrade)).text).toMatch(/^HTTP\/1\.1 502 /);
  await strict.close();
  const lax = await proxy(secure, { OAUTH2_PROXY_SSL_UPSTREAM_INSECURE_SKIP_VERIFY: "true" });
  expect((await ask(lax.port, "/", ["Cookie", lax.cookie(), "Host", "app.example.com"])).body).toBe(
    "secure app.example.com",
  );
  const greeted = { port: lax.port, until: (text: string) => text.endsWith("hi") };
  expect((await rawExchange(greeted, upgrade)).text).toMatch(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\nhi$/);
  await lax.close();
});

test("the certificate is that of the configured host, whatever host the client names", async () => {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, pem("issuer.pem")]);
  names = [];
  try {
    const point = await proxy(secure);
    for (const host of ["app.example.com", "other.example"])
      expect((await ask(point.port, "/", ["Cookie", point.cookie(), "Host", host])).body).toBe(
        `secure ${host}`,
      );
    expect(names).toEqual([false, false]);
    await point.close();
  } finally {
    setDefaultCACertificates(before);
  }
});

test("a Unix socket, with the client's host or its own", async () => {
  for (const [pass, host] of [
    ["true", "app.example.com"],
    ["false", "localhost"],
  ] as const) {
    const point = await proxy(application.origin, { OAUTH2_PROXY_PASS_HOST_HEADER: pass });
    const answer = await ask(point.port, "/x?y", ["Cookie", point.cookie(), "Host", "app.example.com"]);
    expect(answer.body).toBe("reached /x?y");
    expect(headerOf(application.reached.at(-1), "host")).toBe(host);
    await point.close();
  }
});

test("without kept connections each request has its own", async () => {
  const point = await proxy(application.origin, { OAUTH2_PROXY_DISABLE_KEEP_ALIVES: "true" });
  const before = application.connections();
  for (let index = 0; index < 3; index++) await ask(point.port, "/x", ["Cookie", point.cookie()]);
  expect(application.connections() - before).toBe(3);
  await point.close();
});

test("with a signature key bodies are read, signed and sent, up to a limit", async () => {
  const point = await proxy(application.origin, { OAUTH2_PROXY_SIGNATURE_KEY: "sha256:key" });
  const cookie = ["Cookie", point.cookie()];
  await ask(
    point.port,
    "/x",
    [...cookie, "Transfer-Encoding", "chunked", "Gap-Signature", "evil"],
    "POST",
    "hello",
  );
  const seen = application.reached.at(-1);
  expect([seen?.body, headerOf(seen, "content-length"), headerOf(seen, "gap-auth")]).toEqual([
    "hello",
    "5",
    "ada@example.com",
  ]);
  expect(headerOf(seen, "gap-signature")).toMatch(/^sha256 [\w+/]{43}=$/);
  const large = "x".repeat(16 * 1024 * 1024 + 1);
  const count = application.reached.length;
  const refused = await ask(
    point.port,
    "/x",
    [...cookie, "Content-Length", String(large.length)],
    "POST",
    large,
  ).catch(() => undefined);
  expect(refused === undefined || refused.status === 413).toBe(true);
  expect(application.reached.length).toBe(count);
  await point.close();
});

test.each([
  ["http://h", { secure: false, hostname: "h", port: 80, host: "h" }],
  ["https://h:8443/x", { secure: true, hostname: "h", port: 8443, host: "h:8443" }],
  ["http://[::1]:81", { secure: false, hostname: "::1", port: 81, host: "[::1]:81" }],
  ["unix:///run/a.sock", { socketPath: "/run/a.sock" }],
])("origin of %s", (uri, expected) => {
  expect(readOrigin({ uri, insecureSkipTlsVerify: false } as never)).toMatchObject(expected);
});
