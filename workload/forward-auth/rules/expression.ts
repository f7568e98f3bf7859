import { RE2JS } from "re2js";

/** Longest pattern taken, in characters. */
const MOST = 1024;

/** An expression for paths that need no login, with the methods for which it holds. */
export interface RouteExpression {
  readonly text: string;
  /**
   * @param method The original request's method, as sent.
   * @param path Decoded path without query; must be unambiguous (`readPath(...).plain`).
   */
  matches(method: string, path: string): boolean;
}

/**
 * Compiles `regex`, `METHOD=regex` or `METHOD!=regex` (every path but those). The expression is RE2's: linear time, no
 * look-around, no back-references, unanchored.
 *
 * @throws {RangeError} When the expression is none.
 * @see oauth2-proxy: skip_auth_routes; RE2 syntax
 */
export function routeExpression(text: string): RouteExpression {
  const [, method, sign, rest] = /^(?:([A-Za-z]+)(!?=))?([\s\S]*)$/.exec(text) ?? [];
  if (rest === undefined || rest === "" || rest.length > MOST) {
    throw new RangeError(
      `Cannot read route "${text.slice(0, 80)}": should be an expression of 1 to ${MOST} characters`,
    );
  }
  const expression = compileExpression(rest);
  const wanted = sign !== "!=";
  const only = method?.toUpperCase();
  return {
    text,
    matches: (asked, path) =>
      (only === undefined || asked === only) && expression.matcher(path).find() === wanted,
  };
}

/**
 * Compiles an RE2 expression.
 *
 * @throws {RangeError} When it is none.
 */
export function compileExpression(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw new RangeError(
      `Cannot read route expression "${pattern.slice(0, 80)}": ${(cause as Error).message}`,
      { cause },
    );
  }
}
