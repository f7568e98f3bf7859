/** Paths as Traefik has them: unreserved characters decoded, dot segments and repeated slashes gone. @module */

/** The parts of a request target. */
export interface Target {
  /** As it travels, percent-encoded. */
  readonly path: string;
  /** Without the question mark; `undefined` without one. */
  readonly query: string | undefined;
}

/** RFC 3986, section 6.2.2: escapes of unreserved characters are undone, others are in upper case. */
function normalEscapes(path: string): string {
  return path.replace(/%([0-9a-fA-F]{2})/g, (given, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    return /[A-Za-z0-9._~-]/.test(char) ? char : given.toUpperCase();
  });
}

/** RFC 3986, section 5.2.4, and repeated slashes as one; a trailing slash stays. */
function clean(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const trailing = kept.length > 0 && /\/\.{0,2}$/.test(path) && path.endsWith("/") ? "/" : "";
  return `/${kept.join("/")}${trailing}`;
}

/**
 * Splits and cleans a request target; `undefined` for one that is no path.
 *
 * @param target As in the request line, in origin form.
 */
export function parseTarget(target: string): Target | undefined {
  const [, path = "", query] = /^([^?]*)(?:\?(.*))?$/s.exec(target) ?? [];
  if (!path.startsWith("/") || /%(?![0-9a-fA-F]{2})/.test(path)) return undefined;
  return { path: clean(normalEscapes(path)), query };
}

/** The path as text, for rules. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

/**
 * With something else for every `;` of the query, which Go takes for no separator.
 *
 * @param as `&`, or `%3B` where the entry point has `encodeQuerySemicolons`.
 */
export const withoutSemicolons = ({ path, query }: Target, as: "&" | "%3B"): Target => ({
  path,
  query: query?.replaceAll(";", as),
});

/** A target to send. */
export const targetText = ({ path, query }: Target): string =>
  query === undefined ? path : `${path}?${query}`;

/** The path that rules are matched with: escapes of RFC 3986's reserved characters, and of `%`, stay. */
export const routingPath = (path: string): string =>
  path
    .split(/(%(?:3A|2F|3F|23|5B|5D|40|21|24|26|27|28|29|2A|2B|2C|3B|3D|25))/)
    .map((part, index) => (index % 2 === 1 ? part : decodedPath(part)))
    .join("");
