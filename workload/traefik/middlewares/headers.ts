import type { MiddlewareConfig } from "../config/dynamic.ts";
import type { Middleware } from "../proxy/exchange.ts";
import { type HeaderList, withHeader, without } from "../proxy/headers.ts";

/** Sets fields; an empty value takes a field away. */
function change(headers: HeaderList, changes: Readonly<Record<string, string>>): HeaderList {
  return Object.entries(changes).reduce<HeaderList>(
    (all, [name, value]) => (value === "" ? without(all, name) : withHeader(all, name, value)),
    headers,
  );
}

export function headers(settings: NonNullable<MiddlewareConfig["headers"]>): Middleware {
  return (next) => (exchange) => {
    exchange.headers = change(exchange.headers, settings.customRequestHeaders);
    exchange.answerHeaders.push((answer) => change(answer, settings.customResponseHeaders));
    return next(exchange);
  };
}
