/** Sessions in a store as time goes by: refreshes, and their end. */
import { beforeEach, describe, expect, test } from "vitest";
import {
  clock,
  createStore,
  headerOf,
  idOf,
  LIFE,
  SlowKeeper,
  saved,
  session,
} from "../testing/slow-keeper.ts";
import type { Entry } from "./store.ts";

let keeper: SlowKeeper;
beforeEach(() => {
  clock.now = 1_700_000_000_000;
  keeper = new SlowKeeper();
});

describe("a refresh", () => {
  const later = () =>
    session({ refreshedAt: clock.now + 1000, refreshToken: "rt-1", email: "new@example.com" });

  test("keeps the ticket, and the browser gets it with a new date", async () => {
    const store = createStore(keeper);
    const header = await saved(store);
    const fresh = (await store.replace((await store.load(header)) as Entry, later())) as Entry;
    expect(store.outdated(header, fresh)).toBe(true);
    expect([store.stands(fresh.session), store.stands(session())]).toEqual([true, false]);
    const renewed = headerOf(store.renew(header, fresh, "h"));
    expect(idOf(renewed)).toBe(idOf(header));
    expect(renewed).toContain("|1700000");
    expect(store.outdated(renewed, fresh)).toBe(false);
    for (const cookie of [header, renewed])
      expect((await createStore(keeper).load(cookie))?.session.email).toBe("new@example.com");
  });

  test("of another replica wins when it was earlier, so no tokens are lost", async () => {
    const [one, two] = [createStore(keeper), createStore(keeper)];
    const header = await saved(one);
    const [first, second] = [(await one.load(header)) as Entry, (await two.load(header)) as Entry];
    await one.replace(first, session({ refreshedAt: clock.now + 5000, refreshToken: "rt-one" }));
    const fresh = await two.replace(
      second,
      session({ refreshedAt: clock.now + 4000, refreshToken: "rt-two" }),
    );
    expect(fresh?.session.refreshToken).toBe("rt-one");
    expect((await two.reload(second))?.session.refreshToken).toBe("rt-one");
  });

  test("that cannot be stored is kept in memory and stored as soon as possible", async () => {
    const store = createStore(keeper);
    const header = await saved(store);
    const entry = (await store.load(header)) as Entry;
    keeper.down = true;
    const fresh = await store.replace(entry, later());
    expect(fresh?.session.refreshToken).toBe("rt-1");
    clock.now += 5000;
    expect((await store.load(header))?.session.refreshToken).toBe("rt-1");
    keeper.down = false;
    await expect
      .poll(async () => (await createStore(keeper).load(header))?.session.refreshToken, {
        interval: 50,
        timeout: 3000,
      })
      .toBe("rt-1");
  });

  test("is locked by one replica at a time", async () => {
    const [one, two] = [createStore(keeper), createStore(keeper)];
    const header = await saved(one);
    const [first, second] = [(await one.load(header)) as Entry, (await two.load(header)) as Entry];
    const lock = await one.lock(first);
    expect(lock).toBeDefined();
    expect(await two.lock(second)).toBeUndefined();
    await lock?.release();
    expect(await two.lock(second)).toBeDefined();
  });
});

test("tickets and records run out, and one from the future does not count", async () => {
  const store = createStore(keeper);
  const header = await saved(store);
  const entry = (await store.load(header)) as Entry;
  clock.now += LIFE - 1;
  await store.replace(entry, session({ refreshedAt: clock.now, refreshToken: "rt-1" }));
  const renewed = headerOf(store.renew(header, (await store.load(header)) as Entry, "h"));
  clock.now += 2;
  expect(await store.load(header)).toBeUndefined();
  expect(await store.load(renewed)).toBeDefined();
  clock.now += LIFE;
  expect(await store.load(renewed)).toBeUndefined();
  const early = await saved(store, session({ refreshedAt: clock.now + 6 * 60_000 }));
  expect(await store.load(early)).toBeUndefined();
});

test("S-17: a clock that is put back lengthens nothing that is remembered", async () => {
  const store = createStore(keeper);
  const header = await saved(store);
  await store.load(header);
  keeper.memory.delete(idOf(header));
  expect(await store.load(header)).toBeDefined();
  clock.now -= 60_000;
  expect(await store.load(header)).toBeUndefined();
});

test("a session ends a fixed time after its sign-in, however often it was refreshed", async () => {
  const store = createStore(keeper, { maxAge: LIFE * 2 });
  const header = await saved(store);
  const { createdAt } = session();
  let renewed = header;
  for (let turn = 1; turn <= 3; turn++) {
    clock.now += LIFE / 2;
    const entry = (await store.load(renewed)) as Entry;
    await store.replace(entry, session({ createdAt, refreshedAt: clock.now, refreshToken: `rt-${turn}` }));
    renewed = headerOf(store.renew(header, (await store.load(renewed)) as Entry, "h"));
  }
  expect((await store.load(renewed))?.endsAt).toBe(createdAt + 2 * LIFE);
  clock.now = createdAt + 2 * LIFE;
  expect(await store.load(renewed)).toBeUndefined();
  expect(await createStore(keeper, { maxAge: LIFE * 2 }).load(renewed)).toBeUndefined();
  expect(await createStore(keeper).load(renewed)).toBeDefined();
});
