import type { MiddlewareConfig } from "../config/dynamic.ts";
import type { Exchange, Middleware } from "../proxy/exchange.ts";
import { decodedPath } from "../proxy/target.ts";

const rooted = (path: string): string => (path.startsWith("/") ? path : `/${path}`);

/** Go writes the escapes anew where those that were given no longer say the same. */
function rerooted(rest: string): string {
  const path = rooted(rest);
  const plain = rooted(decodedPath(rest));
  if (decodedPath(path) === plain) return path;
  return plain.split("/").map(encodeURIComponent).join("/");
}

function strip(exchange: Exchange, prefix: string, rest: string): void {
  exchange.target = { ...exchange.target, path: rerooted(rest) };
  exchange.headers = [...exchange.headers, ["X-Forwarded-Prefix", prefix]];
}

/** Takes the first prefix that fits off the path, and tells the server which it was. */
export function stripPrefix({ prefixes }: NonNullable<MiddlewareConfig["stripPrefix"]>): Middleware {
  return (next) => (exchange) => {
    const { path } = exchange.target;
    const prefix = prefixes.find((candidate) => path.startsWith(candidate));
    if (prefix !== undefined) strip(exchange, prefix, path.slice(prefix.length));
    return next(exchange);
  };
}

export function stripPrefixRegex({ regex }: NonNullable<MiddlewareConfig["stripPrefixRegex"]>): Middleware {
  const patterns = regex.map((text) => new RegExp(text, "u"));
  return (next) => (exchange) => {
    const { path } = exchange.target;
    for (const pattern of patterns) {
      const found = pattern.exec(path);
      if (found?.index === 0 && found[0] !== "") {
        strip(exchange, found[0], path.slice(found[0].length));
        break;
      }
    }
    return next(exchange);
  };
}

export function addPrefix({ prefix }: NonNullable<MiddlewareConfig["addPrefix"]>): Middleware {
  return (next) => (exchange) => {
    exchange.target = { ...exchange.target, path: `${rooted(prefix)}${exchange.target.path}` };
    return next(exchange);
  };
}

function replace(exchange: Exchange, path: string): void {
  exchange.headers = [...exchange.headers, ["X-Replaced-Path", exchange.target.path]];
  exchange.target = { ...exchange.target, path: rooted(path) };
}

export function replacePath({ path }: NonNullable<MiddlewareConfig["replacePath"]>): Middleware {
  return (next) => (exchange) => {
    replace(exchange, path);
    return next(exchange);
  };
}

export function replacePathRegex(settings: NonNullable<MiddlewareConfig["replacePathRegex"]>): Middleware {
  const pattern = new RegExp(settings.regex, "u");
  return (next) => (exchange) => {
    const { path } = exchange.target;
    if (pattern.test(path)) replace(exchange, path.replace(pattern, settings.replacement));
    return next(exchange);
  };
}
