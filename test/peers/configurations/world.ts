import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { startProvider, type TestProvider } from "../../../workload/forward-auth/testing/provider.ts";
import { authority, leaf } from "../../../workload/traefik/golden/certificates.ts";
import { freePort } from "../oauth2-proxy.ts";
import { type Application, startApplication } from "../points/application.ts";
import { type RunningRedis, startRedis } from "../redis.ts";
import type { Configuration } from "./configurations.ts";
import { startContainer } from "./container.ts";
import type { Gateway } from "./gateways.ts";

const ACCOUNTS = {
  ada: { email: "ada@example.com", email_verified: true, preferred_username: "Ada", groups: ["ops", "dev"] },
  bob: { email: "bob@example.org", email_verified: true, preferred_username: "Bob" },
  eve: { email: "eve@evil.example", email_verified: true, preferred_username: "Eve" },
};

/** An answer to a request that no browser makes. */
export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
}

/** Everything that a configuration needs, as it would be in a cluster. */
export interface World {
  readonly application: Application;
  readonly provider: TestProvider;
  readonly redis: RunningRedis | undefined;
  /** Rules for Chromium: which port of 127.0.0.1 stands for a public host. */
  readonly hostRules: string;
  /** Asks the gateway for a public address. */
  ask(address: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  log(): string;
  close(): Promise<void>;
}

/** Host and port of an https address. */
const place = (address: string): string => `${new URL(address).hostname}:443`;

/** Certificates for the public names, of one authority. */
async function certificates(folder: string, names: readonly string[]) {
  const ca = await authority("Test CA");
  const pair = await leaf(ca, names[0] ?? "", names);
  const files = {
    authorities: path.join(folder, "ca.pem"),
    cert: path.join(folder, "tls.crt"),
    key: path.join(folder, "tls.key"),
  };
  await writeFile(files.authorities, ca.cert.toString("pem"));
  await writeFile(files.cert, pair.cert);
  await writeFile(files.key, pair.key);
  return { ...files, ca: ca.cert.toString("pem"), pair };
}

/** Starts a configuration behind a gateway. */
export async function startWorld(
  { container, issuer, client, callback, page, signOut, redis: wanted }: Configuration,
  gateway: Gateway,
  program: string,
): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), "configuration-"));
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const each of closing.splice(0).reverse()) await each();
  };
  try {
    const hosts = [...new Set([issuer, callback, page, signOut].map((address) => new URL(address).hostname))];
    const { authorities, cert, key, ca, pair } = await certificates(folder, hosts);
    const web = await freePort();
    const application = await startApplication();
    closing.push(() => application.close());
    // On the gateway's own host the provider is behind it; elsewhere it has its own address.
    const behind = place(issuer) === place(page);
    const provider = await startProvider({
      accounts: ACCOUNTS,
      redirectUris: [callback],
      issuer,
      client,
      ...(behind ? {} : { certificate: pair }),
    });
    closing.push(() => provider.close());
    const redis =
      wanted &&
      (await startRedis({ lines: [`requirepass ${wanted.password}`], cli: ["-a", wanted.password] }));
    if (redis !== undefined) closing.push(() => redis.close());
    const services = {
      [place(issuer)]: behind ? web : provider.port,
      ...(wanted && redis && { [wanted.service]: redis.port }),
    };
    const decisions = await freePort();
    const started = await gateway.start(program, {
      folder,
      web,
      decisions,
      application: application.port,
      provider: provider.port,
      certificate: { cert, key },
    });
    closing.push(() => started.stop("SIGTERM"));
    const running = await startContainer(container, { folder, services, authorities, decisions });
    closing.push(() => running.close());
    const ports = hosts.map((host) => [
      host,
      host === new URL(issuer).hostname && !behind ? provider.port : web,
    ]);
    return {
      application,
      provider,
      redis,
      hostRules: ports.map(([host, port]) => `MAP ${host}:443 127.0.0.1:${port}`).join(","),
      async ask(address, headers = {}) {
        const { hostname, pathname, search } = new URL(address);
        const asked = request({
          host: "127.0.0.1",
          port: web,
          path: pathname + search,
          servername: hostname,
          ca,
          agent: false,
          headers: { Host: hostname, Accept: "text/html", "Sec-Fetch-Mode": "navigate", ...headers },
        }).end();
        const [answer] = (await once(asked, "response")) as [IncomingMessage];
        answer.resume();
        return { status: answer.statusCode ?? 0, location: answer.headers.location };
      },
      log: () => `${running.log()}\n${started.output()}`,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
