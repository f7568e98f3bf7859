import type { MiddlewareConfig } from "../config/dynamic.ts";
import { ConfigFault } from "../config/fault.ts";
import { answerText, type Middleware } from "../proxy/exchange.ts";
import { basicAuth } from "./basic-auth.ts";
import { forwardAuth } from "./forward-auth.ts";
import { headers } from "./headers.ts";
import { addPrefix, replacePath, replacePathRegex, stripPrefix, stripPrefixRegex } from "./paths.ts";
import { redirectRegex, redirectScheme } from "./redirects.ts";

/** Finds another middleware by its name. */
export type Lookup = (name: string) => Middleware;

/**
 * Makes a middleware.
 *
 * @throws {ConfigFault} When it is none of the known ones, or a part of it cannot be used; its routers are disabled.
 */
export function makeMiddleware(config: MiddlewareConfig, lookup: Lookup): Middleware {
  const kinds = Object.entries(config).filter(([, settings]) => settings !== undefined);
  if (kinds.length !== 1)
    throw new ConfigFault(`Cannot use middleware: it has ${kinds.length} kinds, it must have one`);
  if (config.forwardAuth) {
    // As with Traefik the router stays, and nobody passes.
    if (!/^https?:$/.test(URL.parse(config.forwardAuth.address)?.protocol ?? "")) return closed("");
    // A decision about a body that is not sent along would be one about something else.
    if (config.forwardAuth.forwardBody) return closed("");
    return forwardAuth(config.forwardAuth);
  }
  if (config.stripPrefix) return stripPrefix(config.stripPrefix);
  if (config.stripPrefixRegex) return stripPrefixRegex(config.stripPrefixRegex);
  if (config.addPrefix) return addPrefix(config.addPrefix);
  if (config.replacePath) return replacePath(config.replacePath);
  if (config.replacePathRegex) return replacePathRegex(config.replacePathRegex);
  if (config.redirectScheme) return redirectScheme(config.redirectScheme);
  if (config.redirectRegex) return redirectRegex(config.redirectRegex);
  if (config.headers) return headers(config.headers);
  if (config.basicAuth?.users.some((user) => !user.includes(":")))
    throw new ConfigFault("Cannot use basicAuth: a user must be name:hash");
  if (config.basicAuth) return basicAuth(config.basicAuth);
  if (config.chain) return chain(config.chain.middlewares.map(lookup));
  if (kinds[0]?.[0] === "compress") return (next) => next; // The stand-in sends answers as they are.
  // One that the stand-in has not might protect: closed.
  return closed("Internal Server Error");
}

const closed =
  (body: string): Middleware =>
  () =>
  async (exchange) =>
    answerText(exchange, 500, body);

/** Several middlewares as one, the first outermost. */
export const chain =
  (parts: readonly Middleware[]): Middleware =>
  (next) =>
    parts.reduceRight((inner, part) => part(inner), next);
