import { databag } from "charmed-iap/interface";
import * as v from "valibot";
import { httpUrl, line } from "../../checks.ts";
import { jsonList, jsonSet, looseText } from "../../codecs.ts";

/** Headers of the oauth2-proxy variant. */
export const OAUTH2_PROXY_HEADERS = [
  "X-Auth-Request-User",
  "X-Auth-Request-Groups",
  "X-Auth-Request-Email",
  "X-Auth-Request-Preferred-Username",
] as const;

/** Headers of the oathkeeper variant. */
export const OATHKEEPER_HEADERS = ["X-User", "X-Email", "X-Name"] as const;

/** Entries without the blanks around them, and without those that are only blanks. */
const entries = v.pipe(
  v.array(v.string()),
  v.transform((list) => list.map((entry) => entry.trim()).filter((entry) => entry !== "")),
);

/** Written by the application that wants protection; both variants. */
const requirer = v.object({
  /** Public URLs of the application; empty until it has one. */
  protected_urls: v.array(httpUrl()),
  /** Identity headers that the application wants, of one variant. */
  headers: v.optional(
    v.array(
      v.picklist([...OAUTH2_PROXY_HEADERS, ...OATHKEEPER_HEADERS], "must be a header of the interface"),
    ),
    [],
  ),
  /** Paths that stay open: regular expressions, perhaps `METHOD=expression`; without a leading slash for oathkeeper. */
  allowed_endpoints: v.optional(entries, []),
  /** Who may pass, by e-mail address; oauth2-proxy variant. */
  authenticated_emails: v.optional(entries, []),
  /** Who may pass, by the domain of the e-mail address; oauth2-proxy variant. */
  authenticated_email_domains: v.optional(entries, []),
  /** Name of the application in its own model; oauth2-proxy variant. */
  app_name: v.optional(line()),
});

/** The application databag of whoever wants protection. */
export const requirerApp = databag(requirer, {
  codecs: {
    protected_urls: jsonList,
    headers: jsonSet,
    allowed_endpoints: jsonSet,
    authenticated_emails: jsonSet,
    authenticated_email_domains: jsonSet,
    app_name: looseText,
  },
  fill: {
    headers: [],
    allowed_endpoints: [],
    authenticated_emails: [],
    authenticated_email_domains: [],
  },
});
