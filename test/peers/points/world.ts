import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { startProvider, type TestProvider } from "../../../workload/forward-auth/testing/provider.ts";
import {
  listening,
  type Gateway as Started,
  startGateway,
} from "../../../workload/traefik/golden/process.ts";
import { freePort, OURS } from "../oauth2-proxy.ts";
import { type Application, startApplication } from "./application.ts";
import { copyExample, type Places } from "./example.ts";
import type { ProxyExample } from "./proxies.ts";

const HOST = "127.0.0.1";

/** Milliseconds that a program gets to listen. */
const PATIENCE = 20_000;

const ACCOUNTS = {
  ada: { email: "ada@example.com", email_verified: true, preferred_username: "Ada", groups: ["ops", "dev"] },
  sam: { email: "sam@example.com", email_verified: true, preferred_username: "Sam", groups: ["staff"] },
  nog: { email: "nog@example.com", email_verified: true, preferred_username: "Nog" },
  bob: { email: "bob@example.org", email_verified: true, preferred_username: "Bob" },
};

/** What `check --json` says. */
export interface CheckReport {
  readonly valid: boolean;
  readonly findings: readonly { readonly level: string; readonly text: string }[];
}

/** Provider, decision point, proxy and application, each as it runs for real. */
export interface World {
  /** `http://127.0.0.1:<port>`, as users see it. */
  readonly origin: string;
  readonly host: string;
  readonly application: Application;
  readonly provider: TestProvider;
  /** What the decision point wrote. */
  log(): string;
  /** Runs `check` against the proxy, as a stranger, a forger and somebody who is signed in. */
  check(url: string, email: string): Promise<CheckReport>;
  /** Ends the decision point at once. */
  kill(): Promise<void>;
  /** Starts the decision point again. */
  revive(): Promise<void>;
  close(): Promise<void>;
}

/** Names what did not start, with what it wrote. */
async function waitFor(started: Started, name: string, port: number): Promise<void> {
  const ended = started.ended.then(() => false);
  if (await Promise.race([listening(HOST, port, PATIENCE), ended])) return;
  await started.stop();
  throw new Error(`${name} does not listen on ${port}: ${started.output()}`);
}

const variables = (folder: string) => ({
  OAUTH2_PROXY_CLIENT_SECRET_FILE: path.join(folder, "client-secret"),
  OAUTH2_PROXY_COOKIE_SECRET_FILE: path.join(folder, "cookie-secret"),
  OAUTH2_PROXY_COOKIE_REFRESH: "1s",
});

/** Waits until an address is answered 200: programs listen before they know their routes, or their provider. */
async function answers(url: string, started: Started): Promise<void> {
  for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
    const { status } = await fetch(url);
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing answers ${url}: ${started.output()}`);
}

async function check(folder: string, url: string, email: string): Promise<CheckReport> {
  const flags = ["check", "--json", "--url", url, "--as", email];
  const config = ["--config", path.join(folder, "forward-auth.toml")];
  const started = startGateway(OURS, [...flags, ...config], variables(folder));
  await started.ended;
  return JSON.parse(started.output()) as CheckReport;
}

async function startDecisions(
  folder: string,
  { decisions, grpc }: Places,
  example: string,
): Promise<Started> {
  const started = startGateway(OURS, ["--config", path.join(folder, "forward-auth.toml")], variables(folder));
  await waitFor(started, "forward-auth", decisions);
  if (example === "envoy-grpc") await waitFor(started, "forward-auth", grpc);
  await answers(`http://${HOST}:${decisions}/ready`, started);
  return started;
}

/** Starts an example with the real proxy. */
export async function startExample(proxy: ProxyExample, program: string): Promise<World> {
  const web = await freePort();
  const origin = `http://${HOST}:${web}`;
  const redirectUris = [`${origin}/oauth2/callback`];
  const [application, provider, decisions, grpc] = await Promise.all([
    startApplication(),
    startProvider({ accounts: ACCOUNTS, redirectUris }),
    freePort(),
    freePort(),
  ]);
  const places = { web, decisions, grpc, application: application.port, issuer: provider.issuer };
  const folder = await copyExample(proxy.example, places);
  await writeFile(path.join(folder, "client-secret"), "client-secret-0123456789");
  await writeFile(path.join(folder, "cookie-secret"), "0123456789abcdef0123456789abcdef");
  await proxy.prepare?.(folder, places);
  let point = await startDecisions(folder, places, proxy.example);
  const gateway = startGateway(["/usr/bin/env", "-C", folder, program], proxy.arguments(folder), {
    HOME: folder,
  });
  const close = async () => {
    await Promise.all([
      gateway.stop("SIGTERM"),
      point.stop("SIGTERM"),
      application.close(),
      provider.close(),
    ]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitFor(gateway, proxy.name, web);
    await answers(`${origin}/public/ready`, gateway);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    origin,
    host: `${HOST}:${web}`,
    application,
    provider,
    log: () => point.output(),
    check: (url, email) => check(folder, url, email),
    kill: () => point.stop("SIGKILL"),
    async revive() {
      point = await startDecisions(folder, places, proxy.example);
    },
    close,
  };
}
