import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Provider, ProviderError, type Refreshed } from "../provider/provider.ts";
import type { Providers } from "../provider/providers.ts";
import { cookieSecret } from "../session/cookie-secret.ts";
import { CookieStore } from "../session/cookie-store.ts";
import type { RecordKeeper } from "../session/keeper.ts";
import { MemoryKeeper } from "../session/memory-keeper.ts";
import { newSessionId, type Session } from "../session/session.ts";
import { type Entry, type SessionStore, StoreUnavailableError } from "../session/store.ts";
import { TicketStore } from "../session/ticket-store.ts";
import { createUpstreamFormat } from "../session/upstream-format.ts";
import { readSettings } from "../settings.ts";
import { Refresher } from "./refresh.ts";

const HOUR = 3_600_000;
const SECRET = cookieSecret("0123456789abcdef0123456789abcdef");
const settings = readSettings(
  {
    OAUTH2_PROXY_CLIENT_ID: "c1",
    OAUTH2_PROXY_CLIENT_SECRET: "s1",
    OAUTH2_PROXY_PROVIDER: "oidc",
    OAUTH2_PROXY_OIDC_ISSUER_URL: "https://issuer.example",
    OAUTH2_PROXY_COOKIE_SECRET: SECRET.text,
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    OAUTH2_PROXY_COOKIE_REFRESH: "1h",
  },
  [],
);

const common = {
  name: "_oauth2_proxy",
  attributes: () => ({ path: "/", domain: "", secure: true, httpOnly: true, sameSite: "" }),
  life: 168 * HOUR,
  maxAge: 0,
  persistent: true,
  headers: () => [],
  now: () => Date.now(),
};
const cookieStore = () =>
  new CookieStore({
    ...common,
    formats: [createUpstreamFormat({ name: common.name, secrets: [SECRET], minimal: false })],
  });
const ticketStore = (keeper: RecordKeeper) =>
  new TicketStore({ ...common, keeper, secrets: [SECRET], remember: 1000 });

/** A provider whose refresh tokens are good once. */
class RotatingProvider {
  /** Refresh tokens that were presented, in order. */
  readonly presented: string[] = [];
  readonly refreshes = true;
  good = "rt-0";
  /** Milliseconds until it answers. */
  delay = 0;
  /** Makes the next answers; undefined: as it should be. */
  faults: (ProviderError | "lost" | undefined)[] = [];
  valid: boolean | ProviderError = true;

  async refresh({ refreshToken }: Session): Promise<Refreshed | undefined> {
    if (refreshToken === undefined) return undefined;
    this.presented.push(refreshToken);
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay));
    const fault = this.faults.shift();
    if (fault instanceof ProviderError) throw fault;
    if (refreshToken !== this.good) throw new ProviderError("refused", "invalid_grant");
    this.good = `rt-${this.presented.length}`;
    if (fault === "lost") throw new ProviderError("outage", "UND_ERR_SOCKET");
    const expiresOn = Date.now() + HOUR;
    return {
      identity: undefined,
      tokens: { accessToken: "at", idToken: "", refreshToken: this.good, expiresOn },
    };
  }

  async validate(): Promise<boolean> {
    if (this.valid instanceof ProviderError) throw this.valid;
    return this.valid;
  }
}

interface Replica {
  readonly refresher: Refresher;
  readonly sessions: SessionStore;
  readonly told: string[];
}

function replica(provider: RotatingProvider, sessions: SessionStore): Replica {
  const told: string[] = [];
  const providers = { of: () => provider as unknown as Provider } as unknown as Providers;
  const listener = {
    refreshed: () => void told.push("refreshed"),
    ended: (_: Session, reason: string) => void told.push(`ended: ${reason}`),
    failed: (_: Session, reason: string) => void told.push(`failed: ${reason}`),
  };
  const refresher = new Refresher({ settings, providers, sessions, listener, now: () => Date.now() });
  return { refresher, sessions, told };
}

const old = (rest: Partial<Session> = {}): Session => ({
  id: newSessionId(),
  issuer: "",
  subject: "sub-1",
  email: "ada@example.com",
  preferredUsername: "",
  groups: [],
  createdAt: Date.now() - 2 * HOUR,
  refreshedAt: Date.now() - 2 * HOUR,
  accessToken: "at-0",
  refreshToken: "rt-0",
  ...rest,
});

/** A session in the browser: what its cookie header is. */
async function browser(sessions: SessionStore, session = old()): Promise<string> {
  const texts = await sessions.save("", sessions.entry(session), "h");
  return texts.map((text) => text.split(";", 1)[0]).join("; ");
}

/** What a request with these cookies is decided with. */
async function request({ refresher, sessions }: Replica, header: string): Promise<Entry | undefined> {
  const entry = await sessions.load(header);
  return entry === undefined || !refresher.due(entry) ? entry : refresher.refresh(entry);
}

let provider: RotatingProvider;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
  provider = new RotatingProvider();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets timers run while a promise is under way. */
async function meanwhile<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  return promise;
}

const many = (count: number, one: () => Promise<Entry | undefined>) =>
  Promise.all(Array.from({ length: count }, one));

describe.each([
  ["cookie", () => cookieStore()],
  ["ticket", () => ticketStore(new MemoryKeeper(() => Date.now()))],
])("S-18, %s store", (_, create) => {
  test.each([0, 1000, 3000])(
    "50 requests at once make one token request (provider takes %i ms)",
    async (delay) => {
      provider.delay = delay;
      const one = replica(provider, create());
      const header = await browser(one.sessions);
      const entries = await meanwhile(
        many(50, () => request(one, header)),
        delay + 10,
      );
      expect(provider.presented).toEqual(["rt-0"]);
      for (const entry of entries)
        expect(entry?.session).toMatchObject({ refreshToken: "rt-1", refreshedAt: expect.any(Number) });
      expect(one.told).toEqual(["refreshed"]);
      expect((await request(one, header))?.session.refreshToken).toBe("rt-1");
    },
  );

  test("a provider that takes 8 s costs a decision 5 s, and is heard to the end although nobody waits", async () => {
    provider.delay = 8000;
    const one = replica(provider, create());
    const header = await browser(one.sessions);
    const from = Date.now();
    const [first] = await meanwhile(
      many(1, () => request(one, header)),
      5000,
    );
    expect(Date.now() - from).toBe(5000);
    expect(first?.session.refreshToken).toBe("rt-0");
    await vi.advanceTimersByTimeAsync(3001);
    expect((await request(one, header))?.session.refreshToken).toBe("rt-1");
    expect(provider.presented).toEqual(["rt-0"]);
  });

  test("while the access token holds, others do not wait", async () => {
    provider.delay = 3000;
    const one = replica(provider, create());
    const header = await browser(one.sessions, old({ expiresOn: Date.now() + 60_000 }));
    const leader = request(one, header);
    await vi.advanceTimersByTimeAsync(10);
    const from = Date.now();
    expect((await request(one, header))?.session.refreshToken).toBe("rt-0");
    expect(Date.now()).toBe(from);
    expect((await meanwhile(leader, 3000))?.session.refreshToken).toBe("rt-1");
    expect(provider.presented).toEqual(["rt-0"]);
  });

  test("the cookie from before goes on working and never costs another token request", async () => {
    const one = replica(provider, create());
    const header = await browser(one.sessions);
    await request(one, header);
    for (let turn = 0; turn < 3; turn++)
      expect((await request(one, header))?.session.refreshToken).toBe("rt-1");
    vi.setSystemTime(Date.now() + HOUR + 2000);
    expect((await request(one, header))?.session.refreshToken).toBe("rt-2");
    expect(provider.presented).toEqual(["rt-0", "rt-1"]);
  });

  test("S-20: an outage keeps the session, past the end of its tokens, and is not asked about all the time", async () => {
    provider.faults = [
      new ProviderError("outage", "status-500"),
      new ProviderError("outage", "ECONNREFUSED"),
    ];
    const one = replica(provider, create());
    const header = await browser(one.sessions, old({ expiresOn: Date.now() - HOUR }));
    for (let turn = 0; turn < 5; turn++)
      expect((await request(one, header))?.session.refreshToken).toBe("rt-0");
    expect(provider.presented).toHaveLength(1);
    vi.setSystemTime(Date.now() + 30_001);
    expect((await request(one, header))?.session.refreshToken).toBe("rt-0");
    vi.setSystemTime(Date.now() + 30_001);
    expect((await request(one, header))?.session.refreshToken).toBe("rt-3");
    expect(one.told).toEqual(["failed: outage: status-500", "failed: outage: ECONNREFUSED", "refreshed"]);
  });

  test.each(["invalid_client", "invalid_request", "unauthorized_client"])(
    "%s is the operator's fault, not the user's",
    async (code) => {
      provider.faults = [new ProviderError("refused", code)];
      const one = replica(provider, create());
      const header = await browser(one.sessions);
      expect((await request(one, header))?.session.subject).toBe("sub-1");
      expect(one.told).toEqual([`failed: refused: ${code}`]);
    },
  );

  test.each([
    new ProviderError("refused", "invalid_grant"),
    new ProviderError("other-user", "other-subject"),
    new ProviderError("person", "not-admitted"),
  ])("S-19: the session ends after $fault $reason, for each copy of its cookie", async (fault) => {
    provider.faults = [fault];
    const one = replica(provider, create());
    const header = await browser(one.sessions);
    expect(await many(10, () => request(one, header))).toEqual(Array(10).fill(undefined));
    expect(await request(one, header)).toBeUndefined();
    expect(one.told).toEqual([`ended: ${fault.fault}: ${fault.reason}`]);
    expect(provider.presented).toHaveLength(1);
  });

  test("an answer that was lost: one more attempt, then the session lasts as long as its access token", async () => {
    provider.faults = ["lost"];
    const one = replica(provider, create());
    const header = await browser(one.sessions, old({ expiresOn: Date.now() + 600_000 }));
    expect((await request(one, header))?.session.refreshToken).toBe("rt-0");
    expect(provider.presented).toEqual(["rt-0", "rt-0"]);
    vi.setSystemTime(Date.now() + 300_000);
    expect(await request(one, header)).toBeDefined();
    expect(provider.presented).toHaveLength(2);
    vi.setSystemTime(Date.now() + 300_001);
    expect(await request(one, header)).toBeUndefined();
    expect(one.told.at(-1)).toBe("ended: refused: invalid_grant");
  });

  test("a connection that was cut before the provider saw the request is no loss", async () => {
    provider.faults = [new ProviderError("outage", "UND_ERR_SOCKET")];
    const one = replica(provider, create());
    const header = await browser(one.sessions);
    expect((await request(one, header))?.session.refreshToken).toBe("rt-2");
  });

  test("a sign-out while the provider is asked is not undone", async () => {
    provider.delay = 1000;
    const one = replica(provider, create());
    const header = await browser(one.sessions);
    const entry = (await one.sessions.load(header)) as Entry;
    const running = request(one, header);
    await vi.advanceTimersByTimeAsync(500);
    await one.sessions.end(entry);
    expect(await meanwhile(running, 600)).toBeUndefined();
    expect(await request(one, header)).toBeUndefined();
  });

  test("new tokens that the configured address does not stand by end the session; one that is down does not", async () => {
    const one = replica(provider, create());
    provider.valid = new ProviderError("outage", "validation-status-500");
    const kept = await browser(one.sessions);
    expect((await request(one, kept))?.session.refreshToken).toBe("rt-1");
    provider.valid = false;
    provider.good = "rt-0";
    const refused = await browser(one.sessions);
    expect(await request(one, refused)).toBeUndefined();
    expect(one.told).toEqual(["refreshed", "ended: not-valid"]);
  });

  describe("without a refresh token", () => {
    const bare = (rest: Partial<Session> = {}) => {
      const { refreshToken: _, ...session } = old(rest);
      return session;
    };

    test.each([
      ["goes on while its tokens hold", () => bare({ expiresOn: Date.now() + 60_000 }), true, true],
      ["ends with its access token", () => bare({ expiresOn: Date.now() - 1 }), true, false],
      ["ends when its ID token is not good any more", bare, false, false],
    ])("a session %s", async (_what, session, valid, stays) => {
      provider.valid = valid;
      const one = replica(provider, create());
      const header = await browser(one.sessions, session());
      expect(await one.sessions.load(header)).toBeDefined();
      expect((await request(one, header)) !== undefined).toBe(stays);
      expect(provider.presented).toEqual([]);
    });
  });
});

test("ages count in whole seconds, and an equal age is no greater one", async () => {
  const one = replica(provider, cookieStore());
  const due = (age: number) => one.refresher.due(one.sessions.entry(old({ refreshedAt: Date.now() - age })));
  expect([HOUR - 1, HOUR, HOUR + 999, HOUR + 1000].map(due)).toEqual([false, false, false, true]);
});

describe("several replicas with one store", () => {
  test("make one token request, whatever the provider takes", async () => {
    for (const delay of [0, 1000, 3000, 10_000]) {
      provider = new RotatingProvider();
      provider.delay = delay;
      const keeper = new MemoryKeeper(() => Date.now());
      const replicas = [1, 2, 3].map(() => replica(provider, ticketStore(keeper)));
      const header = await browser(ticketStore(keeper));
      const running = Promise.all(replicas.flatMap((each) => [request(each, header), request(each, header)]));
      await vi.advanceTimersByTimeAsync(delay + 500);
      expect((await running).every((entry) => entry !== undefined)).toBe(true);
      for (const each of replicas) expect((await request(each, header))?.session.refreshToken).toBe("rt-1");
      expect(provider.presented).toEqual(["rt-0"]);
    }
  });

  test("go on with the old session while another one holds the lock and does not finish", async () => {
    const keeper = new MemoryKeeper(() => Date.now());
    const [one, two] = [replica(provider, ticketStore(keeper)), ticketStore(keeper)];
    const header = await browser(two);
    expect(await two.lock((await two.load(header)) as Entry)).toBeDefined();
    expect((await meanwhile(request(one, header), 5000))?.session.refreshToken).toBe("rt-0");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(provider.presented).toEqual([]);
    expect(one.told).toEqual([]);
  });

  test("wait for another's lock, and refresh when it was given back without a result", async () => {
    const keeper = new MemoryKeeper(() => Date.now());
    const [one, two] = [replica(provider, ticketStore(keeper)), ticketStore(keeper)];
    const header = await browser(two);
    const lock = await two.lock((await two.load(header)) as Entry);
    const running = request(one, header);
    await vi.advanceTimersByTimeAsync(1000);
    expect(provider.presented).toEqual([]);
    await lock?.release();
    expect((await meanwhile(running, 200))?.session.refreshToken).toBe("rt-1");
  });

  test("S-20: a store that fails in the middle ends nothing", async () => {
    const memory = new MemoryKeeper(() => Date.now());
    let down = false;
    const keeper = new Proxy(memory, {
      get: (target, name: keyof MemoryKeeper) =>
        name === "lock" && down
          ? () => {
              throw new StoreUnavailableError("test");
            }
          : (target[name] as () => unknown).bind(target),
    });
    const one = replica(provider, ticketStore(keeper));
    const header = await browser(one.sessions);
    down = true;
    expect((await request(one, header))?.session.refreshToken).toBe("rt-0");
    expect(one.told).toEqual(["failed: ERR_STORE_UNAVAILABLE"]);
    down = false;
    vi.setSystemTime(Date.now() + 30_001);
    expect((await request(one, header))?.session.refreshToken).toBe("rt-1");
  });
});
