import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readSettings } from "../../settings.ts";
import { startTestRedis, type TestRedis } from "../../testing/redis.ts";
import { StoreUnavailableError } from "../store.ts";
import { redisAddress } from "./address.ts";
import { Breaker } from "./breaker.ts";
import { RedisConnection } from "./connection.ts";
import { LOCK_LIFE, RedisKeeper } from "./keeper.ts";
import { redisPlan } from "./plan.ts";

const plain = { host: "h", port: 6379, path: undefined, tls: false, username: "", password: "", database: 0 };

test.each([
  ["redis://h", plain],
  ["redis://h:7000/3", { ...plain, port: 7000, database: 3 }],
  ["redis://h?db=4", { ...plain, database: 4 }],
  ["redis://", { ...plain, host: "localhost" }],
  ["rediss://user:p%40ss@h", { ...plain, tls: true, username: "user", password: "p@ss" }],
  ["redis://:only@[::1]:1", { ...plain, host: "::1", port: 1, password: "only" }],
  [
    "unix:///run/redis.sock?db=2",
    { ...plain, host: undefined, port: 0, path: "/run/redis.sock", database: 2 },
  ],
  [
    "unix://user:pw@/a%20b.sock",
    { ...plain, host: undefined, port: 0, path: "/a b.sock", username: "user", password: "pw" },
  ],
])("reads %s", (text, address) => {
  expect(redisAddress(text)).toEqual(address);
});

test.each([
  "",
  "h:6379",
  "http://h",
  "redis://h/x",
  "redis://h/-1",
  "redis://h?db=x",
  "unix://",
  "redis://u:secret@h:x",
])("refuses %j, without repeating it", (text) => {
  expect(() => redisAddress(text)).toThrow(RangeError);
  expect(() => redisAddress(text)).not.toThrow("secret");
});

const plan = (variables: Readonly<Record<string, string>>) =>
  redisPlan(
    readSettings(
      {
        OAUTH2_PROXY_CLIENT_ID: "c1",
        OAUTH2_PROXY_CLIENT_SECRET: "s1",
        OAUTH2_PROXY_PROVIDER: "oidc",
        OAUTH2_PROXY_OIDC_ISSUER_URL: "https://issuer.example",
        OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
        OAUTH2_PROXY_EMAIL_DOMAINS: "*",
        OAUTH2_PROXY_SESSION_STORE_TYPE: "redis",
        ...Object.fromEntries(
          Object.entries(variables).map(([name, value]) => [`OAUTH2_PROXY_REDIS_${name}`, value]),
        ),
      },
      [],
    ),
  );

test("options win over URLs, and of several URLs the last tells user and TLS", () => {
  expect(
    plan({ CONNECTION_URL: "redis://u:p@h/2", PASSWORD: "other", CONNECTION_IDLE_TIMEOUT: "60" }),
  ).toMatchObject({
    kind: "one",
    username: "u",
    password: "other",
    database: 2,
    tls: undefined,
    keepAlive: 30_000,
  });
  const sentinels = plan({
    USE_SENTINEL: "true",
    SENTINEL_MASTER_NAME: "m",
    SENTINEL_PASSWORD: "s",
    SENTINEL_CONNECTION_URLS: "redis://x:y@a:1,rediss://u:p@b:2/5",
    INSECURE_SKIP_TLS_VERIFY: "true",
  });
  expect(sentinels).toMatchObject({
    kind: "sentinel",
    username: "u",
    password: "p",
    database: 5,
    master: "m",
    sentinelPassword: "s",
  });
  expect(sentinels.tls).toEqual({ ca: undefined, verify: false });
  expect(sentinels.addresses.map(({ host, port }) => `${host}:${port}`)).toEqual(["a:1", "b:2"]);
  expect(plan({ USE_CLUSTER: "true", CLUSTER_CONNECTION_URLS: "redis://a:1" }).kind).toBe("cluster");
});

test("a server that does not answer is left alone for a second, then asked once", () => {
  let now = 0;
  const breaker = new Breaker(() => now);
  for (let turn = 0; turn < 4; turn++) breaker.failed();
  expect(breaker.open).toBe(true);
  breaker.failed();
  expect(breaker.open).toBe(false);
  now = 1000;
  expect([breaker.open, breaker.open]).toEqual([true, false]);
  breaker.failed();
  now = 1999;
  expect(breaker.open).toBe(false);
  now = 2000;
  expect(breaker.open).toBe(true);
  breaker.succeeded();
  expect([breaker.open, breaker.open]).toEqual([true, true]);
});

describe("a connection", () => {
  let redis: TestRedis;
  let keeper: RedisKeeper;
  const told: string[] = [];

  // Else the first command's two seconds would have to do for the loading of the client too.
  beforeAll(() => import("./library.ts"));

  beforeEach(async () => {
    told.length = 0;
    redis = await startTestRedis();
    const listener = {
      connected: () => void told.push("connected"),
      lost: (reason: string) => void told.push(`lost: ${reason}`),
    };
    keeper = new RedisKeeper(
      new RedisConnection(plan({ CONNECTION_URL: redis.url }), listener),
      "_oauth2_proxy",
    );
    // On a busy machine the first connection may take longer than a command may.
    const first = () => keeper.get("nothing").then(() => "connected", String);
    await expect.poll(first).toBe("connected");
  });
  afterEach(async () => {
    keeper.close();
    await redis.close();
  });

  test("keeps records under their names, for their life", async () => {
    const bytes = Buffer.from([0, 255, 13, 10]);
    await keeper.set("_oauth2_proxy-1", bytes, 60_000);
    expect(redis.get("_oauth2_proxy-1")).toEqual(bytes);
    expect(redis.left("_oauth2_proxy-1")).toBeGreaterThan(59_000);
    expect(await keeper.get("_oauth2_proxy-1")).toEqual(bytes);
    expect(await keeper.swap("_oauth2_proxy-1", Buffer.from("x"), bytes, 1000)).toBe(false);
    expect(await keeper.swap("_oauth2_proxy-1", bytes, Buffer.from("new"), 1000)).toBe(true);
    expect(redis.left("_oauth2_proxy-1")).toBeLessThanOrEqual(1000);
    await keeper.delete("_oauth2_proxy-1");
    expect(await keeper.get("_oauth2_proxy-1")).toBeUndefined();
  });

  test("locks as oauth2-proxy does, and releases only what is its own", async () => {
    const lock = await keeper.lock("k");
    expect(redis.left("k.lock")).toBeGreaterThan(LOCK_LIFE - 1000);
    expect(await keeper.lock("k")).toBeUndefined();
    await lock?.release();
    expect(redis.get("k.lock")).toBeUndefined();
    const mine = await keeper.lock("k");
    redis.set("k.lock", Buffer.from("theirs"), 1000);
    await mine?.release();
    expect(redis.get("k.lock")?.toString()).toBe("theirs");
  });

  test("is checked by writing, reading and deleting", async () => {
    await keeper.check();
    expect(redis.keys()).toEqual([]);
  });

  test("commands travel together", async () => {
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => keeper.set(`k${index}`, Buffer.from(String(index)), 1000)),
    );
    const values = await Promise.all(Array.from({ length: 200 }, (_, index) => keeper.get(`k${index}`)));
    expect(values.map(String)).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
  });

  test("that goes silent is replaced", async () => {
    const listener = { connected: () => {}, lost: () => {} };
    const quick = new RedisKeeper(
      // As short as a busy machine allows: it counts for the new connection too.
      new RedisConnection(plan({ CONNECTION_URL: redis.url }), listener, 600),
      "x",
    );
    const put = () => quick.set("k", Buffer.from("v"), 60_000).then(() => "put");
    await expect.poll(() => put().catch(String)).toBe("put");
    redis.mute();
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => quick.get("k")));
    expect(asked.every(({ status }) => status === "rejected")).toBe(true);
    await expect.poll(() => quick.get("k").catch(() => undefined)).toEqual(Buffer.from("v"));
    quick.close();
  });

  test("that is lost is an outage, fails at once, and heals", async () => {
    await keeper.set("k", Buffer.from("v"), 60_000);
    redis.down(true);
    await expect(keeper.get("k")).rejects.toThrow(StoreUnavailableError);
    const from = performance.now();
    await Promise.allSettled(Array.from({ length: 50 }, () => keeper.get("k")));
    expect(performance.now() - from).toBeLessThan(1000);
    redis.down(false);
    await expect.poll(() => keeper.get("k").catch(() => undefined)).toEqual(Buffer.from("v"));
    expect(told[0]).toBe("connected");
    expect(told.at(-1)).toBe("connected");
    expect(told.filter((line) => line.startsWith("lost"))).toHaveLength(1);
  });
});
