/** The session store as it answers now. */
import { masked } from "../options/faults.ts";
import { RedisConnection } from "../session/redis/connection.ts";
import { RedisKeeper } from "../session/redis/keeper.ts";
import { redisPlan } from "../session/redis/plan.ts";
import { StoreUnavailableError } from "../session/store.ts";
import type { Settings } from "../settings.ts";
import { type Finding, Findings } from "./finding.ts";

/** What to do about an answer of Redis, or about none. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/NOAUTH|WRONGPASS|NOPERM/, "look at redis_username and redis_password, and at what that user may do"],
  [/READONLY|MASTERDOWN|CLUSTERDOWN/, "this server takes no records now: name the one that does"],
];
const NOBODY = "look at the address, and whether Redis runs and can be reached from here";

/** Writes, reads and removes one record, where sessions are kept in Redis. */
export async function checkStore(settings: Settings): Promise<readonly Finding[]> {
  const { options } = settings;
  if (options.session_store_type !== "redis") return [];
  const findings = new Findings("sessions");
  const key = options.redis_use_sentinel
    ? "redis_sentinel_connection_urls"
    : options.redis_use_cluster
      ? "redis_cluster_connection_urls"
      : "redis_connection_url";
  const place = masked([options[key]].flat().join(", "));
  const keeper = new RedisKeeper(
    new RedisConnection(redisPlan(settings), { connected: () => {}, lost: () => {} }),
    options.cookie_name,
  );
  try {
    await keeper.check();
    findings.ok(`Redis at ${place} keeps what is written`);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    const reason = error.message.replace(/^[^:]*: /, "");
    const [, fix = NOBODY] = REMEDIES.find(([pattern]) => pattern.test(reason)) ?? [];
    findings.problem(`Redis at ${place} keeps no sessions: ${reason}`, { option: key, fix });
  } finally {
    keeper.close();
  }
  return findings.list;
}
