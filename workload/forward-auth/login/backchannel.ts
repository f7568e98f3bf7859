/**
 * `<prefix>/backchannel-logout`: a provider says that a session of its own has ended.
 *
 * @see OpenID Connect Back-Channel Logout 1.0, sections 2.5 to 2.8
 */
import { readCompact } from "../provider/compact.ts";
import { type LogoutTarget, ProviderError } from "../provider/provider.ts";
import type { Providers } from "../provider/providers.ts";
import type { Exchange } from "../server/exchange.ts";
import { Bounded } from "../session/bounded.ts";
import type { Revocations } from "../session/revocations.ts";

/** Oldest logout token that counts, in milliseconds. */
const OLDEST = 10 * 60_000;

/** Tokens that are remembered, so that each counts once. */
const MOST = 10_000;

/** What reading logout tokens needs. */
export interface BackchannelOptions {
  readonly providers: Providers;
  readonly revocations: Revocations;
  /** Forgets decisions that were made lately. */
  readonly forget: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Ends sessions when providers say so. */
export class Backchannel {
  readonly #options: BackchannelOptions;
  readonly #seen = new Bounded<string, true>(MOST);

  constructor(options: BackchannelOptions) {
    this.#options = options;
  }

  /**
   * Ends what a logout token names.
   *
   * @returns What was ended; undefined when the token is no good, too old, or has been here before.
   * @throws {ProviderError} `outage` when nobody can say whether it is good.
   * @throws {StoreUnavailableError} When the other replicas cannot be told.
   */
  async accept(token: string): Promise<LogoutTarget | undefined> {
    const target = await this.#read(token);
    if (target === undefined || target.issuedAt < this.#options.now() - OLDEST) return undefined;
    const key = JSON.stringify([target.issuer, target.tokenId]);
    if (this.#seen.has(key)) return undefined;
    await this.#options.revocations.revoke(target);
    this.#seen.set(key, true);
    this.#options.forget();
    return target;
  }

  /** Several clients of one issuer may be configured: the token is for one of them. */
  async #read(token: string): Promise<LogoutTarget | undefined> {
    const issuer = readCompact(token)?.claims["iss"];
    if (typeof issuer !== "string") return undefined;
    for (const provider of this.#options.providers.byIssuer(issuer)) {
      const target = await provider.logoutToken(token);
      if (target !== undefined) return target;
    }
    return undefined;
  }
}

const NO_STORE = ["Cache-Control", "no-store"];

/** The one logout token in a form; undefined when there is none, or more than one. */
function tokenIn(form: string | undefined): string | undefined {
  const [token, ...more] = new URLSearchParams(form ?? "").getAll("logout_token");
  return more.length === 0 ? token : undefined;
}

/** Answers `<prefix>/backchannel-logout`. */
export async function backchannelLogout(exchange: Exchange): Promise<void> {
  const { backchannel, log, metrics } = exchange.context;
  if (backchannel === undefined) return exchange.text(404, "Not Found\n", NO_STORE);
  if (exchange.method !== "POST") return exchange.text(405, "Method Not Allowed\n", ["Allow", "POST"]);
  const token = tokenIn(await exchange.form());
  try {
    const target = token === undefined ? undefined : await backchannel.accept(token);
    if (target === undefined) {
      metrics.event("sign-out", "refused");
      return exchange.json(400, { error: "invalid_request" }, NO_STORE, { reason: "bad-logout-token" });
    }
    metrics.event("sign-out", "back-channel");
    log.auth("signed out by the provider", { id: exchange.id, issuer: target.issuer, user: target.subject });
    exchange.send(200, NO_STORE);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    exchange.json(503, { error: "temporarily_unavailable" }, NO_STORE, { reason: error.reason });
  }
}
