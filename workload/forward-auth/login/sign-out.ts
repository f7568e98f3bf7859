/** `<prefix>/sign_out` and `<prefix>/userinfo`. */
import { tellSignedOut } from "../log/events.ts";
import { cookieHeaders, type Exchange, NO_STORE } from "../server/exchange.ts";
import { hostnameOf, publicAddressOf, redirectPolicyOf } from "./addresses.ts";
import { providerSignOut } from "./provider-sign-out.ts";
import { readRedirect } from "./redirect.ts";

/** True when another site led here, by a link, an image or a form. */
function isCrossSite(exchange: Exchange): boolean {
  const { origin } = exchange.head;
  const site = exchange.head["sec-fetch-site"];
  if (site === "cross-site") return true;
  return exchange.method === "POST" && origin !== undefined && origin !== publicAddressOf(exchange).origin;
}

/** Ends the session: here, in this browser, and for every copy of its cookie. Another site can only ask for it. */
export async function signOut(exchange: Exchange): Promise<void> {
  const { sessions, providers, metrics } = exchange.context;
  const { path } = publicAddressOf(exchange);
  if (isCrossSite(exchange)) {
    if (exchange.method === "POST") exchange.text(403, "Forbidden\n", NO_STORE, { reason: "cross-site" });
    else
      exchange.page(
        200,
        exchange.context.pages.confirmSignOut(
          `${path}/sign_out${exchange.query === "" ? "" : `?${exchange.query}`}`,
        ),
      );
    return;
  }
  const cookie = exchange.head.cookie ?? "";
  const entry = await sessions.load(cookie);
  if (entry !== undefined) {
    await sessions.end(entry);
    void providers.of(entry.session)?.endSession(entry.session);
    metrics.event("sign-out", "success");
    tellSignedOut(exchange, entry.session);
  }
  const cleared = cookieHeaders(await sessions.clear(cookie, hostnameOf(exchange)));
  const wanted = new URLSearchParams(exchange.query).get("rd");
  const target = wanted === null ? undefined : readRedirect(wanted, redirectPolicyOf(exchange));
  const onward =
    entry === undefined ? undefined : providerSignOut(exchange, entry.session, target ?? `${path}/sign_in`);
  if (onward !== undefined) exchange.redirect(onward, cleared, { reason: "signed-out" });
  else if (target === undefined)
    exchange.page(200, exchange.context.pages.signedOut(`${path}/start`), cleared, { reason: "signed-out" });
  else exchange.redirect(target, cleared, { reason: "signed-out" });
}

/** Who is signed in. */
export async function userinfo(exchange: Exchange): Promise<void> {
  const { sessions, policy } = exchange.context;
  const entry = await sessions.load(exchange.head.cookie);
  if (entry === undefined || !policy.gate(entry.session))
    return exchange.text(401, "Unauthorized\n", NO_STORE);
  const { subject, email, groups, preferredUsername } = entry.session;
  exchange.json(
    200,
    {
      user: subject,
      email,
      ...(groups.length > 0 ? { groups } : {}),
      ...(preferredUsername === "" ? {} : { preferredUsername }),
    },
    NO_STORE,
  );
}
