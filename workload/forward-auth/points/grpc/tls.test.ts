/** The gRPC listener with TLS: who is answered, and a certificate that changes. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { credentials } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { readSettings } from "../../settings.ts";
import { makeCertificate, type TestCertificate } from "../../testing/certificate.ts";
import { EnvoyClient } from "../../testing/envoy-client.ts";
import { type Point, startPoint } from "../../testing/point.ts";

const folder = mkdtempSync(join(tmpdir(), "grpc-tls-"));
const ca = await makeCertificate(folder, "ca");
const envoy = await makeCertificate(folder, "envoy", ca);
const one = await makeCertificate(folder, "one");
const two = await makeCertificate(folder, "two");
const live = { key: join(folder, "live.key"), cert: join(folder, "live.pem") };

let point: Point | undefined;
const clients: EnvoyClient[] = [];
beforeAll(() => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await point?.close();
  point = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

function serveWith({ keyFile, certFile }: TestCertificate): void {
  copyFileSync(keyFile, live.key);
  copyFileSync(certFile, live.cert);
}

const RULES = {
  version: 1 as const,
  applications: {
    app: {
      routes: [{ hosts: ["gw.example.com"], paths: ["/app"] }],
      allow: { everyone: true as const },
      anonymous_paths: ["^/app/open$"],
    },
  },
};
const ENVIRONMENT = {
  OAUTH2_PROXY_DECISION_MODE: "envoy-grpc",
  OAUTH2_PROXY_GRPC_ADDRESS: "127.0.0.1:0",
  OAUTH2_PROXY_GRPC_TLS_KEY_FILE: live.key,
  OAUTH2_PROXY_GRPC_TLS_CERT_FILE: live.cert,
  OAUTH2_PROXY_REDIRECT_URL: "https://gw.example.com/oauth2/callback",
  OAUTH2_PROXY_OIDC_ISSUER_URL: "http://127.0.0.1:1",
  OAUTH2_PROXY_CLIENT_ID: "forward-auth",
  OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
};

async function start(more: Readonly<Record<string, string>> = {}): Promise<number> {
  point = await startPoint(RULES, { ...ENVIRONMENT, ...more });
  return point.serving.grpcPort ?? 0;
}

/** What somebody is told about an open path, or why nothing is told. */
async function told(port: number, trusts: TestCertificate, shows?: TestCertificate) {
  const own = shows && ([Buffer.from(shows.key), Buffer.from(shows.cert)] as const);
  const client = new EnvoyClient(port, credentials.createSsl(Buffer.from(trusts.cert), ...(own ?? [])));
  clients.push(client);
  return client.check({ path: "/app/open" }).then(
    ({ ok_response }) => (ok_response === undefined ? "refused" : "allowed"),
    ({ code }) => code,
  );
}

/** gRPC's code for a connection that there is not. */
const UNAVAILABLE = 14;

test("questions are answered over TLS, in the clear they are not", async () => {
  serveWith(one);
  const port = await start();
  expect(await told(port, one)).toBe("allowed");
  expect(await told(port, two)).toBe(UNAVAILABLE);
  const clear = new EnvoyClient(port);
  clients.push(clear);
  await expect(clear.check({ path: "/app/open" })).rejects.toMatchObject({ code: UNAVAILABLE });
});

test("a certificate that changes serves new connections without a restart; one without its key changes nothing", async () => {
  serveWith(one);
  const port = await start();
  copyFileSync(two.keyFile, live.key);
  await expect.poll(() => point?.log.join("")).toContain("certificate of the listener not changed");
  expect(await told(port, one)).toBe("allowed");
  copyFileSync(two.certFile, live.cert);
  await expect.poll(() => told(port, two)).toBe("allowed");
});

test("with CAs of clients nobody is answered but who shows a certificate of theirs", async () => {
  serveWith(one);
  const port = await start({ OAUTH2_PROXY_GRPC_TLS_CLIENT_CA_FILE: ca.certFile });
  expect(await told(port, one, envoy)).toBe("allowed");
  expect(await told(port, one, two)).toBe(UNAVAILABLE);
  expect(await told(port, one)).toBe(UNAVAILABLE);
});

test("a certificate makes nobody a trusted proxy: addresses still count", async () => {
  serveWith(one);
  const port = await start({
    OAUTH2_PROXY_GRPC_TLS_CLIENT_CA_FILE: ca.certFile,
    OAUTH2_PROXY_TRUSTED_PROXY_IPS: "192.0.2.0/24",
  });
  expect(await told(port, one, envoy)).toBe("refused");
});

test("TLS versions are those of the TLS listener's options", async () => {
  serveWith(one);
  const port = await start({ OAUTH2_PROXY_TLS_MIN_VERSION: "TLS1.3" });
  const speak = (maxVersion: "TLSv1.2" | "TLSv1.3") =>
    new Promise((resolve) => {
      const options = {
        port,
        host: "127.0.0.1",
        rejectUnauthorized: false,
        maxVersion,
        ALPNProtocols: ["h2"],
      };
      const socket = connect(options, () => {
        resolve([socket.getProtocol(), socket.alpnProtocol]);
        socket.destroy();
      }).on("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
    });
  expect(await speak("TLSv1.3")).toEqual(["TLSv1.3", "h2"]);
  expect(await speak("TLSv1.2")).toMatch(/^ERR_SSL/);
});

test.each([
  [{ GRPC_TLS_KEY_FILE: "" }, /grpc_tls_key_file .+ must be in a file that can be read/],
  [{ GRPC_TLS_KEY_FILE: two.keyFile }, /grpc_tls_cert_file .+ must fit together/],
  [{ GRPC_TLS_CLIENT_CA_FILE: join(folder, "none") }, /grpc_tls_client_ca_file .+ ENOENT/],
  [{ GRPC_TLS_CLIENT_CA_FILE: join(folder, "empty.pem") }, /there is no certificate in the file/],
  [
    { GRPC_TLS_KEY_FILE: "", GRPC_TLS_CERT_FILE: "", GRPC_TLS_CLIENT_CA_FILE: ca.certFile },
    /grpc_tls_client_ca_file .+ needs grpc_tls_cert_file/,
  ],
  [{ GRPC_ADDRESS: "", DECISION_MODE: "forwarded" }, /grpc_tls_cert_file .+ needs grpc_address/],
  [{ TLS_MIN_VERSION: "TLS1.1" }, /tls_min_version .+ must be TLS1.2 or TLS1.3/],
  [{ TLS_CIPHER_SUITES: "nope" }, /tls_cipher_suites .+ must be names/],
])("%j is a fault at start", (changes, message) => {
  serveWith(one);
  writeFileSync(join(folder, "empty.pem"), "");
  const changed = Object.entries(changes).map(([name, value]) => [`OAUTH2_PROXY_${name}`, value]);
  const environment = {
    ...ENVIRONMENT,
    OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    ...Object.fromEntries(changed),
  };
  expect(() => readSettings(environment, [])).toThrow(message);
});
