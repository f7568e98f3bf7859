/** The two pages, with what oauth2-proxy says on them. */
import { STATUS_CODES } from "node:http";
import { escapeHtml } from "../../lib/html.ts";
import type { Answered, Exchange, Outcome } from "../server/exchange.ts";
import { VERSION } from "../version.ts";
import { HTML } from "./reply.ts";

/** What the sign-in page says. */
export interface SignInText {
  /** Target after the sign-in. */
  readonly redirect: string;
  /** 200; else the status beside `message`. */
  readonly status: number;
  /** What was wrong with the form; empty when nothing. */
  readonly message: string;
}

/** What an error page says. */
export interface ErrorText {
  readonly status: number;
  readonly message: string;
  /** Where "Go back" and the next sign-in lead. */
  readonly redirect: string;
}

const hidden = (redirect: string) => `<input type="hidden" name="rd" value="${escapeHtml(redirect)}">`;

function document(title: string, content: string, exchange: Exchange): Buffer {
  const { footer } = exchange.context.settings.options;
  const own = `<p>Secured with <a href="https://github.com/oauth2-proxy/oauth2-proxy">OAuth2 Proxy</a> version ${VERSION}</p>`;
  const foot = footer === "-" ? "" : footer === "" ? own : footer;
  return Buffer.from(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title></head><body><main>${content}</main><footer>${foot}</footer></body></html>
`);
}

/** The banner above the button: the configured one, else the domains that may sign in. */
function banner({ context }: Exchange): string {
  const { banner: configured, email_domains } = context.settings.options;
  if (configured === "-") return "";
  if (configured !== "") return `<p>${configured}</p>`;
  const domains = email_domains.map(escapeHtml).join(", ");
  if (email_domains.length > 1) return `<p>Authenticate using one of the following domains: ${domains}</p>`;
  return domains === "" || domains === "*" ? "" : `<p>Authenticate using ${domains}</p>`;
}

function localForm(exchange: Exchange, { redirect }: SignInText): string {
  const { options } = exchange.context.settings;
  if (exchange.context.htpasswd === undefined || !options.display_htpasswd_form) return "";
  return `<form method="POST" action="${escapeHtml(options.proxy_prefix)}/sign_in">${hidden(redirect)}
<label for="username">Username</label><input type="text" name="username" id="username" autocomplete="username">
<label for="password">Password</label><input type="password" name="password" id="password" autocomplete="current-password">
<button type="submit">Sign in</button></form>`;
}

/** The sign-in page as bytes. */
export function signInPage(exchange: Exchange, text: SignInText): Buffer {
  const { provider, settings } = exchange.context;
  const start = `${escapeHtml(settings.options.proxy_prefix)}/start`;
  const message =
    text.message === ""
      ? ""
      : `<p role="alert"><b>&times;</b> ${text.status}: ${escapeHtml(text.message)}</p>`;
  const logo = settings.options.custom_sign_in_logo;
  const picture = /^https:\/\//.test(logo)
    ? `<img src="${escapeHtml(logo)}" alt="">`
    : logo === "-"
      ? ""
      : "<svg></svg>";
  const content = `${picture}<form method="GET" action="${start}">${hidden(text.redirect)}${banner(exchange)}
<button type="submit">Sign in with ${escapeHtml(provider.displayName)}</button></form>${localForm(exchange, text)}${message}`;
  return document("Sign In", content, exchange);
}

/** Answers with the sign-in page. */
export function answerSignIn(
  exchange: Exchange,
  status: number,
  text: Omit<SignInText, "status">,
  headers: readonly string[],
  outcome?: Outcome,
): void {
  exchange.send(status, [...headers, ...HTML], signInPage(exchange, { ...text, status }), outcome);
}

/** The error page as bytes. */
export function errorPage(exchange: Exchange, { status, message, redirect }: ErrorText): Buffer {
  const words = STATUS_CODES[status] ?? "";
  const { proxy_prefix } = exchange.context.settings.options;
  const content = `<h1>${status}</h1><h2>${words}</h2><h3>More Info</h3><p>${escapeHtml(message)}</p><p>Request ID: ${escapeHtml(exchange.id)}</p>
<form method="GET" action="${escapeHtml(redirect)}"><button type="submit">Go back</button></form>
<form method="GET" action="${escapeHtml(proxy_prefix)}/sign_in">${hidden(redirect)}<button type="submit">Sign in</button></form>`;
  return document(`${status} ${words}`, content, exchange);
}

/** Answers with an error page. */
export function answerError(
  exchange: Exchange,
  text: ErrorText,
  headers: readonly string[],
  outcome?: Outcome,
): Answered {
  exchange.send(text.status, [...headers, ...HTML], errorPage(exchange, text), outcome);
}
