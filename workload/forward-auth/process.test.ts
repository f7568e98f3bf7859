/** The program as the charm runs it: a command, variables, signals. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import type { RulesFile } from "./config.ts";
import { RulesSource } from "./rules/file.ts";
import { openSocket } from "./testing/open-socket.ts";
import { ask, forwarded } from "./testing/question.ts";

const COMMAND = join(import.meta.dirname, "bin", "oauth2-proxy");
const folder = mkdtempSync(join(tmpdir(), "oauth2-proxy-"));
afterAll(() => rmSync(folder, { recursive: true }));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const rulesFile = join(folder, "rules.json");
const rules = (path: string): RulesFile => ({
  version: 1,
  applications: { app: { routes: [{ hosts: ["gw.localhost:8443"] }], allow: {}, anonymous_paths: [path] } },
});

const environment = {
  PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
  OAUTH2_PROXY_HTTP_ADDRESS: "127.0.0.1:0",
  OAUTH2_PROXY_DECISION_MODE: "forwarded",
  OAUTH2_PROXY_RULES_FILE: rulesFile,
  OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
  OAUTH2_PROXY_REDIRECT_URL: "https://gw.localhost:8443/p/oauth2/callback",
};

/** Runs the program to its end. */
const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  spawnSync(COMMAND, args, { env: { ...environment, ...more }, encoding: "utf8" });

/** Starts the program on a socket; settles when a line with `text` was logged. */
async function start(text: string, more: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const { port, fd, close } = await openSocket();
  const child = spawn(COMMAND, args, {
    env: { ...environment, OAUTH2_PROXY_HTTP_ADDRESS: "fd:3", ...more },
    stdio: ["ignore", "pipe", "inherit", fd],
  });
  close();
  children.push(child);
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`The program ended: ${log}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      log += chunk.toString("utf8");
      if (log.includes(text)) resolve();
    });
  });
  return { child, port, log: () => log };
}

test("tells its version and its options", () => {
  expect(run(["--version"]).stdout).toMatch(/^oauth2-proxy v\d+\.\d+\.\d+ /);
  const help = run(["-help"]);
  expect(help.stderr).toContain("--rules-file, OAUTH2_PROXY_RULES_FILE");
  expect(help.status).toBe(0);
});

test("names every fault of the configuration at once, and ends with 1", () => {
  const ended = run([], {
    OAUTH2_PROXY_COOKIE_SECRET: "short",
    OAUTH2_PROXY_UPSTREAMS: "http://a",
  });
  expect(ended.status).toBe(1);
  expect(ended.stderr.split("\n").length).toBe(4);
  expect(ended.stderr).toMatch(
    /^invalid configuration:\n {2}cookie_secret \(--cookie-secret, OAUTH2_PROXY_COOKIE_SECRET\) must be /,
  );
});

test("a flag that cannot be read ends the program with its usage and 2", () => {
  const ended = run(["--cookie-secert=x"]);
  expect(ended.status).toBe(2);
  expect(ended.stderr).toMatch(/^Usage of oauth2-proxy:\n/);
  expect(ended.stderr).toContain(
    "\nCannot read --cookie-secert: unknown flag, the nearest is --cookie-secret\n",
  );
});

test("says which address it cannot listen on", async () => {
  const holder = createTcpServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const address = `127.0.0.1:${(holder.address() as AddressInfo).port}`;
  writeFileSync(rulesFile, JSON.stringify(rules("^/a$")));
  const ended = run([], { OAUTH2_PROXY_HTTP_ADDRESS: address });
  holder.close();
  expect([ended.status, ended.stderr]).toEqual([1, `Cannot listen on ${address}: EADDRINUSE\n`]);
});

test("serves, logs in JSON, and ends in order on SIGTERM", async () => {
  writeFileSync(rulesFile, JSON.stringify(rules("^/a$")));
  const { child, port, log } = await start('"msg":"listening"', {});
  expect((await ask(port, "/", forwarded({ uri: "/a" }))).status).toBe(200);
  child.removeAllListeners("exit");
  child.kill("SIGTERM");
  const [code] = await once(child, "close");
  expect(code).toBe(0);
  const lines = log()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.find(({ log: kind }) => kind === "request")).toMatchObject({
    path: "/a",
    status: 200,
    reason: "anonymous-path",
  });
  expect(lines.at(-1)).toMatchObject({ msg: "stopping", signal: "SIGTERM" });
});

test("reads its configuration again on SIGHUP", async () => {
  const file = join(folder, "proxy.toml");
  writeFileSync(file, 'skip_auth_routes = "^/a$"\n');
  const more = {
    OAUTH2_PROXY_RULES_FILE: "",
    OAUTH2_PROXY_DECISION_MODE: "",
    OAUTH2_PROXY_PROVIDER: "google",
    OAUTH2_PROXY_CLIENT_ID: "id",
    OAUTH2_PROXY_CLIENT_SECRET: "secret",
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    OAUTH2_PROXY_UPSTREAMS: "static://200",
    OAUTH2_PROXY_LOG_FORMAT: "json",
  };
  const { child, port, log } = await start('"msg":"listening"', more, [`--config=${file}`]);
  expect((await ask(port, "/b", [])).status).toBe(403);
  writeFileSync(file, 'skip_auth_routes = "^/b$"\n');
  child.kill("SIGHUP");
  await expect.poll(log).toContain("configuration read again");
  expect((await ask(port, "/b", [])).status).toBe(200);
});

test("trusts the CA in SSL_CERT_FILE, and a CA that comes later", async () => {
  const [key, certificate] = ["issuer-key.pem", "issuer.pem"].map((name) =>
    readFileSync(join(import.meta.dirname, "testdata", name), "utf8"),
  );
  const server = createServer({ key, cert: certificate }, (_, response) => {
    const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    response.setHeader("Content-Type", "application/json");
    response.end(
      JSON.stringify({
        issuer,
        authorization_endpoint: `${issuer}/a`,
        token_endpoint: `${issuer}/t`,
        jwks_uri: `${issuer}/j`,
      }),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const bundle = join(folder, "ca.pem");
  writeFileSync(bundle, "");
  const more = {
    SSL_CERT_FILE: bundle,
    OAUTH2_PROXY_OIDC_ISSUER_URL: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    OAUTH2_PROXY_CLIENT_ID: "id",
    OAUTH2_PROXY_CLIENT_SECRET: "secret",
  };
  const { log } = await start("provider not found", more);
  writeFileSync(`${bundle}.new`, certificate ?? "");
  renameSync(`${bundle}.new`, bundle);
  await expect.poll(log).toContain('"msg":"provider found"');
  server.close();
  server.closeAllConnections();
});

test("rules are read again when the file changes, however it was replaced", async () => {
  const told: string[] = [];
  const source = new RulesSource(rulesFile, [], {
    loaded: (count) => told.push(`loaded ${count}`),
    refused: () => told.push("refused"),
  });
  rmSync(rulesFile, { force: true });
  await source.watch(10);
  expect([source.loaded, told]).toEqual([false, ["refused"]]);
  const text = JSON.stringify(rules("^/b$"));
  writeFileSync(rulesFile, text.slice(0, 40));
  // More than once when it was read between the emptying and the writing.
  await expect.poll(() => told.length).toBeGreaterThanOrEqual(2);
  expect(new Set(told)).toEqual(new Set(["refused"]));
  writeFileSync(rulesFile, text);
  await expect.poll(() => told.at(-1)).toBe("loaded 1");
  const before = source.rules;
  writeFileSync(`${rulesFile}.new`, "{}");
  renameSync(`${rulesFile}.new`, rulesFile);
  await expect.poll(() => told.at(-1)).toBe("refused");
  const known = told.length;
  rmSync(rulesFile);
  await expect.poll(() => told.slice(known)).toEqual(["refused"]);
  expect([source.loaded, source.rules === before]).toEqual([true, true]);
  source.close();
});

test("rules that several want read are read once", async () => {
  const told: number[] = [];
  const source = new RulesSource(rulesFile, [], {
    loaded: (count) => told.push(count),
    refused: () => told.push(0),
  });
  writeFileSync(rulesFile, JSON.stringify(rules("^/b$")));
  await Promise.all([source.check(), source.check()]);
  expect(told).toEqual([1]);
});
