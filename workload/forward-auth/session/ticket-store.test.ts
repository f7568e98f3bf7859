import { beforeEach, expect, test } from "vitest";
import {
  clock,
  createStore,
  headerOf,
  idOf,
  LIFE,
  NAME,
  SECRET,
  SlowKeeper,
  saved,
  session,
} from "../testing/slow-keeper.ts";
import { MemoryKeeper } from "./memory-keeper.ts";
import { signValue } from "./signed-value.ts";
import { type Entry, StoreUnavailableError } from "./store.ts";
import { formatTicket } from "./ticket.ts";

let keeper: SlowKeeper;
beforeEach(() => {
  clock.now = 1_700_000_000_000;
  keeper = new SlowKeeper();
});

test("a session is found again, by another replica as well, and asked for once a moment", async () => {
  const full = session({ idToken: "b", accessToken: "c".repeat(9000) });
  const header = await saved(createStore(keeper), full);
  expect(header).toMatch(/^_oauth2_proxy=[\w-]{118}==\|1700000000\|[\w-]{43}=$/);
  const other = createStore(keeper);
  expect((await other.load(header))?.session).toEqual(full);
  expect((await other.load(header))?.headers).toEqual(["X-Auth-Request-Email", "ada@example.com"]);
  expect(other.load(header)).not.toBeInstanceOf(Promise);
  expect(keeper.asked.filter((what) => what === "get")).toHaveLength(1);
  clock.now += 1001;
  expect(other.load(header)).toBeInstanceOf(Promise);
  await Promise.all(Array.from({ length: 20 }, () => other.load(header)));
  expect(keeper.asked.filter((what) => what === "get")).toHaveLength(2);
});

test("memory answers at once", () => {
  const store = createStore(new MemoryKeeper(() => clock.now));
  const texts = store.save("", store.entry(session()), "h") as string[];
  expect((store.load(headerOf(texts)) as Entry).session.subject).toBe("sub-1");
});

test("the record's name without the secret that belongs to it opens nothing", async () => {
  const store = createStore(keeper);
  const header = await saved(store);
  const forged = formatTicket({ id: idOf(header), secret: Buffer.alloc(16) });
  const cookie = `${NAME}=${signValue(SECRET.signing, NAME, Buffer.from(forged), clock.now / 1000)}`;
  expect(await store.load(cookie)).toBeUndefined();
  expect(await createStore(keeper).load(cookie)).toBeUndefined();
  expect(await store.load(header)).toBeDefined();
});

test("S-08: sessions of the cookie store, and other things under our signature, are no tickets", async () => {
  for (const text of ["", "v2.a.b", "x".repeat(300)]) {
    const cookie = `${NAME}=${signValue(SECRET.signing, NAME, Buffer.from(text), clock.now / 1000)}`;
    expect(await createStore(keeper).load(cookie)).toBeUndefined();
  }
  expect(keeper.asked).toEqual([]);
});

test("S-10: a good ticket among bad ones is found, in each order", async () => {
  const header = await saved(createStore(keeper));
  const gone = await saved(createStore(new SlowKeeper()));
  for (const cookies of [`${NAME}=bad; ${header}`, `${header}; ${NAME}=bad`, `${gone}; ${header}`])
    expect((await createStore(keeper).load(cookies))?.session.subject).toBe("sub-1");
});

test("S-11: a login never uses the ticket that the browser came with, and ends its session", async () => {
  const store = createStore(keeper);
  const planted = await saved(store, session({ subject: "attacker" }));
  const victim = await saved(store, session({ subject: "victim" }), planted);
  expect(idOf(victim)).not.toBe(idOf(planted));
  expect(keeper.memory.get(idOf(planted))).toBeUndefined();
  expect(await store.load(planted)).toBeUndefined();
  expect((await store.load(victim))?.session.subject).toBe("victim");
});

test("a ticket that is not ours to end stays", async () => {
  const header = await saved(createStore(keeper));
  const unsigned = header.replace(/\|[\w-]{43}=/, `|${"A".repeat(43)}=`);
  await saved(createStore(keeper), session(), unsigned);
  expect(keeper.memory.get(idOf(header))).toBeDefined();
});

test("S-09: after a sign-out the copy of a cookie is worthless, everywhere and also for an answer under way", async () => {
  const [one, two] = [createStore(keeper), createStore(keeper)];
  const header = await saved(one);
  const entry = (await one.load(header)) as Entry;
  await two.load(header);
  clock.now += 1001;
  const underWay = one.load(header);
  await one.end(entry);
  expect(await underWay).toBeUndefined();
  expect(one.stands(entry.session)).toBe(false);
  expect(await one.load(header)).toBeUndefined();
  expect(await two.load(header)).toBeUndefined();
  expect(await one.replace(entry, session({ refreshedAt: clock.now }))).toBeUndefined();
  expect(keeper.memory.get(idOf(header))).toBeUndefined();
});

test("clearing removes the record and one cookie, and the parts of another store", async () => {
  const store = createStore(keeper);
  const header = await saved(store);
  const cleared = await store.clear(`${header}; ${NAME}_0=x; ${NAME}_1=y`, "h");
  expect(cleared.map((text) => text.split(";", 1)[0])).toEqual([`${NAME}=`, `${NAME}_0=`, `${NAME}_1=`]);
  expect(keeper.memory.get(idOf(header))).toBeUndefined();
  expect(await store.clear("", "h")).toEqual([`${NAME}=; Path=/; Max-Age=0; HttpOnly; Secure`]);
});

test("S-20: an outage is told as one, and nothing is ended", async () => {
  const store = createStore(keeper);
  const header = await saved(store);
  const entry = (await store.load(header)) as Entry;
  clock.now += 1001;
  keeper.down = true;
  await expect(store.load(header)).rejects.toThrow(StoreUnavailableError);
  await expect(store.save("", store.entry(session()), "h")).rejects.toThrow(StoreUnavailableError);
  await expect(store.end(entry)).rejects.toThrow(StoreUnavailableError);
  await expect(store.check()).rejects.toThrow(StoreUnavailableError);
  keeper.down = false;
  expect((await createStore(keeper).load(header))?.session.subject).toBe("sub-1");
});

test("health checks ask once a second at most", async () => {
  const store = createStore(keeper);
  await Promise.all([store.check(), store.check(), store.check()]);
  await store.check();
  expect(keeper.asked).toEqual(["check"]);
  clock.now += 1001;
  await store.check();
  expect(keeper.asked).toEqual(["check", "check"]);
});

test("memory has room for so many, the oldest go first", () => {
  const memory = new MemoryKeeper(() => clock.now, 3);
  for (const id of ["a", "b", "c"]) memory.set(id, Buffer.from(id), id === "b" ? 1000 : LIFE);
  clock.now += 1001;
  memory.set("d", Buffer.from("d"), LIFE);
  expect(["a", "b", "c", "d"].map((id) => memory.get(id)?.toString())).toEqual(["a", undefined, "c", "d"]);
  memory.set("e", Buffer.from("e"), LIFE);
  expect(["a", "c", "d", "e"].map((id) => memory.get(id)?.toString())).toEqual([undefined, "c", "d", "e"]);
});
