/**
 * The OpenID provider: found when it is there, looked for again while it is not. Sessions do not need it once they exist.
 *
 * @see OpenID Connect Discovery 1.0; RFC 9700 (security best current practice)
 */
import { readFileSync } from "node:fs";
import * as client from "openid-client";
import type { Settings } from "../settings.ts";
import { boundedFetch } from "./fetch.ts";

/** Seconds for one answer of the provider. */
const TIMEOUT = 10;

/** Milliseconds between attempts to find the provider: the first, and the longest. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 15_000;

/** `unconfigured`: no issuer is set. `unreachable`: not found yet. */
export type ProviderState = "unconfigured" | "unreachable" | "ready";

/** Told about each change and failure; never with secrets. */
export interface ProviderListener {
  found(issuer: string): void;
  failed(issuer: string, reason: string): void;
}

/** What went wrong, as words for the log: the codes along the chain of causes, never messages, which may quote what was sent. */
export function reasonOf(error: unknown): string {
  const words = new Set<string>();
  let link: unknown = error;
  for (let depth = 0; depth < 5 && typeof link === "object" && link !== null; depth++) {
    const { code, error: oauth, cause } = link as { code?: unknown; error?: unknown; cause?: unknown };
    for (const word of [code, oauth]) if (typeof word === "string") words.add(word);
    link = cause;
  }
  const name = error instanceof Error ? error.name : "unknown";
  return [...(words.size > 0 ? words : [name])].join(" ").slice(0, 200);
}

/** Looks for the provider and keeps what it said. */
export class Provider {
  readonly #settings: Settings;
  readonly #listener: ProviderListener;
  #configuration: client.Configuration | undefined;
  #attempt: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wait = FIRST_WAIT;
  #closed = false;

  constructor(settings: Settings, listener: ProviderListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  get state(): ProviderState {
    if (this.#settings.options.oidc_issuer_url === "") return "unconfigured";
    return this.#configuration === undefined ? "unreachable" : "ready";
  }

  /** Name of the provider for people. */
  get displayName(): string {
    return this.#settings.options.provider_display_name || "OpenID Connect";
  }

  /** Endpoints and client, when the provider was found. */
  get configuration(): client.Configuration | undefined {
    return this.#configuration;
  }

  /** Looks for the provider until it is found. Settles after the first attempt, whatever its result. */
  start(): Promise<void> {
    if (this.state !== "unreachable" || this.#closed) return Promise.resolve();
    clearTimeout(this.#timer);
    this.#attempt ??= this.#discover().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  /** Stops looking. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #discover(): Promise<void> {
    const issuer = this.#settings.options.oidc_issuer_url;
    try {
      this.#configuration = await discover(this.#settings);
      this.#listener.found(issuer);
    } catch (error) {
      this.#listener.failed(issuer, reasonOf(error));
      if (this.#closed) return;
      this.#timer = setTimeout(() => void this.start(), this.#wait).unref();
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    }
  }
}

function secretOf(settings: Settings): string {
  const { client_secret, client_secret_file } = settings.options;
  return client_secret === ""
    ? readFileSync(client_secret_file, "utf8").replace(/[\r\n]+$/, "")
    : client_secret;
}

/** The way of showing the secret that the provider takes; Basic where it has the choice. */
function authentication(methods: readonly string[] | undefined, secret: string): client.ClientAuth {
  const basic = methods === undefined || methods.includes("client_secret_basic");
  return basic ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret);
}

/** Discovers the provider. ID tokens are verified by signature also when they come over TLS. */
async function discover(settings: Settings): Promise<client.Configuration> {
  const { oidc_issuer_url, client_id } = settings.options;
  const setUp = [
    client.enableNonRepudiationChecks,
    ...(oidc_issuer_url.startsWith("http:") ? [client.allowInsecureRequests] : []),
  ];
  const found = await client.discovery(new URL(oidc_issuer_url), client_id, undefined, client.None(), {
    timeout: TIMEOUT,
    execute: setUp,
    [client.customFetch]: (url, options) => boundedFetch(url, options as RequestInit),
  });
  const server = { ...found.serverMetadata() };
  const secret = secretOf(settings);
  const configuration = new client.Configuration(
    server,
    client_id,
    { client_secret: secret },
    authentication(server.token_endpoint_auth_methods_supported, secret),
  );
  configuration.timeout = TIMEOUT;
  configuration[client.customFetch] = (url, options) => boundedFetch(url, options as RequestInit);
  for (const step of setUp) step(configuration);
  return configuration;
}
