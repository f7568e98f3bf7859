/** What pages say. */
import { STATUS_CODES } from "node:http";
import type { Options } from "../options/read.ts";
import { escapeMarkup } from "../template/escape.ts";

/** oauth2-proxy's words for statuses, where the caller has none. */
const MESSAGES: Readonly<Record<number, string>> = {
  401: "You need to be logged in to access this resource.",
  403: "You do not have permission to access this resource.",
  500: "Oops! Something went wrong. For more information contact your server administrator.",
};

/** What an error page says when nothing more is known. */
export const messageOf = (status: number): string => MESSAGES[status] ?? "Unknown error";

/** `Forbidden` for 403. */
export const nameOf = (status: number): string => STATUS_CODES[status] ?? "";

/** The HTML above the button: the operator's, else the e-mail domains that may sign in. */
export function bannerOf({ banner, email_domains }: Options): string {
  if (banner === "-") return "";
  if (banner !== "") return banner;
  const domains = email_domains.filter((domain) => domain !== "");
  if (domains.length === 0 || domains.includes("*")) return "";
  if (domains.length === 1) return `Authenticate using ${escapeMarkup(domains[0] ?? "")}`;
  return `Authenticate using one of the following domains: ${escapeMarkup(domains.join(", "))}`;
}

/** The HTML below a page: the operator's, else what it is. The version is nobody's business. */
export function footerOf({ footer }: Options): string {
  if (footer === "-") return "";
  return footer === "" ? "<p>Secured with <strong>OAuth2 Proxy</strong></p>" : footer;
}
