/** The Redis store against real servers: each way to reach them, and what happens when they go. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { RedisConnection } from "../../workload/forward-auth/session/redis/connection.ts";
import { RedisKeeper } from "../../workload/forward-auth/session/redis/keeper.ts";
import { redisPlan } from "../../workload/forward-auth/session/redis/plan.ts";
import { StoreUnavailableError } from "../../workload/forward-auth/session/store.ts";
import { readSettings } from "../../workload/forward-auth/settings.ts";
import { freePort } from "./oauth2-proxy.ts";
import { missingRedis, type RunningRedis, readKey, startRedis } from "./redis.ts";

const missing = missingRedis();
if (missing !== undefined) test.skip(`the real Redis: ${missing}`);
const suite = missing === undefined ? describe : describe.skip;

const COMPLETE = {
  OAUTH2_PROXY_CLIENT_ID: "c1",
  OAUTH2_PROXY_CLIENT_SECRET: "s1",
  OAUTH2_PROXY_PROVIDER: "oidc",
  OAUTH2_PROXY_OIDC_ISSUER_URL: "http://127.0.0.1:9",
  OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
  OAUTH2_PROXY_EMAIL_DOMAINS: "*",
  OAUTH2_PROXY_SESSION_STORE_TYPE: "redis",
};

const started: { close(): unknown }[] = [];
const told: string[] = [];

/** A keeper with the options given as variables. */
function keeperOf(variables: Readonly<Record<string, string>>): RedisKeeper {
  const prefixed = Object.entries(variables).map(([name, value]) => [`OAUTH2_PROXY_${name}`, value]);
  const settings = readSettings({ ...COMPLETE, ...Object.fromEntries(prefixed) }, []);
  const connection = new RedisConnection(redisPlan(settings), {
    connected: () => void told.push("connected"),
    lost: (reason) => void told.push(`lost: ${reason}`),
  });
  const keeper = new RedisKeeper(connection, "_oauth2_proxy");
  started.push(keeper);
  return keeper;
}

async function server(...args: Parameters<typeof startRedis>): Promise<RunningRedis> {
  const redis = await startRedis(...args);
  started.push(redis);
  return redis;
}

afterEach(async () => {
  told.length = 0;
  for (const each of started.splice(0).reverse()) await each.close();
});

/** Everything that a keeper does, once. */
async function exercise(keeper: RedisKeeper): Promise<void> {
  const bytes = Buffer.from([0, 255, 128, 10, 13, 36]);
  await keeper.check();
  await keeper.set("k-1", bytes, 60_000);
  expect(await keeper.get("k-1")).toEqual(bytes);
  expect(await keeper.get("k-2")).toBeUndefined();
  expect(await keeper.swap("k-1", Buffer.from("other"), Buffer.from("x"), 60_000)).toBe(false);
  expect(await keeper.swap("k-1", bytes, Buffer.concat([bytes, bytes]), 60_000)).toBe(true);
  expect(await keeper.swap("k-2", bytes, bytes, 60_000)).toBe(false);
  expect(await keeper.get("k-1")).toEqual(Buffer.concat([bytes, bytes]));
  const lock = await keeper.lock("k-1");
  expect(lock).toBeDefined();
  expect(await keeper.lock("k-1")).toBeUndefined();
  await lock?.release();
  const again = await keeper.lock("k-1");
  expect(again).toBeDefined();
  await again?.release();
  await keeper.delete("k-1");
  expect(await keeper.get("k-1")).toBeUndefined();
}

suite("ways to a server", () => {
  test("redis://", async () => {
    const redis = await server();
    await exercise(keeperOf({ REDIS_CONNECTION_URL: redis.url }));
    expect(redis.cli("keys", "*")).toBe("");
  });

  test("unix://, and another database", async () => {
    const redis = await server();
    const keeper = keeperOf({ REDIS_CONNECTION_URL: `unix://${redis.socket}?db=3` });
    await exercise(keeper);
    await keeper.set("k", Buffer.from("v"), 60_000);
    expect(redis.cli("-n", "3", "get", "k")).toBe("v");
    expect(redis.cli("-n", "0", "get", "k")).toBe("");
  });

  test.each([
    ["in the URL", (url: string) => ({ REDIS_CONNECTION_URL: url.replace("//", "//app:pass%2Fword@") })],
    [
      "as options, which win",
      (url: string) => ({
        REDIS_CONNECTION_URL: url.replace("//", "//wrong:wrong@"),
        REDIS_USERNAME: "app",
        REDIS_PASSWORD: "pass/word",
      }),
    ],
  ])("user and password %s", async (_, variables) => {
    const redis = await server({ lines: ["user app on >pass/word ~* +@all"] });
    redis.cli("acl", "setuser", "default", "off");
    await exercise(keeperOf(variables(redis.url)));
  });

  test("a password that is wrong is an outage, and not told", async () => {
    const redis = await server({ lines: ["requirepass right"], cli: ["-a", "right"] });
    const keeper = keeperOf({ REDIS_CONNECTION_URL: redis.url, REDIS_PASSWORD: "a-wrong-one" });
    const error = await keeper.get("k").then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(String((error as Error).message)).not.toContain("a-wrong-one");
  });
});

suite("TLS", () => {
  const folder = missing === undefined ? mkdtempSync(path.join(tmpdir(), "iap-redis-tls-")) : "";
  const file = (name: string) => path.join(folder, name);
  let redis: RunningRedis;

  beforeAll(async () => {
    const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
    openssl(
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=ca",
      "-keyout",
      file("ca.key"),
      "-out",
      file("ca.pem"),
    );
    openssl(
      "req",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost,IP:127.0.0.1",
      "-keyout",
      file("key.pem"),
      "-out",
      file("csr.pem"),
    );
    openssl(
      "x509",
      "-req",
      "-in",
      file("csr.pem"),
      "-CA",
      file("ca.pem"),
      "-CAkey",
      file("ca.key"),
      "-copy_extensions",
      "copy",
      "-days",
      "2",
      "-out",
      file("cert.pem"),
    );
    const port = await freePort();
    redis = await startRedis({
      port,
      lines: [
        "port 0",
        `tls-port ${port}`,
        `tls-cert-file ${file("cert.pem")}`,
        `tls-key-file ${file("key.pem")}`,
        `tls-ca-cert-file ${file("ca.pem")}`,
        "tls-auth-clients no",
      ],
    });
  });
  afterAll(async () => {
    await redis?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const url = () => redis.url.replace("redis:", "rediss:").replace("127.0.0.1", "localhost");

  test("with the CA of the option", async () => {
    await exercise(keeperOf({ REDIS_CONNECTION_URL: url(), REDIS_CA_PATH: file("ca.pem") }));
  });

  test("an unknown CA is refused, unless nothing is verified", async () => {
    await expect(keeperOf({ REDIS_CONNECTION_URL: url() }).get("k")).rejects.toThrow(StoreUnavailableError);
    await exercise(keeperOf({ REDIS_CONNECTION_URL: url(), REDIS_INSECURE_SKIP_TLS_VERIFY: "true" }));
  });
});

suite("outages", () => {
  test("a server that does not answer costs two seconds at most, then nothing; it is found again", async () => {
    const redis = await server();
    const keeper = keeperOf({ REDIS_CONNECTION_URL: redis.url });
    await keeper.set("k", Buffer.from("v"), 60_000);
    redis.freeze();
    const from = performance.now();
    const failed = await Promise.allSettled(Array.from({ length: 20 }, () => keeper.get("k")));
    expect(failed.every(({ status }) => status === "rejected")).toBe(true);
    expect(performance.now() - from).toBeLessThan(3500);
    const rested = performance.now();
    await expect(keeper.get("k")).rejects.toThrow(StoreUnavailableError);
    expect(performance.now() - rested).toBeLessThan(100);
    redis.thaw();
    await expect
      .poll(() => keeper.get("k").catch(() => undefined), { timeout: 10_000 })
      .toEqual(Buffer.from("v"));
    expect(told).toEqual(["connected", expect.stringContaining("lost"), "connected"]);
  });

  test("a server that ends and comes back is found again", async () => {
    const port = await freePort();
    const first = await startRedis({ port });
    const keeper = keeperOf({ REDIS_CONNECTION_URL: first.url });
    await keeper.check();
    await first.close();
    await expect(keeper.get("k")).rejects.toThrow(StoreUnavailableError);
    await server({ port });
    await expect
      .poll(
        () =>
          keeper
            .check()
            ?.then(() => "well")
            .catch(() => "down"),
        { timeout: 15_000 },
      )
      .toBe("well");
  });

  test("a server that is not there at the start is found later", async () => {
    const port = await freePort();
    const keeper = keeperOf({ REDIS_CONNECTION_URL: `redis://127.0.0.1:${port}` });
    await expect(keeper.get("k")).rejects.toThrow(StoreUnavailableError);
    await server({ port });
    await expect
      .poll(
        () =>
          keeper
            .check()
            ?.then(() => "well")
            .catch(() => "down"),
        { timeout: 15_000 },
      )
      .toBe("well");
  });

  test("LOADING, NOAUTH, READONLY and the like are outages", async () => {
    const redis = await server();
    const keeper = keeperOf({ REDIS_CONNECTION_URL: redis.url });
    await keeper.set("k", Buffer.from("v"), 60_000);
    redis.cli("replicaof", "127.0.0.1", "9");
    await expect(keeper.set("k", Buffer.from("w"), 60_000)).rejects.toThrow("READONLY");
    redis.cli("replicaof", "no", "one");
    await expect
      .poll(
        () =>
          keeper
            .set("k", Buffer.from("x"), 60_000)
            ?.then(() => "well")
            .catch(() => "down"),
        { timeout: 10_000 },
      )
      .toBe("well");
  });
});

test.skipIf(missing !== undefined)(
  "a lock lasts as long as it is held, and runs out when its holder dies",
  async () => {
    const redis = await server();
    const keeper = keeperOf({ REDIS_CONNECTION_URL: redis.url });
    const lock = await keeper.lock("k");
    const left = Number(redis.cli("pttl", "k.lock"));
    expect(left).toBeGreaterThan(13_000);
    expect(left).toBeLessThanOrEqual(15_000);
    await new Promise((resolve) => setTimeout(resolve, 5600));
    expect(Number(redis.cli("pttl", "k.lock"))).toBeGreaterThan(13_000);
    redis.cli("set", "k.lock", "somebody-else");
    await lock?.release();
    expect(redis.cli("get", "k.lock")).toBe("somebody-else");
  },
);

test.skipIf(missing !== undefined)(
  "sentinels: the server that they name, and its successor after a failover",
  async () => {
    const master = await server();
    const replica = await server({ lines: [`replicaof 127.0.0.1 ${master.port}`] });
    const sentinels: RunningRedis[] = [];
    for (let index = 0; index < 3; index++) {
      const lines = [
        `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
        "sentinel down-after-milliseconds mymaster 1000",
        "sentinel failover-timeout mymaster 5000",
        "requirepass sentinel-pass",
        "sentinel sentinel-pass sentinel-pass",
      ];
      sentinels.push(await server({ sentinel: true, lines, cli: ["-a", "sentinel-pass"] }));
    }
    const keeper = keeperOf({
      REDIS_USE_SENTINEL: "true",
      REDIS_SENTINEL_MASTER_NAME: "mymaster",
      REDIS_SENTINEL_PASSWORD: "sentinel-pass",
      REDIS_SENTINEL_CONNECTION_URLS: sentinels.map(({ url }) => url).join(","),
    });
    await exercise(keeper);
    await keeper.set("k", Buffer.from("v"), 600_000);
    await expect.poll(() => readKey(replica.url, "k"), { timeout: 20_000 }).toEqual(Buffer.from("v"));
    await expect
      .poll(() => sentinels.map((each) => each.cli("sentinel", "ckquorum", "mymaster").slice(0, 2)).join(), {
        timeout: 20_000,
      })
      .toBe("OK,OK,OK");
    await started.splice(started.indexOf(master), 1)[0]?.close();
    const set = () =>
      keeper
        .set("k2", Buffer.from("w"), 600_000)
        ?.then(() => "well")
        .catch(() => "down");
    await expect.poll(set, { timeout: 60_000, interval: 200 }).toBe("well");
    expect(await keeper.get("k")).toEqual(Buffer.from("v"));
    expect(await readKey(replica.url, "k2")).toEqual(Buffer.from("w"));
  },
);

test.skipIf(missing !== undefined)("a cluster: each record with the node that has its name", async () => {
  const nodes: RunningRedis[] = [];
  for (let index = 0; index < 3; index++)
    nodes.push(
      await server({ lines: ["cluster-enabled yes", "requirepass p", "masterauth p"], cli: ["-a", "p"] }),
    );
  execFileSync(
    "redis-cli",
    ["-a", "p", "--cluster", "create", ...nodes.map(({ port }) => `127.0.0.1:${port}`), "--cluster-yes"],
    { stdio: "ignore" },
  );
  await expect
    .poll(() => nodes.map((node) => /cluster_state:(\w+)/.exec(node.cli("cluster", "info"))?.[1]).join(), {
      timeout: 20_000,
    })
    .toBe("ok,ok,ok");
  const keeper = keeperOf({
    REDIS_USE_CLUSTER: "true",
    REDIS_PASSWORD: "p",
    REDIS_CLUSTER_CONNECTION_URLS: nodes
      .slice(0, 2)
      .map(({ url }) => url)
      .join(","),
  });
  await exercise(keeper);
  const ids = Array.from({ length: 30 }, (_, index) => `_oauth2_proxy-${index}`);
  await Promise.all(ids.map((id) => keeper.set(id, Buffer.from(id), 60_000)));
  const counts = nodes.map((node) => Number(node.cli("dbsize")));
  expect(counts.reduce((sum, count) => sum + count)).toBe(30);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  for (const id of ids) expect((await keeper.get(id))?.toString()).toBe(id);
});
