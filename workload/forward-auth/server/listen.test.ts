/** Listeners: where they are, how they speak TLS, and how they end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ConnectionOptions, connect as secureConnect } from "node:tls";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeCertificate } from "../testing/certificate.ts";
import { COMPAT } from "../testing/compat.ts";
import { openSocket } from "../testing/open-socket.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask } from "../testing/question.ts";
import { cipherList } from "./cipher-suites.ts";
import { ListenError, listen } from "./listen.ts";
import { readListenAddress } from "./listen-address.ts";

const folder = mkdtempSync(join(tmpdir(), "listen-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
});

const pems = (name: string) => ({ key: join(folder, `${name}.key`), cert: join(folder, `${name}.pem`) });

const getUnix = async (path: string, url: string, headers: readonly string[] = []): Promise<number> => {
  const outgoing = request({ socketPath: path, path: url, headers: ["Host", "h", ...headers] as never });
  outgoing.end();
  const [incoming] = await once(outgoing, "response");
  incoming.resume();
  return incoming.statusCode;
};

test.each([
  ["", undefined],
  ["-", undefined],
  [":80", { kind: "tcp", host: undefined, port: 80 }],
  ["http://a:80", { kind: "tcp", host: "a", port: 80 }],
  ["[::1]:80", { kind: "tcp", host: "::1", port: 80 }],
  ["unix:///run/x.sock", { kind: "unix", path: "/run/x.sock", mode: undefined }],
  ["unix:///run/x.sock,mode=0660", { kind: "unix", path: "/run/x.sock", mode: 0o660 }],
  ["fd:3", { kind: "fd", fd: 3 }],
  ["FD:4", { kind: "fd", fd: 4 }],
])("address %j", (text, expected) => {
  expect(readListenAddress(text)).toEqual(expected);
});

test.each(["80", "a", "a:99999", "fd:2", "unix:", "unix:///x,mode=9", "::1:80"])(
  "%j is no address",
  (text) => {
    expect(() => readListenAddress(text)).toThrow(RangeError);
  },
);

test("cipher suites have the names that Go knows; another is a fault", () => {
  expect(cipherList(["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"])).toBe(
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-RSA-AES128-GCM-SHA256",
  );
  expect(cipherList([])).not.toMatch(/CBC|SHA(?:$|:)|RSA_WITH/);
  for (const name of ["ECDHE-RSA-AES128-GCM-SHA256", "constructor", ""])
    expect(() => cipherList([name])).toThrow(RangeError);
  expect(() => cipherList(["TLS_RSA_WITH_RC4_128_SHA"])).not.toThrow();
});

test("a Unix socket has the mode that was asked for, and its peers are believed", async () => {
  const path = join(folder, "proxy.sock");
  const point = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_HTTP_ADDRESS: `unix://${path},mode=0660`,
    OAUTH2_PROXY_REVERSE_PROXY: "true",
    OAUTH2_PROXY_TRUSTED_PROXY_IPS: "192.0.2.1",
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public/",
    OAUTH2_PROXY_UPSTREAMS: "static://200",
  });
  expect(statSync(path).mode & 0o777).toBe(0o660);
  expect(await getUnix(path, "/", ["X-Forwarded-Uri", "/public/x"])).toBe(200);
  expect(await getUnix(path, "/", ["X-Forwarded-Uri", "/admin"])).toBe(403);
  await point.close();
  expect(() => statSync(path)).toThrow();
});

test("a socket that a process left behind is replaced, one that is served is not", async () => {
  const path = join(folder, "left.sock");
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  const child: ChildProcess = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
  await once(child, "exit");
  const first: Server = createServer();
  const address = { kind: "unix", path, mode: undefined } as const;
  expect(await listen(first as never, address)).toBe(0);
  await expect(listen(createServer() as never, address)).rejects.toThrow(ListenError);
  first.close();
});

test("the program serves on a socket that was opened for it", async () => {
  const { port, fd, close } = await openSocket();
  const command = join(import.meta.dirname, "..", "bin", "oauth2-proxy");
  const secret = { OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef" };
  const child = spawn(command, [], {
    env: {
      PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
      ...COMPAT,
      ...secret,
      OAUTH2_PROXY_HTTP_ADDRESS: "fd:3",
    },
    stdio: ["ignore", "pipe", "inherit", fd],
  });
  close();
  expect((await ask(port, "/ping")).body).toBe("OK");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

let point: Point;

/** Speaks TLS to the listener: the certificate's name, or the fault. */
async function speak(port: number | undefined, options: ConnectionOptions = {}) {
  const socket = secureConnect({ port: port ?? 0, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  try {
    await once(socket, "secureConnect");
    const { CN } = socket.getPeerCertificate().subject;
    return {
      CN,
      protocol: socket.getProtocol(),
      alpn: socket.alpnProtocol,
      cipher: socket.getCipher().standardName,
    };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.destroy();
  }
}

test("TLS: versions, suites, HTTP/1.1 only, and a certificate that changes without a restart", async () => {
  await makeCertificate(folder, "one");
  await makeCertificate(folder, "two");
  copyFileSync(pems("one").key, join(folder, "live.key"));
  copyFileSync(pems("one").cert, join(folder, "live.pem"));
  point = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_HTTPS_ADDRESS: "127.0.0.1:0",
    OAUTH2_PROXY_TLS_KEY_FILE: join(folder, "live.key"),
    OAUTH2_PROXY_TLS_CERT_FILE: join(folder, "live.pem"),
    OAUTH2_PROXY_TLS_CIPHER_SUITES: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  });
  const port = point.serving.securePort;
  expect(point.serving.port).toBe(port);
  expect(await speak(port, { ALPNProtocols: ["h2", "http/1.1"] })).toMatchObject({
    CN: "one",
    protocol: "TLSv1.3",
    alpn: "http/1.1",
  });
  expect(await speak(port, { maxVersion: "TLSv1.2" })).toMatchObject({
    cipher: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  });
  expect(
    await speak(port, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL@SECLEVEL=0" }),
  ).toMatch(/^ERR_SSL|ECONNRESET/);
  expect(await speak(port, { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" })).toMatch(
    /^ERR_SSL/,
  );
  // A key that does not belong to the certificate changes nothing.
  copyFileSync(pems("two").key, join(folder, "live.key"));
  await expect.poll(() => point.log.join("")).toContain("certificate of the listener not changed");
  expect(await speak(port)).toMatchObject({ CN: "one" });
  copyFileSync(pems("two").cert, join(folder, "live.pem"));
  await expect.poll(() => speak(port)).toMatchObject({ CN: "two" });
  await point.close();
});

test("minimum version TLS 1.3; the metrics listener speaks TLS too", async () => {
  const { key, cert } = pems("one");
  point = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_HTTPS_ADDRESS: "127.0.0.1:0",
    OAUTH2_PROXY_TLS_KEY_FILE: key,
    OAUTH2_PROXY_TLS_CERT_FILE: cert,
    OAUTH2_PROXY_TLS_MIN_VERSION: "TLS1.3",
    OAUTH2_PROXY_METRICS_SECURE_ADDRESS: "127.0.0.1:0",
    OAUTH2_PROXY_METRICS_TLS_KEY_FILE: key,
    OAUTH2_PROXY_METRICS_TLS_CERT_FILE: cert,
  });
  expect(await speak(point.serving.securePort, { maxVersion: "TLSv1.2" })).toMatch(/^ERR_SSL/);
  expect(await speak(point.serving.metricsPort)).toMatchObject({ CN: "one" });
  await point.close();
});

test("a certificate that cannot be used is a fault at start", async () => {
  writeFileSync(join(folder, "bad.pem"), "no certificate");
  const environment = {
    ...COMPAT,
    OAUTH2_PROXY_HTTPS_ADDRESS: "127.0.0.1:0",
    OAUTH2_PROXY_TLS_KEY_FILE: pems("one").key,
    OAUTH2_PROXY_TLS_CERT_FILE: join(folder, "bad.pem"),
  };
  await expect(startPoint(undefined, environment)).rejects.toThrow(
    /tls_cert_file .+ Cannot use certificate and key of the listener: /,
  );
  expect(readFileSync(pems("one").key, "utf8")).toContain("PRIVATE KEY");
});
