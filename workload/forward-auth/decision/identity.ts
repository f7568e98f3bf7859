/** The identity headers of an allowed request. */
import type { Session } from "../session/session.ts";
import type { Settings } from "../settings.ts";

/** Header text as UTF-8 bytes in latin1, as Node.js writes headers; controls become blanks. */
export function headerText(value: string): string {
  const clean = value.replace(/[\x00-\x1f\x7f]/g, " ").trim();
  return Buffer.from(clean, "utf8").toString("latin1");
}

/** Group names joined by commas; a name with a comma or a control could pass for several and is left out. */
function groupsText(groups: readonly string[]): string {
  return headerText(groups.filter((group) => !/[,\x00-\x1f\x7f]/.test(group)).join(","));
}

/**
 * Every configured identity header: name, value, name, value. They are all there on each allow, empty where there is
 * nothing to say, so that a value of the client's own never reaches the application.
 *
 * @param session Undefined for a request that is allowed without login.
 */
export function identityHeaders(settings: Settings, session: Session | undefined): readonly string[] {
  const { set_xauthrequest, pass_access_token, set_authorization_header } = settings.options;
  const email = headerText(session?.email ?? "");
  const user = headerText(session?.subject ?? "");
  const headers: string[] = ["Gap-Auth", email || user];
  if (set_xauthrequest) {
    headers.push("X-Auth-Request-User", user, "X-Auth-Request-Email", email);
    headers.push("X-Auth-Request-Preferred-Username", headerText(session?.preferredUsername ?? ""));
    headers.push("X-Auth-Request-Groups", groupsText(session?.groups ?? []));
    if (pass_access_token)
      headers.push("X-Auth-Request-Access-Token", headerText(session?.accessToken ?? ""));
  }
  if (set_authorization_header) {
    headers.push(
      "Authorization",
      session?.idToken === undefined ? "" : `Bearer ${headerText(session.idToken)}`,
    );
  }
  return headers;
}
