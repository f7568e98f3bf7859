import { readFileSync } from "node:fs";
import tls from "node:tls";
import type { Settings } from "../../settings.ts";
import { type RedisAddress, redisAddress } from "./address.ts";

/** How Redis is reached. */
export interface RedisPlan {
  /** `one`: a server. `sentinel`: a server that sentinels name. `cluster`: several, each with some of the keys. */
  readonly kind: "one" | "sentinel" | "cluster";
  /** The server, the sentinels, or some nodes of the cluster; at least one. */
  readonly addresses: readonly [RedisAddress, ...RedisAddress[]];
  readonly username: string;
  readonly password: string;
  readonly database: number;
  /** Name of the master set. */
  readonly master: string;
  readonly sentinelPassword: string;
  /** Undefined: no TLS. */
  readonly tls: { readonly ca: readonly string[] | undefined; readonly verify: boolean } | undefined;
  /** Milliseconds between signs of life on an idle connection; 0: none. */
  readonly keepAlive: number;
}

type Options = Settings["options"];

function kindOf(options: Options): RedisPlan["kind"] {
  return options.redis_use_sentinel ? "sentinel" : options.redis_use_cluster ? "cluster" : "one";
}

/** The URLs that count for the kind, and the option that they are in. */
function redisUrls(options: Options): {
  readonly key: "redis_connection_url" | "redis_sentinel_connection_urls" | "redis_cluster_connection_urls";
  readonly urls: readonly string[];
} {
  switch (kindOf(options)) {
    case "sentinel":
      return { key: "redis_sentinel_connection_urls", urls: options.redis_sentinel_connection_urls };
    case "cluster":
      return { key: "redis_cluster_connection_urls", urls: options.redis_cluster_connection_urls };
    case "one":
      return { key: "redis_connection_url", urls: [options.redis_connection_url] };
  }
}

/** CAs of the process, and those of a file beside them. */
function authorities(file: string): readonly string[] | undefined {
  if (file === "") return undefined;
  return [...tls.getCACertificates("default"), readFileSync(file, "utf8")];
}

/**
 * Reads how Redis is reached. As in oauth2-proxy, of several URLs the last one tells user, password and TLS; the options for
 * user and password win over URLs.
 *
 * @throws {RangeError} When a URL cannot be read, or there is none.
 * @throws {Error} When the CA file cannot be read.
 */
export function redisPlan({ options }: Pick<Settings, "options">): RedisPlan {
  const { key, urls } = redisUrls(options);
  const [first, ...others] = urls.map(redisAddress);
  if (first === undefined) throw new RangeError(`Cannot reach Redis: ${key} should name a server`);
  const last = others.at(-1) ?? first;
  return {
    kind: kindOf(options),
    addresses: [first, ...others],
    username: options.redis_username || last.username,
    password: options.redis_password || last.password,
    database: last.database,
    master: options.redis_sentinel_master_name,
    sentinelPassword: options.redis_sentinel_password,
    tls: last.tls
      ? { ca: authorities(options.redis_ca_path), verify: !options.redis_insecure_skip_tls_verify }
      : undefined,
    keepAlive: options.redis_connection_idle_timeout * 500,
  };
}
