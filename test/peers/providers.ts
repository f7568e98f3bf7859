/**
 * Real OpenID providers: Dex and Hydra, each with one client and somebody to sign in. Kratos is none: it tells Hydra who somebody is,
 * as the consent application here does.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { hashSync } from "bcryptjs";
import type { Browser, Visit } from "../../workload/forward-auth/testing/browser.ts";
import { buildGoProgram, type Peer } from "./go-program.ts";
import { freePort } from "./oauth2-proxy.ts";

const run = promisify(execFile);

/** Milliseconds after which a program that is not ready counts as broken. */
const PATIENCE = 30_000;

/** Built in about two minutes. Its tags are no versions of its module, so v2.45.1 is named by time and commit. */
export const buildDex = (): Promise<Peer> =>
  buildGoProgram({
    name: "dex",
    version: "0.0.0-20260303133905-11d2eeb52b42",
    module: "github.com/dexidp/dex",
    package: "cmd/dex",
  });

/** Built in about two minutes. */
export const buildHydra = (): Promise<Peer> =>
  buildGoProgram({
    name: "hydra",
    version: "2.3.0",
    module: "github.com/ory/hydra/v2",
    package: ".",
    tags: ["sqlite", "sqlite_omit_load_extension"],
    replacements: {
      "github.com/gobuffalo/pop/v6": "github.com/ory/pop/v6 v6.2.1-0.20241121111754-e5dfc0f3344b",
    },
  });

/** The client that both know. */
export const CLIENT = { id: "app", secret: "app-secret-0123456789" } as const;

/** A running provider. */
export interface RealProvider {
  readonly issuer: string;
  /** Where it tells about opaque access tokens; undefined: its access tokens are JSON Web Tokens. */
  readonly introspectionUrl?: string;
  /** Signs ada in where a browser was led to; the page after the last redirect. */
  signIn(browser: Browser, page: Visit): Promise<Visit>;
  /** Ends the program, as a crash would. */
  stop(): Promise<void>;
  /** Starts it again with what it had. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A program that is started and ended, with its files. */
class Program {
  readonly folder = mkdtempSync(path.join(tmpdir(), "provider-"));
  readonly #command: readonly [string, ...string[]];
  readonly #ready: string;
  #child: ChildProcess | undefined;

  constructor(command: (folder: string) => readonly [string, ...string[]], ready: string) {
    this.#command = command(this.folder);
    this.#ready = ready;
  }

  async start(): Promise<void> {
    const [program, ...args] = this.#command;
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: this.folder, SQA_OPT_OUT: "true" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    let log = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        log += text;
      });
    const deadline = Date.now() + PATIENCE;
    while (!(await isReady(this.#ready))) {
      if (child.exitCode === null && Date.now() < deadline) continue;
      throw new Error(`Cannot start ${program}: exit code ${child.exitCode}\n${log}`);
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    if ((await fetch(url)).status === 200) return true;
  } catch {
    // Not yet.
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  return false;
}

/** Dex with a local password database in SQLite, so that it outlives its end. */
export async function startDex(program: string, callback: string): Promise<RealProvider> {
  const [port, telemetry] = [await freePort(), await freePort()];
  const issuer = `http://127.0.0.1:${port}/dex`;
  const dex = new Program((folder) => [program, "serve", path.join(folder, "dex.json")], `${issuer}/healthz`);
  const configuration = {
    issuer,
    storage: { type: "sqlite3", config: { file: path.join(dex.folder, "dex.db") } },
    web: { http: `127.0.0.1:${port}` },
    telemetry: { http: `127.0.0.1:${telemetry}` },
    oauth2: { skipApprovalScreen: true, passwordConnector: "local" },
    expiry: { idTokens: "1h", refreshTokens: { reuseInterval: "0s" } },
    staticClients: [{ ...CLIENT, name: "App", redirectURIs: [callback] }],
    enablePasswordDB: true,
    staticPasswords: [
      { email: "ada@example.com", username: "ada", userID: "0001", hash: hashSync("correct-horse", 10) },
    ],
  };
  writeFileSync(path.join(dex.folder, "dex.json"), JSON.stringify(configuration));
  await dex.start();
  return {
    issuer,
    // Its pages post their forms to their own address. The second asks for consent, as `approval_prompt=force` wants it.
    async signIn(browser, page) {
      const post = (at: Visit, fields: Readonly<Record<string, string>>) =>
        browser.visit(at.url, { method: "POST", body: new URLSearchParams(fields) });
      const asked = await post(page, { login: "ada@example.com", password: "correct-horse" });
      if (!asked.url.startsWith(`${issuer}/approval`)) return asked;
      const req = new URL(asked.url).searchParams.get("req") ?? "";
      return post(asked, { req, approval: "approve" });
    },
    stop: () => dex.stop(),
    start: () => dex.start(),
    close: () => dex.close(),
  };
}

/** What Hydra's administrator asks it for. */
async function admin(url: string, method: string, body?: object): Promise<Record<string, unknown>> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

/** A login and consent application that says yes to everybody as ada. */
async function startConsent(port: number, api: string): Promise<Server> {
  const session = { id_token: { email: "ada@example.com", email_verified: true, groups: ["ops"] } };
  const accept = async (kind: "login" | "consent", challenge: string, body: object) => {
    const url = `${api}/admin/oauth2/auth/requests/${kind}/accept?${kind}_challenge=${encodeURIComponent(challenge)}`;
    return String((await admin(url, "PUT", body))["redirect_to"]);
  };
  const asked = async (challenge: string) =>
    (
      await admin(
        `${api}/admin/oauth2/auth/requests/consent?consent_challenge=${encodeURIComponent(challenge)}`,
        "GET",
      )
    )["requested_scope"];
  const server = createServer(async ({ url = "/" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://consent");
    const challenge = searchParams.get("login_challenge") ?? searchParams.get("consent_challenge") ?? "";
    const location =
      pathname === "/login"
        ? await accept("login", challenge, { subject: "ada", acr: "pwd" })
        : await accept("consent", challenge, { grant_scope: await asked(challenge), session });
    response.writeHead(302, { Location: location }).end();
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Hydra on SQLite, so that keys and clients outlive its end, with a login and consent application. */
export async function startHydra(program: string, callback: string): Promise<RealProvider> {
  const [port, adminPort, consentPort] = [await freePort(), await freePort(), await freePort()];
  const [issuer, api] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${adminPort}`];
  const consent = `http://127.0.0.1:${consentPort}`;
  const hydra = new Program(
    (folder) => [program, "serve", "all", "-c", path.join(folder, "hydra.json"), "--dev"],
    `${api}/health/ready`,
  );
  const dsn = `sqlite://${path.join(hydra.folder, "hydra.db")}?_fk=true`;
  const configuration = {
    dsn,
    serve: {
      public: { host: "127.0.0.1", port },
      admin: { host: "127.0.0.1", port: adminPort },
      cookies: { same_site_mode: "Lax" },
    },
    urls: { self: { issuer }, login: `${consent}/login`, consent: `${consent}/consent` },
    secrets: { system: ["system-secret-for-tests-0123456789"] },
    log: { level: "warn" },
  };
  writeFileSync(path.join(hydra.folder, "hydra.json"), JSON.stringify(configuration));
  const server = await startConsent(consentPort, api);
  const environment = { ...process.env, DSN: dsn, SQA_OPT_OUT: "true" };
  await run(program, ["migrate", "sql", "up", "-e", "--yes"], { env: environment });
  await hydra.start();
  await admin(`${api}/admin/clients`, "POST", {
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    redirect_uris: [callback],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    scope: "openid offline_access email profile groups",
  });
  return {
    issuer,
    introspectionUrl: `${api}/admin/oauth2/introspect`,
    // Nobody is asked anything: the redirects led there and back already.
    signIn: async (_browser, page) => page,
    stop: () => hydra.stop(),
    start: () => hydra.start(),
    async close() {
      server.close();
      server.closeAllConnections();
      await hydra.close();
    },
  };
}
