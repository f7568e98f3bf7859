/** `<prefix>/sign_out`: ends the session, here and in the browser. */

import { tellSignedOut } from "../log/events.ts";
import { providerSignOut } from "../login/provider-sign-out.ts";
import type { Answered, Exchange } from "../server/exchange.ts";
import type { Entry } from "../session/store.ts";
import { cleared, findSession } from "./chain.ts";
import { NO_CACHE, redirect, text } from "./reply.ts";
import { isCrossSite } from "./request.ts";
import { parametersOf, targetOf } from "./targets.ts";

/** Answers `<prefix>/sign_out`. A link on another site can only ask. */
export async function signOut(exchange: Exchange): Promise<void> {
  if (isCrossSite(exchange)) return ask(exchange);
  const target = targetOf(exchange, await parametersOf(exchange));
  const { entry } = await findSession(exchange);
  if (entry !== undefined) await end(exchange, entry);
  const gone = await cleared(exchange);
  const onward = entry === undefined ? undefined : providerSignOut(exchange, entry.session, target);
  const location = onward ?? withIdToken(exchange, target, entry);
  redirect(exchange, 302, location, [...NO_CACHE, ...gone], { reason: "signed-out" });
}

function ask(exchange: Exchange): Answered {
  if (exchange.method === "POST") return text(exchange, 403, "Forbidden", NO_CACHE, { reason: "cross-site" });
  exchange.page(200, exchange.context.pages.confirmSignOut(exchange.url));
}

async function end(exchange: Exchange, entry: Entry): Promise<void> {
  const { sessions, providers, metrics } = exchange.context;
  await sessions.end(entry);
  await providers.of(entry.session)?.endSession(entry.session);
  metrics.event("sign-out", "success");
  tellSignedOut(exchange, entry.session);
}

/** Puts the ID token where the target asks for it, if that is the provider's own place: anybody else would learn it. */
function withIdToken(exchange: Exchange, target: string, entry: Entry | undefined): string {
  const { idToken } = entry?.session ?? {};
  if (idToken === undefined || !target.includes("{id_token}") || !URL.canParse(target)) return target;
  return isProviders(exchange, target) ? target.replaceAll("{id_token}", idToken) : target;
}

function isProviders(exchange: Exchange, target: string): boolean {
  const { origin } = new URL(target);
  const { providers, settings } = exchange.context;
  const own = providers.list.flatMap((provider) => [provider.issuer, provider.logoutUrl("", "") ?? ""]);
  const configured = settings.structure.providers.flatMap(({ loginUrl, backendLogoutUrl }) => [
    loginUrl,
    backendLogoutUrl,
  ]);
  return [...own, ...configured].some((url) => URL.canParse(url) && new URL(url).origin === origin);
}
