/** A refresh where several processes have one store. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MemoryKeeper } from "../session/memory-keeper.ts";
import { type Entry, StoreUnavailableError } from "../session/store.ts";
import {
  browser,
  meanwhile,
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
