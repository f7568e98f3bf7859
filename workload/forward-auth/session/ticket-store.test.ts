import { beforeEach, describe, expect, test } from "vitest";
import { cookieSecret } from "./cookie-secret.ts";
import type { RecordKeeper } from "./keeper.ts";
import { MemoryKeeper } from "./memory-keeper.ts";
import type { Session } from "./session.ts";
import { signValue } from "./signed-value.ts";
import { type Entry, StoreUnavailableError } from "./store.ts";
import { formatTicket, parseTicket } from "./ticket.ts";
import { TicketStore, type TicketStoreOptions } from "./ticket-store.ts";

const NAME = "_oauth2_proxy";
const SECRET = cookieSecret("0123456789abcdef0123456789abcdef");
const LIFE = 3_600_000;
const clock = { now: 1_700_000_000_000 };

/** Memory that answers later, as a server does, and fails when told to. */
class SlowKeeper implements RecordKeeper {
  readonly memory = new MemoryKeeper(() => clock.now);
  readonly asked: string[] = [];
  down = false;

  async #ask<T>(what: string, answer: () => T): Promise<T> {
    this.asked.push(what);
    await Promise.resolve();
    if (this.down) throw new StoreUnavailableError("test");
    return answer();
  }

  readonly get = (id: string) => this.#ask("get", () => this.memory.get(id));
  readonly set = (id: string, value: Buffer, life: number) =>
    this.#ask("set", () => this.memory.set(id, value, life));
  readonly swap = (id: string, before: Buffer, value: Buffer, life: number) =>
    this.#ask("swap", () => this.memory.swap(id, before, value, life));
  readonly delete = (id: string) => this.#ask("delete", () => this.memory.delete(id));
  readonly lock = (id: string) => this.#ask("lock", () => this.memory.lock(id));
  readonly check = () => this.#ask("check", () => {});
  readonly close = () => {};
}

const createStore = (keeper: RecordKeeper, rest: Partial<TicketStoreOptions> = {}) =>
  new TicketStore({
    name: NAME,
    keeper,
    secrets: [SECRET],
    attributes: () => ({ path: "/", domain: "", secure: true, httpOnly: true, sameSite: "" }),
    life: LIFE,
    maxAge: 0,
    persistent: true,
    remember: 1000,
    headers: ({ email }) => ["X-Auth-Request-Email", email],
    now: () => clock.now,
    ...rest,
  });

const session = (rest: Partial<Session> = {}): Session => ({
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  issuer: "https://issuer.example",
  subject: "sub-1",
  email: "ada@example.com",
  preferredUsername: "",
  groups: ["ops"],
  createdAt: clock.now,
  refreshedAt: clock.now,
  refreshToken: "rt-0",
  ...rest,
});

const headerOf = (texts: readonly string[]) =>
  texts
    .filter((text) => !text.includes("Max-Age=0"))
    .map((text) => text.split(";", 1)[0])
    .join("; ");

/** Name of the record that a cookie leads to. */
function idOf(header: string): string {
  const payload = Buffer.from(header.slice(header.indexOf("=") + 1).split("|")[0] ?? "", "base64url");
  return parseTicket(payload.toString(), NAME)?.id ?? "";
}

async function saved(store: TicketStore, what: Session = session(), header = "") {
  return headerOf(await store.save(header, store.entry(what), "h"));
}

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

test("memory has room for so many, the oldest go first", () => {
  const memory = new MemoryKeeper(() => clock.now, 3);
  for (const id of ["a", "b", "c"]) memory.set(id, Buffer.from(id), id === "b" ? 1000 : LIFE);
  clock.now += 1001;
  memory.set("d", Buffer.from("d"), LIFE);
  expect(["a", "b", "c", "d"].map((id) => memory.get(id)?.toString())).toEqual(["a", undefined, "c", "d"]);
  memory.set("e", Buffer.from("e"), LIFE);
  expect(["a", "c", "d", "e"].map((id) => memory.get(id)?.toString())).toEqual([undefined, "c", "d", "e"]);
});
