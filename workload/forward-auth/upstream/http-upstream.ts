/** Upstreams that speak HTTP: over TCP, TLS or a Unix socket. Bodies stream both ways, nothing is kept. */
import { isIP } from "node:net";
import { buildConnector, Pool } from "undici";
import type { UpstreamSettings } from "../options/structure.ts";
import { Forwarding } from "./forwarding.ts";
import type { Passed } from "./passed.ts";
import type { UpstreamHeaders } from "./request-headers.ts";
import { upgradeTo } from "./upgrade.ts";

/** Milliseconds for a connection to an upstream. */
const CONNECT_TIMEOUT = 30_000;

/** Bytes of an answer's headers. */
const MOST_HEADERS = 256 * 1024;

/** Milliseconds that an idle connection to an upstream is kept; shorter than common servers keep it. */
const IDLE = 4000;

/** Where an HTTP upstream is. */
export interface Origin {
  readonly secure: boolean;
  /** Name or address, without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** As in a `Host` header. */
  readonly host: string;
  /** Path of a Unix socket; then the rest says nothing. */
  readonly socketPath: string | undefined;
  readonly insecureSkipTlsVerify: boolean;
}

/**
 * Reads an upstream's URI: `http://host`, `https://host:8443`, `unix:///run/app.sock`. A path of an HTTP URL is not used: the
 * upstream sees the request's own.
 *
 * @throws {RangeError} When it is none of these.
 */
export function readOrigin({ uri, insecureSkipTlsVerify }: UpstreamSettings): Origin {
  const unix = /^unix:(?:\/\/)?(\/.*)$/i.exec(uri)?.[1];
  if (unix !== undefined) {
    const host = "localhost";
    return { secure: false, hostname: host, port: 80, host, socketPath: unix, insecureSkipTlsVerify };
  }
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "")
    throw new RangeError(`Cannot read upstream "${uri}": should be an http, https, unix or file URL`);
  const secure = url.protocol === "https:";
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  return { secure, hostname, port, host: url.host, socketPath: undefined, insecureSkipTlsVerify };
}

/** An upstream, with its connections. */
export class HttpUpstream {
  readonly settings: UpstreamSettings;
  readonly origin: Origin;
  readonly #pool: Pool;

  /** @throws {RangeError} When the URI is none. */
  constructor(settings: UpstreamSettings) {
    this.settings = settings;
    this.origin = readOrigin(settings);
    this.#pool = createPool(settings, this.origin);
  }

  /** What goes into the `Host` header; undefined when the client's stays. */
  get host(): string | undefined {
    return this.settings.passHostHeader ? undefined : this.origin.host;
  }

  /** Hands a request over; the answer goes to the client as it comes. */
  forward(passed: Passed, target: string, headers: UpstreamHeaders, body?: Buffer): void {
    if (passed.upgrade !== undefined) {
      upgradeTo(this, passed, passed.upgrade, target, headers.flat);
      return;
    }
    new Forwarding(this.#pool, passed, {
      target,
      headers,
      timeout: this.settings.timeout,
      body,
      host: this.origin.hostname,
    }).start();
  }

  /** Takes no more requests, and ends the connections when those under way have ended. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function createPool(settings: UpstreamSettings, origin: Origin): Pool {
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT,
    rejectUnauthorized: !settings.insecureSkipTlsVerify,
    ALPNProtocols: ["http/1.1"],
    ...(origin.socketPath === undefined ? {} : { socketPath: origin.socketPath }),
  });
  // The certificate is that of the configured host, whatever Host header goes through the connection.
  const servername = isIP(origin.hostname) === 0 ? origin.hostname : "";
  return new Pool(`${origin.secure ? "https" : "http"}://${origin.host}`, {
    connect: (options, callback) => connect({ ...options, servername }, callback),
    pipelining: settings.disableKeepAlives ? 0 : 1,
    keepAliveTimeout: IDLE,
    keepAliveMaxTimeout: IDLE,
    maxHeaderSize: MOST_HEADERS,
    bodyTimeout: 0,
    headersTimeout: settings.timeout,
    allowH2: false,
  });
}
