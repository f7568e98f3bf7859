/**
 * Requests to providers: bounded in time and size, without redirects, over https unless the configuration says http, and
 * never to link-local addresses, where clouds keep their credentials.
 */
import { type LookupAddress, lookup } from "node:dns";
import { readFileSync, statSync } from "node:fs";
import type { LookupFunction } from "node:net";
import tls from "node:tls";
import { Agent, type Dispatcher, ProxyAgent, request } from "undici";
import { networks } from "../server/address.ts";
import { ProviderError, reasonOf } from "./provider.ts";
import { type ProxyOf, proxies } from "./proxies.ts";

/** Most bytes taken of an answer. */
const MOST = 1024 * 1024;

/** Milliseconds for a whole answer. */
const TIMEOUT = 10_000;

/** Milliseconds between looks at certificate files. */
const LOOK = 1000;

const FORBIDDEN = networks(["169.254.0.0/16", "0.0.0.0/8", "fe80::/10", "fd00:ec2::254", "::"]);

/** True for addresses that no provider has: link-local ones, among them the metadata services of clouds. */
export function isForbiddenAddress(address: string): boolean {
  return FORBIDDEN.has(address);
}

/** Name resolution that leaves forbidden addresses out, so that a name cannot lead to them either. */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error !== null) return callback(error, "", 0);
    const allowed = found.filter(({ address }) => !isForbiddenAddress(address));
    const first = allowed[0];
    if (first === undefined) {
      const refused = Object.assign(new Error("Cannot resolve a host: its addresses are link-local"), {
        code: "ERR_FORBIDDEN_ADDRESS",
      });
      return callback(refused, "", 0);
    }
    if (options.all === true) callback(null, allowed as unknown as string);
    else callback(null, first.address, first.family);
  });
};

/** Sent with each request; no compression, so that a small answer cannot become a large one. */
const HEADERS = { accept: "application/json", "accept-encoding": "identity", "user-agent": "charmed-iap" };

/** What a request carries. */
export interface OutgoingRequest {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer, whole. */
export interface OutgoingAnswer {
  readonly status: number;
  /** Lower case; empty when there was none. */
  readonly contentType: string;
  readonly text: string;
}

/** How a provider is reached. */
export interface OutgoingOptions {
  /** CA bundles instead of the process's own; empty: those. */
  readonly caFiles: readonly string[];
  /** Trust the process's CAs beside `caFiles`. */
  readonly useSystemTrustStore: boolean;
  /** Client certificate; empty: none. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Plain http may be used. */
  readonly insecure: boolean;
  /** Certificates are not verified. */
  readonly skipVerify?: boolean;
  /** Link-local addresses may be asked, and no proxy is: the metadata service, for credentials of our own. */
  readonly linkLocal?: true;
  /** Names the proxies; the process's own variables when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for a whole answer; 10 000 when absent. */
  readonly timeout?: number;
  /** Told about each request: how long it took, and whether there was an answer. */
  readonly asked?: (seconds: number, answered: boolean) => void;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

const stamp = (file: string): string => {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "absent" : `${found.ino} ${found.size} ${found.mtimeMs}`;
};

/** The ways that there are with the certificates of the moment: directly, and through each proxy that was needed. */
interface Ways {
  readonly direct: Dispatcher;
  readonly proxied: Map<string, Dispatcher>;
}

const everyWay = ({ direct, proxied }: Ways): readonly Dispatcher[] => [direct, ...proxied.values()];

/** The way to one provider. Certificate files are read again when they change, as are the process's CAs. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #files: readonly string[];
  readonly #proxyOf: ProxyOf;
  #ways: Ways | undefined;
  #stamps = "";
  #trusted: readonly string[] | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.#files = [...options.caFiles, options.certificateFile, options.keyFile].filter(
      (file) => file !== "",
    );
    this.#proxyOf =
      options.linkLocal === true ? () => undefined : proxies(options.environment ?? process.env);
  }

  /** True when the URL may be asked at all. */
  allows(url: string): boolean {
    if (!URL.canParse(url)) return false;
    const { protocol, hostname, username, password } = new URL(url);
    if (protocol !== "https:" && !(protocol === "http:" && this.#options.insecure)) return false;
    if (username !== "" || password !== "") return false;
    return this.#options.linkLocal === true || !isForbiddenAddress(hostname.replace(/^\[|\]$/g, ""));
  }

  /**
   * Asks.
   *
   * @throws {ProviderError} `outage`: no answer, too late, or too large; `unusable`: an address that may not be asked, or a proxy
   *   that is none.
   */
  async ask(
    url: string,
    { method = "GET", headers = {}, body }: OutgoingRequest = {},
  ): Promise<OutgoingAnswer> {
    if (!this.allows(url)) throw new ProviderError("unusable", "forbidden-address");
    const from = performance.now();
    let answered = false;
    try {
      const answer = await request(url, {
        method,
        headers: { ...HEADERS, ...headers },
        ...(body === undefined ? {} : { body }),
        dispatcher: this.#dispatcher(url),
        signal: AbortSignal.timeout(this.#options.timeout ?? TIMEOUT),
      });
      const text = await readBounded(answer.body);
      const type = answer.headers["content-type"];
      answered = true;
      return { status: answer.statusCode, contentType: String(type ?? "").toLowerCase(), text };
    } catch (error) {
      if (error instanceof ProviderError) throw error;
      throw new ProviderError("outage", reasonOf(error), { cause: error });
    } finally {
      this.#options.asked?.((performance.now() - from) / 1000, answered);
    }
  }

  close(): void {
    for (const way of this.#ways === undefined ? [] : everyWay(this.#ways)) void way.destroy();
    this.#ways = undefined;
  }

  #dispatcher(url: string): Dispatcher {
    const { direct, proxied } = this.#current();
    const proxy = this.#proxyFor(url);
    if (proxy === undefined) return direct;
    const way = proxied.get(proxy) ?? this.#createProxied(proxy);
    proxied.set(proxy, way);
    return way;
  }

  #proxyFor(url: string): string | undefined {
    try {
      return this.#proxyOf(new URL(url));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ProviderError("unusable", "bad-proxy", { cause: error });
    }
  }

  #current(): Ways {
    const now = performance.now();
    if (this.#ways !== undefined && now - this.#lookedAt < LOOK) return this.#ways;
    this.#lookedAt = now;
    const stamps = this.#files.map(stamp).join();
    const trusted = tls.getCACertificates("default");
    const same = stamps === this.#stamps && trusted === this.#trusted;
    if (this.#ways !== undefined && same) return this.#ways;
    this.#stamps = stamps;
    this.#trusted = trusted;
    for (const way of this.#ways === undefined ? [] : everyWay(this.#ways)) void way.close();
    const connect = this.#tls();
    this.#ways = {
      direct: new Agent({ connect, bodyTimeout: TIMEOUT, headersTimeout: TIMEOUT }),
      proxied: new Map(),
    };
    return this.#ways;
  }

  /** Plain http is handed to the proxy, https goes through it by CONNECT, so that it sees nothing but the host. */
  #createProxied(uri: string): Dispatcher {
    const { skipVerify } = this.#options;
    return new ProxyAgent({
      uri,
      requestTls: this.#tls(),
      proxyTls: { ...this.#authorities(), ...(skipVerify === true ? { rejectUnauthorized: false } : {}) },
      connectTimeout: TIMEOUT,
      bodyTimeout: TIMEOUT,
      headersTimeout: TIMEOUT,
    });
  }

  /** How the provider is connected to. */
  #tls() {
    const { certificateFile, keyFile, linkLocal, skipVerify } = this.#options;
    const identity =
      certificateFile === "" ? {} : { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
    return {
      ...this.#authorities(),
      ...identity,
      timeout: TIMEOUT,
      ...(skipVerify === true ? { rejectUnauthorized: false } : {}),
      ...(linkLocal === true ? {} : { lookup: guardedLookup }),
    };
  }

  /** Without files of its own a provider is verified by the process's CAs. */
  #authorities(): { readonly ca?: string[] } {
    const { caFiles, useSystemTrustStore } = this.#options;
    if (caFiles.length === 0) return {};
    const own = caFiles.flatMap((file) => readFileSync(file, "utf8").match(CERTIFICATE) ?? []);
    return { ca: useSystemTrustStore ? [...tls.getCACertificates("default"), ...own] : own };
  }
}

async function readBounded(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MOST) throw new ProviderError("outage", "answer-too-large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
