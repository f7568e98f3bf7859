/** W6 to W9, and connections that are used once: decisions from tickets, tokens, paths, and none at all. */
import type { ChildProcess } from "node:child_process";
import path from "node:path";
import { createClient } from "redis";
import { freePort } from "../../../../test/peers/oauth2-proxy.ts";
import type { Bench } from "../bench.ts";
import type { Measurement } from "../measurement.ts";
import { COOKIE_NAME, cookieHeader, HYDRA, sessionValue } from "../mint/cookie.ts";
import { type Ticket, ticket } from "../mint/ticket.ts";
import { requestText } from "../requests.ts";
import { NODE } from "../subjects.ts";
import { bearerToken } from "../tokens.ts";
import { AUTH, type ClosedLoop, closedLoop } from "./closed-loop.ts";

const SESSIONS = 10_000;

/** The real program passes over variables that it does not know. */
const NO_CACHE = { OAUTH2_PROXY_DECISION_CACHE_TTL: "0" };

/** A running Redis. */
export interface BenchRedis {
  readonly url: string;
  /** Its own port, without the delay. */
  readonly port: number;
  readonly child: ChildProcess;
}

/** A Redis of its own on the generator's core, reached at once or after a millisecond. */
export async function startRedis(bench: Bench, delayed = false): Promise<BenchRedis> {
  const port = await freePort();
  const options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", bench.folder];
  const child = bench.spawn("redis-server", ["--port", String(port), ...options]);
  if (!delayed) return { url: `redis://127.0.0.1:${port}`, port, child };
  const front = await freePort();
  const [node = process.execPath, ...nodeOptions] = NODE;
  const script = path.join(import.meta.dirname, "..", "delay.ts");
  bench.spawn(node, [...nodeOptions, script, String(front), String(port)]);
  return { url: `redis://127.0.0.1:${front}`, port, child };
}

/** Puts sessions into a Redis. */
export async function storeTickets(port: number, tickets: readonly Ticket[]): Promise<void> {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: () => 20 } });
  client.on("error", () => undefined);
  await client.connect();
  await Promise.all(tickets.map(({ key, value }) => client.set(key, value, { EX: 86_400 })));
  client.destroy();
}

/** Tickets by sitting, so that requests and Redis agree. */
const tickets = new WeakMap<Bench, readonly Ticket[]>();

function ticketsOf(bench: Bench): readonly Ticket[] {
  const known = tickets.get(bench) ?? Array.from({ length: SESSIONS }, (_, user) => ticket(HYDRA, user));
  tickets.set(bench, known);
  return known;
}

const redis = (
  id: string,
  about: string,
  delayed: boolean,
  more: readonly string[],
  ratio: number,
): ClosedLoop => ({
  id,
  about: `${SESSIONS.toLocaleString("en")} sessions in Redis, ${about}`,
  quick: false,
  async flags(bench) {
    const { url, port } = await startRedis(bench, delayed);
    await storeTickets(port, ticketsOf(bench));
    return ["--session-store-type=redis", `--redis-connection-url=${url}`, ...more];
  },
  count: () => SESSIONS,
  order: "uniform",
  request: (index, bench) =>
    requestText({ target: AUTH, lines: [`Cookie: ${COOKIE_NAME}=${ticketsOf(bench)[index]?.cookie}`] }),
  expected: { 202: 1 },
  subjects: ["ours", "oauth2-proxy"],
  ratio,
});

const bearer = (algorithm: "RS256" | "ES256", count: number, quick: boolean): ClosedLoop => ({
  id: `W7 ${algorithm}`,
  about: `${count.toLocaleString("en")} bearer token${count === 1 ? "" : "s"}`,
  quick,
  flags: () => ["--skip-jwt-bearer-tokens", `--oidc-enabled-signing-alg=${algorithm}`],
  count: () => count,
  order: "uniform",
  request: (index, { issuer }) =>
    requestText({ target: AUTH, lines: [`Authorization: Bearer ${bearerToken(issuer, algorithm, index)}`] }),
  expected: { 202: 1 },
  subjects: ["ours", "oauth2-proxy"],
  ratio: 2,
});

const openPaths = (count: number): ClosedLoop => ({
  id: "W8",
  about: `path without login, the last of ${count} expression${count === 1 ? "" : "s"}`,
  quick: false,
  flags: () =>
    Array.from({ length: count }, (_, index) => `--skip-auth-route=GET=^/public-${index}/[a-z]+/\\d+$`),
  count: () => 1000,
  request: (index) =>
    requestText({ target: AUTH, lines: [`X-Forwarded-Uri: /public-${count - 1}/item/${index}`] }),
  expected: { 202: 1 },
  subjects: ["ours", "oauth2-proxy"],
});

const WORKLOADS: readonly ClosedLoop[] = [
  redis("W6", "on the same machine", false, [], 2),
  redis("W6 1 ms", "a millisecond away", true, [], 2),
  {
    ...redis("W6 no cache", "on the same machine, decision_cache_ttl 0", false, [], 1),
    environment: NO_CACHE,
  },
  bearer("RS256", 1, true),
  bearer("RS256", 10_000, false),
  bearer("ES256", 1, false),
  openPaths(1),
  openPaths(100),
  {
    id: "W9",
    about: "nobody signed in at the root, 302 with state and CSRF cookie",
    flags: () => ["--skip-provider-button"],
    count: () => 1,
    request: () => requestText({ target: "/app?x=1", lines: ["Accept: text/html"] }),
    expected: { 302: 1 },
    subjects: ["ours", "oauth2-proxy"],
    ratio: 2,
  },
  {
    id: "churn",
    about: "W2 with a new connection for every request",
    quick: false,
    count: () => 1,
    request: (index) =>
      requestText({
        target: AUTH,
        lines: [`Cookie: ${cookieHeader(sessionValue(HYDRA, index))}`, "Connection: close"],
      }),
    expected: { 202: 1 },
    subjects: ["ours", "oauth2-proxy"],
  },
];

/** The measurements. */
export const OTHER_DECISIONS: readonly Measurement[] = WORKLOADS.map(closedLoop);
