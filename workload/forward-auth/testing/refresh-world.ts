/** A provider whose refresh tokens are good once, and processes that refresh sessions there. */
import { vi } from "vitest";
import { Refresher } from "../decision/refresh.ts";
import { type Provider, ProviderError, type Refreshed } from "../provider/provider.ts";
import type { Providers } from "../provider/providers.ts";
import { cookieSecret } from "../session/cookie-secret.ts";
import { CookieStore } from "../session/cookie-store.ts";
import type { RecordKeeper } from "../session/keeper.ts";
import { newSessionId, type Session } from "../session/session.ts";
import type { Entry, SessionStore } from "../session/store.ts";
import { TicketStore } from "../session/ticket-store.ts";
import { createUpstreamFormat } from "../session/upstream-format.ts";
import { readSettings } from "../settings.ts";

/** Milliseconds. */
export const HOUR = 3_600_000;
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
/** Sessions in cookies. */
export const cookieStore = () =>
  new CookieStore({
    ...common,
    formats: [createUpstreamFormat({ name: common.name, secrets: [SECRET], minimal: false })],
  });
/** Sessions in a keeper. */
export const ticketStore = (keeper: RecordKeeper) =>
  new TicketStore({ ...common, keeper, secrets: [SECRET], remember: 1000 });

/** A provider whose refresh tokens are good once. */
export class RotatingProvider {
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

/** One process, and what it told. */
export interface Replica {
  readonly refresher: Refresher;
  readonly sessions: SessionStore;
  readonly told: string[];
}

/** A process with a provider and a store. */
export function replica(provider: RotatingProvider, sessions: SessionStore): Replica {
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

/** A session that is due for a refresh. */
export const old = (rest: Partial<Session> = {}): Session => ({
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
export async function browser(sessions: SessionStore, session = old()): Promise<string> {
  const texts = await sessions.save("", sessions.entry(session), "h");
  return texts.map((text) => text.split(";", 1)[0]).join("; ");
}

/** What a request with these cookies is decided with. */
export async function request({ refresher, sessions }: Replica, header: string): Promise<Entry | undefined> {
  const entry = await sessions.load(header);
  return entry === undefined || !refresher.due(entry) ? entry : refresher.refresh(entry);
}

/** So many at once. */
export const many = (count: number, one: () => Promise<Entry | undefined>) =>
  Promise.all(Array.from({ length: count }, one));

/** Lets timers run while a promise is under way. */
export async function meanwhile<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  return promise;
}
