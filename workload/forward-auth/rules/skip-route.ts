/** Routes that need no login, read as oauth2-proxy reads them. */
import { compileExpression, type RouteExpression } from "./expression.ts";

/**
 * Compiles `regex`, `METHOD=regex` or `METHOD!=regex`. What stands before the first `=` or `!=` is a method, whatever it is; the
 * route is the opposite when `!=` is anywhere in the text.
 *
 * @throws {RangeError} When the expression is none.
 * @see oauth2-proxy/oauth2-proxy: oauthproxy.go (buildRoutesAllowlist)
 */
export function skipRoute(text: string): RouteExpression {
  const [, method, , rest] = /^([\s\S]*?)(!?=)([\s\S]*)$/.exec(text) ?? [];
  const expression = compileExpression(rest ?? text);
  const wanted = !text.includes("!=");
  const only = method?.toUpperCase() ?? "";
  return {
    text,
    matches: (asked, path) => (only === "" || asked === only) && expression.matcher(path).find() === wanted,
  };
}

/**
 * Compiles an expression for every method.
 *
 * @throws {RangeError} When it is none.
 */
export function skipRegex(text: string): RouteExpression {
  const expression = compileExpression(text);
  return { text, matches: (_, path) => expression.matcher(path).find() };
}
