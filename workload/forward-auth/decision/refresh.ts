/**
 * New tokens for sessions that are due: one request to the provider for each session, however many requests need it.
 *
 * @see RFC 6749, section 6; OpenID Connect Core, section 12.2
 */
import * as client from "openid-client";
import { type Identity, readIdentity } from "../provider/claims.ts";
import { type Provider, reasonOf } from "../provider/provider.ts";
import { Bounded } from "../session/bounded.ts";
import type { Session } from "../session/session.ts";
import type { Entry, SessionStore } from "../session/store.ts";
import type { Settings } from "../settings.ts";

/** Milliseconds a decision waits for the provider before it goes on with the session as it is. */
const PATIENCE = 5000;

/** Milliseconds until a failed refresh is tried again. */
const PAUSE = 30_000;

/** Told about each refresh; never with secrets. */
export interface RefreshListener {
  refreshed(session: Session): void;
  ended(session: Session, reason: string): void;
  failed(session: Session, reason: string): void;
}

/** What the refresher needs. */
export interface RefresherOptions {
  readonly settings: Settings;
  readonly provider: Provider;
  readonly sessions: SessionStore;
  readonly listener: RefreshListener;
  readonly now: () => number;
}

/** True for an answer that says the tokens are worth nothing any more. */
function isFinal(error: unknown): boolean {
  return error instanceof client.ResponseBodyError && error.error === "invalid_grant";
}

/** Refreshes sessions. */
export class Refresher {
  readonly #options: RefresherOptions;
  readonly #running = new Map<string, Promise<Entry | undefined>>();
  readonly #paused = new Bounded<string, number>(16_384);

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  /** True when the session should be refreshed before it decides anything. */
  due({ session }: Entry): boolean {
    const { settings, now } = this.#options;
    const age = settings.options.cookie_refresh;
    if (age === 0 || session.refreshToken === undefined || now() - session.refreshedAt <= age) return false;
    return (this.#paused.get(session.id) ?? 0) <= now();
  }

  /**
   * The session to decide with: the refreshed one; the old one when the provider does not answer in time, for an outage is
   * no sign-out; undefined when the provider ended it.
   */
  async refresh(entry: Entry): Promise<Entry | undefined> {
    const { id } = entry.session;
    const running = this.#running.get(id) ?? this.#run(entry);
    this.#running.set(id, running);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<Entry>((resolve) => {
      timer = setTimeout(() => resolve(entry), PATIENCE);
    });
    try {
      return await Promise.race([running, patience]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #run(entry: Entry): Promise<Entry | undefined> {
    const { sessions, listener, now } = this.#options;
    try {
      const session = await this.#ask(entry.session);
      if (session === undefined) return await this.#end(entry, "other-user");
      const fresh = sessions.entry(session);
      if (!(await sessions.replace(fresh))) return undefined;
      listener.refreshed(session);
      return fresh;
    } catch (error) {
      if (isFinal(error)) return await this.#end(entry, reasonOf(error));
      this.#paused.set(entry.session.id, now() + PAUSE);
      listener.failed(entry.session, reasonOf(error));
      return entry;
    } finally {
      this.#running.delete(entry.session.id);
    }
  }

  async #end(entry: Entry, reason: string): Promise<undefined> {
    await this.#options.sessions.end(entry);
    this.#options.listener.ended(entry.session, reason);
  }

  /** Undefined when the new tokens are another user's. */
  async #ask(session: Session): Promise<Session | undefined> {
    const { settings, provider, now } = this.#options;
    const configuration = provider.configuration;
    if (configuration === undefined)
      throw new Error("Cannot refresh a session: the provider was not found yet");
    const tokens = await client.refreshTokenGrant(configuration, session.refreshToken ?? "");
    const names = { email: settings.options.oidc_email_claim, groups: settings.options.oidc_groups_claim };
    const identity = await readIdentity(configuration, tokens, names, session.subject);
    if (identity === undefined || identity.issuer !== session.issuer || unverified(identity, settings))
      return undefined;
    return withTokens(settings, { ...session, ...identityOnly(identity), refreshedAt: now() }, tokens);
  }
}

const identityOnly = ({ email, preferredUsername, groups }: Identity) => ({
  email,
  preferredUsername,
  groups,
});

/** True when the provider says that the address is not the user's, and that matters. */
export function unverified(identity: Identity, settings: Settings): boolean {
  return !identity.emailVerified && !settings.options.insecure_oidc_allow_unverified_email;
}

/** The session with those tokens that some option needs: the others stay out of the cookie. */
export function withTokens(
  settings: Settings,
  session: Session,
  tokens: client.TokenEndpointResponse,
): Session {
  const { pass_access_token, set_authorization_header, cookie_refresh } = settings.options;
  const idToken = tokens.id_token ?? session.idToken;
  const refreshToken = tokens.refresh_token ?? session.refreshToken;
  return {
    ...session,
    ...(pass_access_token ? { accessToken: tokens.access_token } : {}),
    ...(set_authorization_header && idToken !== undefined ? { idToken } : {}),
    ...(cookie_refresh > 0 && refreshToken !== undefined ? { refreshToken } : {}),
  };
}
