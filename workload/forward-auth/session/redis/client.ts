import type { RedisPlan } from "./plan.ts";

/** Milliseconds for a connection to come up. */
const CONNECT = 2000;

/** Longest pause between attempts to connect, in milliseconds. */
const MOST_PAUSE = 2000;

/** The commands that sessions need. */
export interface RedisCommands {
  get(key: string): Promise<Buffer | null>;
  set(key: string, value: Buffer | string, life: number): Promise<unknown>;
  /** True when there was none. */
  setIfAbsent(key: string, value: string, life: number): Promise<boolean>;
  delete(key: string): Promise<unknown>;
  run(script: string, key: string, args: readonly (Buffer | string)[]): Promise<unknown>;
}

/** A client that connects, and connects again when the connection is lost. */
export interface RedisClient {
  readonly commands: RedisCommands;
  /** Settles when it is connected for the first time; rejects when that failed for good. */
  connect(): Promise<unknown>;
  /** Drops the connection; what is under way is rejected. */
  destroy(): void;
}

/** Commands travel on one connection, one behind the other, without waiting for answers. While it is down they fail at once. */
const COMMON = { disableOfflineQueue: true, maintNotifications: "disabled" } as const;

/** The protocol that every server speaks, before Redis 6 and behind proxies as well. */
const RESP = 2;

/** node-redis, which is loaded when the first client connects: it is large, and most sessions are in cookies. */
type NodeRedis = typeof import("./library.ts");

const reconnectStrategy = (retries: number): number =>
  Math.min(50 * 2 ** Math.min(retries, 6), MOST_PAUSE) + Math.floor(Math.random() * 100);

/** What the clients of node-redis have in common, as far as it is used here. */
interface Library {
  withTypeMapping(mapping: Readonly<Record<number, typeof Buffer>>): { get(key: string): Promise<unknown> };
  set(key: string, value: Buffer | string, options: Record<string, unknown>): Promise<unknown>;
  del(key: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: (Buffer | string)[] }): Promise<unknown>;
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: "error", listener: (error: Error) => void): unknown;
}

function createLibrary({ createClient, createCluster, createSentinel }: NodeRedis, plan: RedisPlan): Library {
  const [first] = plan.addresses;
  const login = {
    ...(plan.username === "" ? {} : { username: plan.username }),
    ...(plan.password === "" ? {} : { password: plan.password }),
  };
  const secure =
    plan.tls === undefined
      ? {}
      : {
          tls: true as const,
          rejectUnauthorized: plan.tls.verify,
          ...(plan.tls.ca === undefined ? {} : { ca: [...plan.tls.ca] }),
        };
  const socket = { connectTimeout: CONNECT, reconnectStrategy, ...secure };
  const alive = plan.keepAlive === 0 ? {} : { pingInterval: plan.keepAlive };
  const node = { ...COMMON, ...login, ...alive, socket };
  switch (plan.kind) {
    case "sentinel":
      return createSentinel({
        RESP,
        name: plan.master,
        sentinelRootNodes: plan.addresses.map(({ host = "", port }) => ({ host, port })),
        nodeClientOptions: { ...node, database: plan.database },
        sentinelClientOptions: {
          ...(plan.sentinelPassword === "" ? {} : { password: plan.sentinelPassword }),
          socket: { connectTimeout: CONNECT, ...secure },
        },
        reserveClient: true,
        scanInterval: 5000,
      }) as unknown as Library;
    case "cluster":
      return createCluster({
        RESP,
        rootNodes: plan.addresses.map(({ host = "", port }) => ({ socket: { host, port, ...socket } })),
        defaults: node,
      }) as unknown as Library;
    case "one": {
      const place =
        first.path === undefined ? { host: first.host ?? "", port: first.port } : { path: first.path };
      return createClient({
        RESP,
        ...node,
        database: plan.database,
        socket: { ...socket, ...place } as never,
      }) as unknown as Library;
    }
  }
}

/** The commands, by a library's client. */
function commandsOf(library: Library, { RESP_TYPES }: NodeRedis): RedisCommands {
  // Answers as bytes: records are no text.
  const reader = library.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    get: (key) => reader.get(key) as Promise<Buffer | null>,
    set: (key, value, life) => library.set(key, value, { PX: Math.max(1, Math.round(life)) }),
    setIfAbsent: async (key, value, life) => (await library.set(key, value, { PX: life, NX: true })) !== null,
    delete: (key) => library.del(key),
    run: (script, key, args) => library.eval(script, { keys: [key], arguments: [...args] }),
  };
}

/** A client for the plan; it does nothing before `connect`. */
export function createRedisClient(plan: RedisPlan, failed: (error: Error) => void): RedisClient {
  let [library, commands]: [Library?, RedisCommands?] = [];
  let destroyed = false;
  return {
    get commands() {
      if (commands === undefined) throw new Error("Cannot ask Redis: the client is not connected");
      return commands;
    },
    async connect() {
      if (library === undefined) {
        const redis = await import("./library.ts");
        library = createLibrary(redis, plan);
        library.on("error", failed);
        commands = commandsOf(library, redis);
      }
      if (destroyed) throw new Error("Cannot connect to Redis: the client was destroyed");
      return library.connect();
    },
    destroy() {
      destroyed = true;
      library?.destroy();
    },
  };
}
