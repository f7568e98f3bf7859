import type { Exchange } from "../server/exchange.ts";
import type { Session } from "../session/session.ts";
import { publicAddressOf } from "./addresses.ts";

/**
 * Where a browser goes on to sign out at the provider as well; undefined when it should not, or the provider has no such place.
 *
 * @param target Where the provider sends the browser back to; a path is one on the host of the sign-in endpoints.
 * @see OpenID Connect RP-Initiated Logout 1.0, section 2
 */
export function providerSignOut(exchange: Exchange, session: Session, target: string): string | undefined {
  const { settings, providers } = exchange.context;
  if (!settings.options.provider_sign_out) return undefined;
  const back = target.startsWith("/") ? publicAddressOf(exchange).origin + target : target;
  return providers.of(session)?.logoutUrl(session.idToken ?? "", back);
}
