import type { MiddlewareConfig } from "../config/dynamic.ts";
import { answerText, type Exchange, type Middleware } from "../proxy/exchange.ts";
import { targetText } from "../proxy/target.ts";

const OWN_PORT: Readonly<Record<string, string>> = { http: "80", https: "443" };
const TEXT: Readonly<Record<number, string>> = {
  301: "Moved Permanently",
  302: "Found",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
};

function redirect(exchange: Exchange, location: string, permanent: boolean): void {
  const get = exchange.method === "GET";
  const status = permanent ? (get ? 301 : 308) : get ? 302 : 307;
  answerText(exchange, status, TEXT[status] ?? "", [["Location", location]]);
}

/** Sends the client to the same place with another scheme. */
export function redirectScheme({
  scheme,
  port,
  permanent,
}: NonNullable<MiddlewareConfig["redirectScheme"]>): Middleware {
  return (next) => async (exchange) => {
    if (exchange.scheme === scheme) return next(exchange);
    if (exchange.host === "") return answerText(exchange, 404, "404 page not found\n");
    const host = exchange.host.replace(/:\d*$/, "");
    const suffix = port === "" || port === OWN_PORT[scheme] ? "" : `:${port}`;
    redirect(exchange, `${scheme}://${host}${suffix}${targetText(exchange.target)}`, permanent);
  };
}

export function redirectRegex(settings: NonNullable<MiddlewareConfig["redirectRegex"]>): Middleware {
  const pattern = new RegExp(settings.regex, "u");
  const replacement = settings.replacement.replace(/\$\{(\w+)\}/g, "$$$1");
  return (next) => async (exchange) => {
    const url = `${exchange.scheme}://${exchange.host}${targetText(exchange.target)}`;
    const location = url.replace(pattern, replacement);
    if (location === url) return next(exchange);
    redirect(exchange, location, settings.permanent);
  };
}
