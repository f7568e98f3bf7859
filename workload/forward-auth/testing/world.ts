/** Gateway, provider, decision point and two applications, in one process. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RulesFile } from "../config.ts";
import { createLog } from "../log/log.ts";
import { type Serving, serve } from "../server/serve.ts";
import { readSettings } from "../settings.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { startProvider, type TestProvider } from "./provider.ts";

/** The headers of a request that reached an application. */
export interface Seen {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Everything that runs. */
export interface World {
  readonly gateway: Gateway;
  readonly provider: TestProvider;
  readonly serving: Serving;
  /** Requests that reached an application, by its name. */
  readonly seen: Record<string, Seen[]>;
  /** The log so far, as lines. */
  readonly log: string[];
  /** Milliseconds that the decision point's clock is ahead. */
  clock: { ahead: number };
  /** Writes the rules file and has it read. */
  setRules(rules: RulesFile): Promise<void>;
  /** Ends the decision point and starts another with the same configuration. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** What a test chooses. */
export interface WorldOptions {
  readonly rules: (host: string) => RulesFile;
  readonly environment?: Readonly<Record<string, string>>;
  readonly addAuthCookies?: boolean;
  /** False: nothing answers at the issuer's address at first; `startProvider` does later. */
  readonly providerUp?: boolean;
}

const ACCOUNTS = {
  ada: { email: "ada@example.com", email_verified: true, preferred_username: "Ada", groups: ["ops"] },
  bob: {
    email: "bob@example.org",
    email_verified: true,
    preferred_username: "Zoë 日本",
    groups: ["dev", "a,b"],
  },
  eve: { email: "eve@example.com", email_verified: false, groups: [] },
  nil: { preferred_username: "nil" },
};

async function startApplication(seen: Seen[]): Promise<{ readonly target: string; close(): void }> {
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? "", headers: request.headers });
    response.end("the application");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Starts everything. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "forward-auth-"));
  const rulesFile = join(folder, "rules.json");
  const seen: Record<string, Seen[]> = { one: [], two: [] };
  const one = await startApplication(seen["one"] ?? []);
  const two = await startApplication(seen["two"] ?? []);
  let serving: Serving | undefined;
  const decisions = () => `http://127.0.0.1:${serving?.port}`;
  const gateway = await startGateway({
    decisions,
    routes: () => [
      { prefix: "/iam-one", target: one.target, protected: true },
      { prefix: "/iam-two", target: two.target, protected: true },
      { prefix: "/iam-proxy", target: decisions(), protected: false },
    ],
    authResponseHeaders: [
      "X-Auth-Request-User",
      "X-Auth-Request-Email",
      "X-Auth-Request-Groups",
      "X-Auth-Request-Preferred-Username",
    ],
    addAuthCookies: options.addAuthCookies ?? false,
  });
  const callback = `${gateway.origin}/iam-proxy/oauth2/callback`;
  const provider = await startProvider({ accounts: ACCOUNTS, redirectUris: [callback] });
  if (options.providerUp === false) provider.broken = 503;
  writeFileSync(rulesFile, JSON.stringify(options.rules(gateway.host)));
  const environment = {
    OAUTH2_PROXY_HTTP_ADDRESS: "127.0.0.1:0",
    OAUTH2_PROXY_DECISION_MODE: "forwarded",
    OAUTH2_PROXY_RULES_FILE: rulesFile,
    OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
    OAUTH2_PROXY_COOKIE_SECURE: "false",
    OAUTH2_PROXY_OIDC_ISSUER_URL: provider.issuer,
    OAUTH2_PROXY_CLIENT_ID: "forward-auth",
    OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
    OAUTH2_PROXY_SCOPE: "openid email profile groups offline_access",
    OAUTH2_PROXY_REDIRECT_URL: callback,
    OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true",
    OAUTH2_PROXY_SET_XAUTHREQUEST: "true",
    ...options.environment,
  };
  const log: string[] = [];
  const clock = { ahead: 0 };
  const begin = async () => {
    const settings = readSettings(environment, []);
    serving = await serve(
      settings,
      createLog(settings.options, { write: (line) => void log.push(line) }),
      () => Date.now() + clock.ahead,
    );
    await serving.context.provider.start();
    return serving;
  };
  await begin();
  return {
    gateway,
    provider,
    get serving() {
      return serving as Serving;
    },
    seen,
    log,
    clock,
    async setRules(rules) {
      writeFileSync(rulesFile, JSON.stringify(rules));
      await serving?.context.source?.check();
    },
    async restart() {
      await serving?.close();
      await begin();
    },
    async close() {
      await Promise.all([serving?.close(), provider.close(), gateway.close()]);
      one.close();
      two.close();
      rmSync(folder, { recursive: true });
    },
  };
}
