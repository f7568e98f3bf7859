/** W14 and W15: many sessions due for new tokens at once, and a Redis or a provider that stops answering. */
import { Agent, get } from "node:http";
import path from "node:path";
import type { Bench } from "../bench.ts";
import { constantRate } from "../constant-rate.ts";
import type { Measurement, Result, Row } from "../measurement.ts";
import { COOKIE_NAME, cookieHeader, HYDRA, sessionValue } from "../mint/cookie.ts";
import { type Ticket, ticket } from "../mint/ticket.ts";
import { requestText, writeRequests } from "../requests.ts";
import type { Subject, SubjectName } from "../subjects.ts";
import { bearerToken } from "../tokens.ts";
import { AUTH } from "./closed-loop.ts";
import { startRedis, storeTickets } from "./other-decisions.ts";

const BOTH: readonly SubjectName[] = ["ours", "oauth2-proxy"];
const SESSIONS = 200;
const AT_ONCE = 50;

/** Users of their own for each subject: a refresh token that was used is worth nothing. */
let users = 1_000_000;

/** A session that is due for new tokens. @param age Seconds since it was stored. */
function due(user: number, { issuer }: Bench, age = 120) {
  const createdAt = Math.floor(Date.now() / 1000) - age;
  return {
    createdAt,
    expiresOn: createdAt + 3600,
    refreshToken: `rt-${String(user).padStart(7, "0")}-0`.padEnd(94, "x"),
    idToken: bearerToken(issuer, "RS256", user),
  };
}

type Store = "cookie" | "redis";

interface Storage {
  readonly flags: readonly string[];
  /** `Cookie` headers. */
  readonly cookies: readonly string[];
}

/** Sessions that are due, where the store has them. */
async function dueSessions(bench: Bench, store: Store): Promise<Storage> {
  const first = users;
  users += SESSIONS;
  const each = <T>(make: (user: number) => T): T[] =>
    Array.from({ length: SESSIONS }, (_, index) => make(first + index));
  if (store === "cookie")
    return { flags: [], cookies: each((user) => cookieHeader(sessionValue(HYDRA, user, due(user, bench)))) };
  const { url, port } = await startRedis(bench);
  const tickets: Ticket[] = each((user) => ticket(HYDRA, user, due(user, bench)));
  await storeTickets(port, tickets);
  return {
    flags: ["--session-store-type=redis", `--redis-connection-url=${url}`],
    cookies: tickets.map(({ cookie }) => `${COOKIE_NAME}=${cookie}`),
  };
}

interface Storm {
  readonly statuses: Readonly<Record<string, number>>;
  readonly refreshes: number;
  readonly reused: number;
}

const ask = (port: number, cookie: string, agent: Agent): Promise<string> =>
  new Promise((resolve) => {
    get({ host: "127.0.0.1", port, path: AUTH, headers: { Cookie: cookie }, agent }, (response) => {
      response.resume().on("end", () => resolve(String(response.statusCode)));
    }).on("error", () => resolve("broken"));
  });

async function storm(name: SubjectName, bench: Bench, store: Store, delay: number): Promise<Storm> {
  const { flags, cookies } = await dueSessions(bench, store);
  const subject = await bench.start(name, ["--cookie-refresh=1m", ...flags]);
  await fetch(`${bench.issuer}/delay?ms=${delay}`);
  const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
  const asked = cookies.flatMap((cookie) =>
    Array.from({ length: AT_ONCE }, () => ask(subject.port, cookie, agent)),
  );
  const statuses: Record<string, number> = {};
  for (const status of await Promise.all(asked)) statuses[status] = (statuses[status] ?? 0) + 1;
  agent.destroy();
  const counts = (await (await fetch(`${bench.issuer}/counts`)).json()) as Omit<Storm, "statuses">;
  await fetch(`${bench.issuer}/delay?ms=0`);
  await subject.close();
  return { statuses, ...counts };
}

async function storms(bench: Bench): Promise<Result> {
  const rows: Row[] = [];
  const raw: Record<string, unknown> = {};
  for (const store of ["cookie", "redis"] as const) {
    for (const delay of bench.effort.quick ? [50] : [50, 2000]) {
      const found: Partial<Record<SubjectName, Storm>> = {};
      for (const name of BOTH) found[name] = await storm(name, bench, store, delay);
      raw[`${store}, ${delay} ms`] = found;
      rows.push(...stormRows(`W14 ${store}, provider takes ${delay} ms`, found));
    }
  }
  return { rows, raw };
}

function stormRows(
  label: string,
  { ours, "oauth2-proxy": upstream }: Partial<Record<SubjectName, Storm>>,
): Row[] {
  const wrong = (found: Storm | undefined) => SESSIONS * AT_ONCE - (found?.statuses["202"] ?? 0);
  return [
    {
      label: `${label}: answers that are not 202`,
      unit: "of 10,000",
      values: { ours: wrong(ours), "oauth2-proxy": wrong(upstream) },
      target: "none",
      met: wrong(ours) === 0,
    },
    {
      label: `${label}: token requests for 200 sessions`,
      unit: "requests",
      values: { ours: ours?.refreshes ?? 0, "oauth2-proxy": upstream?.refreshes ?? 0 },
      target: "200",
      met: ours?.refreshes === SESSIONS,
    },
  ];
}

/** Requests a second during an outage: what either can answer many times over. */
const RATE = 1000;

interface Outage {
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers that took the session cookie away. */
  readonly deletions: number;
  /** Sessions that are none afterwards, though their cookie was kept. */
  readonly gone: number;
}

/** Load for some seconds, in the middle of which a process is stopped. */
async function outage(
  subject: Subject,
  bench: Bench,
  cookies: readonly string[],
  hold: (held: boolean) => void,
): Promise<Outage> {
  const length = bench.effort.quick ? 5 : 10;
  const file = path.join(bench.folder, "outage.requests");
  writeRequests(file, cookies.length, (index) =>
    requestText({ target: AUTH, lines: [`Cookie: ${cookies[index]}`] }),
  );
  const asking = constantRate({
    port: subject.port,
    requests: file,
    rate: RATE,
    seconds: length + 6,
    connections: 500,
  });
  setTimeout(() => hold(true), 2500);
  setTimeout(() => hold(false), 2500 + length * 1000);
  const { statuses, deletions } = await asking;
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const agent = new Agent({ maxSockets: 8 });
  const after = await Promise.all(cookies.map((cookie) => ask(subject.port, cookie, agent)));
  return { statuses, deletions, gone: after.filter((status) => status !== "202").length };
}

async function redisOutage(name: SubjectName, bench: Bench): Promise<Outage> {
  const redis = await startRedis(bench);
  const tickets = Array.from({ length: SESSIONS }, (_, user) => ticket(HYDRA, user));
  await storeTickets(redis.port, tickets);
  const subject = await bench.start(name, [
    "--session-store-type=redis",
    `--redis-connection-url=${redis.url}`,
  ]);
  const cookies = tickets.map(({ cookie }) => `${COOKIE_NAME}=${cookie}`);
  const found = await outage(
    subject,
    bench,
    cookies,
    (held) => void redis.child.kill(held ? "SIGSTOP" : "SIGCONT"),
  );
  await subject.close();
  return found;
}

/** The sessions become due while the provider is stopped, and stay good for an hour. */
async function providerOutage(name: SubjectName, bench: Bench): Promise<Outage> {
  const first = users;
  users += SESSIONS;
  const cookies = Array.from({ length: SESSIONS }, (_, index) =>
    cookieHeader(sessionValue(HYDRA, first + index, due(first + index, bench, 55))),
  );
  const subject = await bench.start(name, ["--cookie-refresh=1m"]);
  const found = await outage(subject, bench, cookies, bench.holdProvider);
  await subject.close();
  return found;
}

function outageRow(label: string, ours: Outage, upstream: Outage): Row {
  const lost = ({ deletions, gone }: Outage) => Math.min(SESSIONS, Math.max(deletions, gone));
  return {
    label,
    unit: "sessions lost of 200, at most",
    values: { ours: lost(ours), "oauth2-proxy": lost(upstream) },
    target: "none",
    met: lost(ours) === 0,
    note: `answers: ours ${JSON.stringify(ours.statuses)}, oauth2-proxy ${JSON.stringify(upstream.statuses)}`,
  };
}

async function outages(bench: Bench): Promise<Result> {
  const redis = {
    ours: await redisOutage("ours", bench),
    upstream: await redisOutage("oauth2-proxy", bench),
  };
  const provider = {
    ours: await providerOutage("ours", bench),
    upstream: await providerOutage("oauth2-proxy", bench),
  };
  return {
    rows: [
      outageRow("W15: Redis stops answering", redis.ours, redis.upstream),
      outageRow("W15: the provider stops answering", provider.ours, provider.upstream),
    ],
    raw: { redis, provider },
  };
}

/** The measurements. */
export const FAULTS: readonly Measurement[] = [
  {
    id: "W14",
    about: "200 sessions due at once, 50 requests each, refresh tokens of one use",
    quick: false,
    run: storms,
  },
  {
    id: "W15",
    about: "outages of Redis and of the provider under 1,000 requests a second",
    quick: false,
    run: outages,
  },
];
