import { cookieSecret } from "../session/cookie-secret.ts";
import type { RecordKeeper } from "../session/keeper.ts";
import { MemoryKeeper } from "../session/memory-keeper.ts";
import type { Session } from "../session/session.ts";
import { StoreUnavailableError } from "../session/store.ts";
import { parseTicket } from "../session/ticket.ts";
import { TicketStore, type TicketStoreOptions } from "../session/ticket-store.ts";

/** Name of the cookie. */
export const NAME = "_oauth2_proxy";
/** Secret of the tickets. */
export const SECRET = cookieSecret("0123456789abcdef0123456789abcdef");
/** Milliseconds that a session lasts. */
export const LIFE = 3_600_000;
/** What time it is. */
export const clock = { now: 1_700_000_000_000 };

/** Memory that answers later, as a server does, and fails when told to. */
export class SlowKeeper implements RecordKeeper {
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

/** A store of one replica. */
export const createStore = (keeper: RecordKeeper, rest: Partial<TicketStoreOptions> = {}) =>
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

/** A session that was just made. */
export const session = (rest: Partial<Session> = {}): Session => ({
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

/** What a browser sends after these cookies were set. */
export const headerOf = (texts: readonly string[]) =>
  texts
    .filter((text) => !text.includes("Max-Age=0"))
    .map((text) => text.split(";", 1)[0])
    .join("; ");

/** Name of the record that a cookie leads to. */
export function idOf(header: string): string {
  const payload = Buffer.from(header.slice(header.indexOf("=") + 1).split("|")[0] ?? "", "base64url");
  return parseTicket(payload.toString(), NAME)?.id ?? "";
}

/** Saves a session. */
export async function saved(store: TicketStore, what: Session = session(), header = "") {
  return headerOf(await store.save(header, store.entry(what), "h"));
}
