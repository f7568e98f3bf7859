/** Proxies on the way to providers: which request goes through which, and what a proxy gets to see. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request as httpRequest, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { readSettings } from "../settings.ts";
import { makeCertificate } from "../testing/certificate.ts";
import { ANSWER, discovery, Fakes, providerAt } from "../testing/fake-api.ts";
import { Outgoing } from "./outgoing.ts";
import { proxies, proxyProblems } from "./proxies.ts";

const folder = mkdtempSync(join(tmpdir(), "proxies-"));
const fakes = new Fakes();
const servers: Server[] = [];
const ways: Outgoing[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const way of ways.splice(0)) way.close();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  await fakes.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const BOTH = { HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "http://secure:1" };

describe("which", () => {
  const through = (url: string, environment: Readonly<Record<string, string>>) =>
    proxies(environment)(new URL(url));

  test.each([
    ["http://idp.example/", BOTH, "http://plain:1/"],
    ["https://idp.example/", BOTH, "http://secure:1/"],
    ["https://idp.example/", { HTTP_PROXY: "http://plain:1" }, undefined],
    ["http://idp.example/", { HTTPS_PROXY: "http://secure:1" }, undefined],
    ["http://idp.example/", {}, undefined],
    ["http://idp.example/", { HTTP_PROXY: "" }, undefined],
    ["http://idp.example/", { http_proxy: "lower:3128" }, "http://lower:3128/"],
    ["http://idp.example/", { HTTP_PROXY: "upper:3128", http_proxy: "lower:3128" }, "http://upper:3128/"],
    ["https://idp.example/", { HTTPS_PROXY: "socks5://s:1080" }, "socks5://s:1080"],
    ["http://idp.example/", { HTTP_PROXY: "http://u:p%40@proxy:8" }, "http://u:p%40@proxy:8/"],
    ["http://localhost:8080/", BOTH, undefined],
    ["http://127.0.0.1:8080/", BOTH, undefined],
    ["http://127.8.9.1/", BOTH, undefined],
    ["http://[::1]:8080/", BOTH, undefined],
  ])("%s with %j: %s", (url, environment, expected) => {
    expect(through(url, environment as unknown as Record<string, string>)).toBe(expected);
  });

  test.each([
    ["example.com", ["example.com", "a.example.com", "EXAMPLE.com"], ["notexample.com", "example.org"]],
    [".example.com", ["a.example.com"], ["example.com"]],
    ["*.example.com", ["a.example.com", "a.b.example.com"], ["example.com"]],
    ["example.com:8443", ["example.com:8443"], ["example.com", "example.com:80"]],
    ["example.com:80", ["example.com"], ["example.com:81"]],
    ["10.0.0.0/8", ["10.1.2.3", "10.1.2.3:8080"], ["11.0.0.1", "ten.example"]],
    ["10.1.2.3", ["10.1.2.3"], ["10.1.2.4"]],
    ["10.1.2.3:81", ["10.1.2.3:81"], ["10.1.2.3"]],
    ["fd00::/8", ["[fd00::1]"], ["[fe00::1]"]],
    ["[fd00::1]:81", ["[fd00::1]:81"], ["[fd00::1]"]],
    ["fd00::1", ["[fd00:0::1]"], ["[fd00::2]"]],
    [" a.example , ,B.example", ["a.example", "b.example"], ["c.example"]],
    ["a.example,*", ["anything.example", "10.1.1.1"], []],
    ["10.0.0.0/99,:80,[]", [], ["10.0.0.1", "idp.example"]],
  ])("NO_PROXY %j", (NO_PROXY, direct, proxied) => {
    const proxyOf = proxies({ ...BOTH, NO_PROXY });
    for (const host of direct) expect(proxyOf(new URL(`http://${host}/`)), host).toBeUndefined();
    for (const host of proxied) expect(proxyOf(new URL(`http://${host}/`)), host).toBe("http://plain:1/");
  });

  test.each(["http://", "ftp://proxy:1", "http://user:hunter2@", "::::"])(
    "%j is no proxy: said at start without its value, and nothing is asked",
    async (value) => {
      const [problem = ""] = proxyProblems({ HTTPS_PROXY: value });
      expect(problem).toContain("HTTPS_PROXY");
      expect(problem).not.toContain("hunter2");
      const way = outgoing({ HTTPS_PROXY: value });
      await expect(way.ask("https://idp.example/")).rejects.toMatchObject({ reason: "bad-proxy" });
    },
  );

  test("a warning at start", () => {
    const environment = {
      HTTP_PROXY: "http://",
      OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
      OAUTH2_PROXY_CLIENT_ID: "c",
      OAUTH2_PROXY_CLIENT_SECRET: "s",
      OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    };
    expect(readSettings(environment, []).warnings.join()).toContain("HTTP_PROXY");
  });
});

function outgoing(environment: Readonly<Record<string, string>>, caFiles: readonly string[] = []): Outgoing {
  const rest = { useSystemTrustStore: false, certificateFile: "", keyFile: "", timeout: 3000 };
  const way = new Outgoing({ ...rest, caFiles, insecure: true, environment });
  ways.push(way);
  return way;
}

const CREDENTIALS = `Basic ${btoa("ada:pass word")}`;

/** A proxy that wants a password, and leads every name to one port of this machine. What it was asked, and what it saw, is told. */
async function startProxy(target: number) {
  const asked: string[] = [];
  const seen: Buffer[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.headers["proxy-authorization"] !== CREDENTIALS) return void response.writeHead(407).end();
    const { pathname, search, host } = new URL(request.url ?? "");
    const headers = { ...request.headers, host };
    const onward = httpRequest({ port: target, path: pathname + search, method: request.method, headers });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on("connect", (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    if (request.headers["proxy-authorization"] !== CREDENTIALS)
      return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const onward = connect(target, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.on("data", (chunk: Buffer) => seen.push(chunk));
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const at = (user: string) => `http://${user}@127.0.0.1:${port}`;
  return { asked, seen, url: at("ada:pass%20word"), wrong: at("ada:hunter2") };
}

async function startSecure() {
  const certificate = await makeCertificate(folder, "idp");
  const server = createSecureServer(
    { key: certificate.key, cert: certificate.cert },
    ({ url, headers }, response) => response.end(JSON.stringify({ url, host: headers.host })),
  ).listen(0, "127.0.0.1");
  servers.push(server as unknown as Server);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, certFile: certificate.certFile };
}

test("https goes through the proxy by CONNECT: it sees the host and nothing else", async () => {
  const { port, certFile } = await startSecure();
  const proxy = await startProxy(port);
  const way = outgoing({ HTTPS_PROXY: proxy.url }, [certFile]);
  const { status, text } = await way.ask("https://idp.example/secret?token=x", {
    headers: { authorization: "Bearer hidden" },
  });
  expect([status, JSON.parse(text)]).toEqual([200, { url: "/secret?token=x", host: "idp.example" }]);
  expect(proxy.asked).toEqual(["CONNECT idp.example:443"]);
  expect(Buffer.concat(proxy.seen).toString("latin1")).not.toMatch(/secret|hidden|Bearer/);
});

test("the provider's certificate is verified through the proxy, for its own name", async () => {
  const { port, certFile } = await startSecure();
  const proxy = await startProxy(port);
  const environment = { HTTPS_PROXY: proxy.url };
  await expect(outgoing(environment).ask("https://idp.example/")).rejects.toMatchObject({ fault: "outage" });
  const named = outgoing(environment, [certFile]).ask("https://other.example/");
  await expect(named).rejects.toMatchObject({ reason: expect.stringContaining("ALTNAME") });
});

test("http is handed to the proxy; what NO_PROXY has is not", async () => {
  const api = await fakes.start({ "/x": { json: { here: true } } });
  const proxy = await startProxy(Number(new URL(api.origin).port));
  const way = outgoing({ HTTP_PROXY: proxy.url, NO_PROXY: "direct.invalid" });
  expect((await way.ask("http://idp.example/x")).text).toBe('{"here":true}');
  expect(proxy.asked).toEqual(["GET http://idp.example/x"]);
  expect((await way.ask(`${api.origin}/x`)).status).toBe(200);
  await expect(way.ask("http://direct.invalid/x")).rejects.toMatchObject({ fault: "outage" });
  expect(proxy.asked).toHaveLength(1);
});

test("a proxy that refuses or is not there is an outage, whose reason holds no password", async () => {
  const { port, certFile } = await startSecure();
  const proxy = await startProxy(port);
  for (const HTTPS_PROXY of [proxy.wrong, "http://ada:hunter2@127.0.0.1:1"]) {
    const failed = outgoing({ HTTPS_PROXY, HTTP_PROXY: HTTPS_PROXY }, [certFile]);
    for (const url of ["https://idp.example/", "http://idp.example/"]) {
      const error: unknown = await failed.ask(url).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ fault: "outage" });
      expect(JSON.stringify([String(error), Object.entries(error as object)])).not.toMatch(/hunter2|ada:/);
    }
  }
});

test("a link-local address is not asked through a proxy either, and metadata services never are", async () => {
  const proxy = await startProxy(1);
  const environment = { HTTP_PROXY: proxy.url };
  await expect(outgoing(environment).ask("http://169.254.169.254/")).rejects.toMatchObject({
    reason: "forbidden-address",
  });
  const rest = { caFiles: [], useSystemTrustStore: false, certificateFile: "", keyFile: "", timeout: 200 };
  const metadata = new Outgoing({ ...rest, insecure: true, linkLocal: true, environment });
  ways.push(metadata);
  await expect(metadata.ask("http://metadata.invalid/")).rejects.toMatchObject({ fault: "outage" });
  expect(proxy.asked).toEqual([]);
});

test("a whole sign-in through a proxy", async () => {
  const origin = "http://idp.example";
  const api = await fakes.start();
  api.routes["/.well-known/openid-configuration"] = { json: discovery(origin) };
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await api.sign({ iss: origin }), expires_in: 3600 },
  });
  const proxy = await startProxy(Number(new URL(api.origin).port));
  vi.stubEnv("HTTP_PROXY", proxy.url);
  const provider = await providerAt(api, { settings: { oidc: { issuerUrl: origin } as never } });
  const { identity } = await provider.redeem(ANSWER);
  provider.close();
  expect(identity.email).toBe("ada@example.com");
  expect(proxy.asked).toEqual([
    `GET ${origin}/.well-known/openid-configuration`,
    `POST ${origin}/token`,
    `GET ${origin}/jwks`,
  ]);
});
