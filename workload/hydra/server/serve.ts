import { createHmac } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import pino, { type Logger } from "pino";
import { admin } from "../admin/admin.ts";
import type { HydraConfig } from "../config.ts";
import { createProvider } from "../provider/provider.ts";
import { signIn } from "../provider/sign-in.ts";
import { Accounts } from "../store/accounts.ts";
import { sweep } from "../store/artifacts.ts";
import { Clients } from "../store/clients.ts";
import { openDatabase } from "../store/database.ts";

const SWEEP_MS = 10 * 60_000;

/** A running stand-in. */
export interface Running {
  readonly publicPort: number;
  readonly adminPort: number;
  close(): Promise<void>;
}

/** pino has no `panic`; the rest of Hydra's levels are pino's. */
const levels: Readonly<Record<string, string>> = { panic: "fatal", warning: "warn" };

function guarded(
  log: Logger,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): RequestListener {
  return (request, response) => {
    const started = performance.now();
    response.once("finish", () => {
      const path = request.url?.split("?")[0];
      const durationMs = Math.round(performance.now() - started);
      log.info({ method: request.method, path, status: response.statusCode, durationMs }, "request");
    });
    handle(request, response).catch((error: unknown) => {
      log.error({ err: error, path: request.url?.split("?")[0] }, "request failed");
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { "content-type": "text/plain" }).end("Internal Server Error\n");
    });
  };
}

async function listen(
  listener: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<Server> {
  const server = createServer({ maxHeaderSize: 32_768, requestTimeout: 30_000 }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host || "0.0.0.0", () => resolve());
  });
  return server;
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });

/**
 * Starts the public and the admin listener.
 *
 * @param config From {@link readConfig}; a port of 0 takes a free one.
 */
export async function serve(config: HydraConfig, options: { log?: Logger } = {}): Promise<Running> {
  const log = options.log ?? pino({ level: levels[config.log.level] ?? config.log.level, base: null });
  const database = openDatabase(config.dsn);
  const clients = new Clients(database);
  const accounts = new Accounts(database);
  const provider = await createProvider({ config, database, clients, accounts });
  provider.on("server_error", (_ctx, error) => log.error({ err: error }, "provider failed"));
  const issuer = new URL(config.urls.self.issuer);
  const secret = createHmac("sha256", config.secrets.system[0] ?? "")
    .update("form token")
    .digest("base64url");
  const callback = provider.callback();

  const publicServer = await listen(
    guarded(log, async (request, response) => {
      // URLs and cookies follow the issuer, whatever address the request came in by.
      request.headers.host = issuer.host;
      request.headers["x-forwarded-host"] = issuer.host;
      request.headers["x-forwarded-proto"] = issuer.protocol.slice(0, -1);
      if (request.url?.startsWith("/health/"))
        return admin({ database, clients, accounts, provider }, request, response);
      if (await signIn({ provider, accounts, secret }, request, response)) return;
      await callback(request, response);
    }),
    config.serve.public,
  );
  const adminServer = await listen(
    guarded(log, (request, response) => admin({ database, clients, accounts, provider }, request, response)),
    config.serve.admin,
  );
  const timer = setInterval(() => sweep(database), SWEEP_MS);
  timer.unref();
  log.info({ issuer: issuer.href }, "serving");
  return {
    publicPort: (publicServer.address() as AddressInfo).port,
    adminPort: (adminServer.address() as AddressInfo).port,
    async close() {
      clearInterval(timer);
      await Promise.all([close(publicServer), close(adminServer)]);
      database.close();
    },
  };
}
