import { redisAddress } from "../../session/redis/address.ts";
import type { Faults } from "../faults.ts";
import type { Options } from "../read.ts";
import type { OptionKey } from "../table.ts";
import { noBundle } from "./files.ts";

/** URLs of Redis. Their text is not repeated: it may hold a password. */
function checkUrls(key: OptionKey, urls: readonly string[], faults: Faults): void {
  for (const url of urls) {
    try {
      redisAddress(url);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      faults.add(key, "must be redis://, rediss:// or unix:// URLs");
    }
  }
}

function checkRedis(options: Options, faults: Faults): void {
  const { redis_use_sentinel, redis_use_cluster, redis_ca_path } = options;
  if (redis_use_sentinel && redis_use_cluster) {
    faults.add("redis_use_sentinel", "and redis_use_cluster exclude each other");
    return;
  }
  const key = redis_use_sentinel
    ? "redis_sentinel_connection_urls"
    : redis_use_cluster
      ? "redis_cluster_connection_urls"
      : "redis_connection_url";
  const urls = key === "redis_connection_url" ? [options[key]] : options[key];
  if (urls.length === 0) {
    const why = redis_use_sentinel ? "redis_use_sentinel" : "redis_use_cluster";
    faults.add(key, `must be given with ${why}`);
  }
  checkUrls(key, urls, faults);
  const reason = redis_ca_path === "" ? undefined : noBundle(redis_ca_path);
  if (reason !== undefined) faults.add("redis_ca_path", `must be a CA bundle: ${reason}`);
}

/** Where sessions are kept. */
export function checkSessions(options: Options, faults: Faults): void {
  const { session_store_type, session_format, session_tokens } = options;
  if (!["cookie", "redis", "memory"].includes(session_store_type)) {
    faults.add("session_store_type", `must be "cookie", "redis" or "memory", is "${session_store_type}"`);
  }
  if (!["", "oauth2-proxy", "sealed"].includes(session_format)) {
    faults.add("session_format", `must be "oauth2-proxy", "sealed" or empty, is "${session_format}"`);
  }
  if (!["all", "needed"].includes(session_tokens)) {
    faults.add("session_tokens", `must be "all" or "needed", is "${session_tokens}"`);
  }
  if (session_store_type === "redis") checkRedis(options, faults);
}
