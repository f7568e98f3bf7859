import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import type { ModelHost } from "../controller/model-host.ts";
import type { Store } from "../controller/store.ts";
import type { Gateways } from "../network/gateways.ts";
import { type Caller, checkAccess } from "./access.ts";
import { createServerCertificate, type ServerCertificate } from "./certificates.ts";
import { ApiStatus, notFound } from "./errors.ts";
import { isObject, type JsonObject } from "./merge.ts";
import { ModelObjects, type Payload } from "./model-objects.ts";
import { route } from "./route.ts";

export interface KubernetesApiOptions {
  readonly store: Store;
  readonly gateways: Gateways;
  readonly onFault: (error: unknown) => void;
}

const PORT = 6443;
const MAX_BODY = 4 * 1024 * 1024;

/**
 * The few Kubernetes objects that charms touch, over https: Services, ConfigMaps and the StatefulSets of
 * applications. Callers are the applications' service accounts, with the rights Juju gives them.
 */
export class KubernetesApi {
  readonly #options: KubernetesApiOptions;
  readonly #models = new Map<string, ModelObjects>();
  readonly #hosts = new Map<string, ModelHost>();
  readonly #callers = new Map<string, Omit<Caller, "trusted">>();
  #server: Server | undefined;
  #certificate: ServerCertificate | undefined;
  #host = "";

  constructor(options: KubernetesApiOptions) {
    this.#options = options;
  }

  get host(): string {
    return this.#host;
  }

  get port(): number {
    const bound = this.#server?.address();
    return bound !== null && typeof bound === "object" ? bound.port : 0;
  }

  /** Certificate of its authority, PEM. */
  get authority(): string {
    return this.#certificate?.authority ?? "";
  }

  async listen(host: string): Promise<void> {
    this.#host = host;
    this.#certificate = await this.#kept(host);
    const { certificate, key } = this.#certificate;
    this.#server = createServer({ cert: certificate, key }, (request, response) => {
      this.#serve(request, response).catch(this.#options.onFault);
    });
    try {
      await listening(this.#server, host, PORT);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      await listening(this.#server, host, 0);
    }
  }

  /** Publishes again what was published. @throws {LocalError} `ERR_PORT_IN_USE` */
  async resume(): Promise<void> {
    for (const objects of this.#models.values()) await objects.resume();
  }

  serve(host: ModelHost): void {
    this.#hosts.set(host.name, host);
    this.#models.set(host.name, new ModelObjects(host, this.#options));
  }

  async forget(model: string): Promise<void> {
    await this.#models.get(model)?.withdraw();
    this.#models.delete(model);
    this.#hosts.delete(model);
  }

  /** Removes what belongs to applications that are gone. */
  async sweep(): Promise<void> {
    for (const objects of this.#models.values()) await objects.sweep();
  }

  /** Writes `token`, `ca.crt` and `namespace`, as Kubernetes mounts them. */
  placeServiceAccount(model: string, application: string, folder: string): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const token = this.#token(model, application);
    for (const [name, text] of Object.entries({ token, "ca.crt": this.authority, namespace: model })) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server?.closeAllConnections();
      if (this.#server?.listening) this.#server.close(() => resolve());
      else resolve();
    });
  }

  #token(model: string, application: string): string {
    const key = `token/${model}/${application}`;
    const known = this.#options.store.meta(key);
    const token = known ?? randomBytes(32).toString("base64url");
    if (known === undefined) this.#options.store.setMeta(key, token);
    this.#callers.set(token, { model, application });
    return token;
  }

  async #kept(host: string): Promise<ServerCertificate> {
    const known = this.#options.store.meta("kubernetes-certificate");
    if (known !== undefined) return JSON.parse(known) as ServerCertificate;
    const made = await createServerCertificate(host, Date.now());
    this.#options.store.setMeta("kubernetes-certificate", JSON.stringify(made));
    return made;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, object } = await this.#answer(request);
      send(response, status, object);
    } catch (error) {
      if (!(error instanceof ApiStatus)) this.#options.onFault(error);
      const message = error instanceof Error ? error.message : String(error);
      const status = error instanceof ApiStatus ? error : new ApiStatus(500, "InternalError", message);
      send(response, status.status, status.toJSON());
    }
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; object: JsonObject }> {
    const url = new URL(request.url ?? "/", "https://kubernetes");
    const caller = this.#caller(request);
    const target = route(request.method ?? "GET", url.pathname);
    const objects = this.#models.get(target.namespace);
    const existed = objects?.exists(target) ?? true;
    checkAccess(caller, target, existed);
    if (!objects) throw notFound(`namespaces "${target.namespace}"`);
    const payload: Payload = {
      body: await readBody(request),
      contentType: (request.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "",
      fieldManager: url.searchParams.get("fieldManager") ?? "",
    };
    const object = await objects.answer(target, payload);
    const made = target.verb === "create" || (target.verb === "patch" && !existed);
    return { status: made ? 201 : 200, object };
  }

  #caller(request: IncomingMessage): Caller {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const found = this.#callers.get(token);
    const app = found && this.#hosts.get(found.model)?.model.state.applications[found.application];
    if (!found || !app) throw new ApiStatus(401, "Unauthorized", "Unauthorized");
    return { ...found, trusted: app.trust };
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new ApiStatus(413, "RequestEntityTooLarge", "limit is 4 MiB");
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (text.trim() === "") return {};
  const value = await parseText(text);
  if (!isObject(value)) throw new ApiStatus(400, "BadRequest", "the object provided is unrecognized");
  return value;
}

/** JSON, or the YAML that server-side apply also takes. */
async function parseText(text: string): Promise<unknown> {
  const { parse, YAMLError } = await import("yaml");
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLError)) throw error;
    throw new ApiStatus(400, "BadRequest", `error parsing the body: ${error.message}`);
  }
}

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
