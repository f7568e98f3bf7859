import type { Settings } from "../settings.ts";
import { cookieSecret } from "./cookie-secret.ts";
import { CookieStore } from "./cookie-store.ts";
import type { CookieAttributes } from "./cookies.ts";
import type { SessionFormat } from "./format.ts";
import { createSeal } from "./seal.ts";
import { createSealedFormat } from "./sealed-format.ts";
import type { Session } from "./session.ts";
import type { SessionStore } from "./store.ts";
import { createUpstreamFormat } from "./upstream-format.ts";

/** The formats of session cookies, the one that is written first; each is read, so that either program can be put in the place of the other. */
function formatsOf(settings: Settings): readonly [SessionFormat, SessionFormat] {
  const name = settings.options.cookie_name;
  const sealed = createSealedFormat(createSeal(settings.cookieSecret, "session"), name);
  const upstream = createUpstreamFormat({
    name,
    secrets: [cookieSecret(settings.cookieSecret)],
    minimal: false,
  });
  return settings.mode === "compat" ? [upstream, sealed] : [sealed, upstream];
}

/** What the session store needs beside the settings. */
export interface SessionStoreOptions {
  /** Attributes for the cookies of a host; the domain depends on it. */
  readonly attributes: (hostname: string) => CookieAttributes;
  /** Identity headers of a session. */
  readonly headers: (session: Session) => readonly string[];
  readonly now: () => number;
}

/** The store that the settings name. */
export function createSessionStore(settings: Settings, options: SessionStoreOptions): SessionStore {
  return new CookieStore({
    ...options,
    name: settings.options.cookie_name,
    formats: formatsOf(settings),
    life: settings.sessionLife,
    persistent: settings.options.cookie_expire !== 0,
  });
}
