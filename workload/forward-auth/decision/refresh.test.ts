import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ProviderError } from "../provider/provider.ts";
import { MemoryKeeper } from "../session/memory-keeper.ts";
import type { Session } from "../session/session.ts";
import type { Entry } from "../session/store.ts";
import {
  browser,
  cookieStore,
  HOUR,
  many,
  meanwhile,
  old,
  RotatingProvider,
  replica,
  request,
  ticketStore,
} from "../testing/refresh-world.ts";

let provider: RotatingProvider;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
  provider = new RotatingProvider();
});
afterEach(() => {
  vi.useRealTimers();
});

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
