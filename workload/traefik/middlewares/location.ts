/** Redirects of a decision point, as Go's URL package resolves and writes them. @module */

/** Go leaves a query as it is, but for the line; a path's blanks are escaped. */
function written(resolved: URL, given: string): string {
  const query = /^[^?#]*(\?[^#]*)/.exec(given)?.[1] ?? "";
  const onlyQuery = given.startsWith("?") && resolved.pathname === "/";
  const keepsNoPath = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([?#]|$)/i.test(given);
  const path = onlyQuery || keepsNoPath ? "" : resolved.pathname;
  const credentials = resolved.username === "" ? "" : `${resolved.username}@`;
  return `${resolved.protocol}//${credentials}${resolved.host}${path}${query}${resolved.hash}`;
}

/**
 * Makes a `Location` absolute.
 *
 * @param given As the decision point wrote it.
 * @param address Of the decision point.
 * @returns `undefined` for one that is no URL; nobody should be sent there.
 */
export function resolveLocation(given: string, address: string): string | undefined {
  const resolved = URL.parse(given, address);
  if (!resolved) return undefined;
  // Only what Node would change and Go would not is written anew.
  if (!/^https?:$/.test(resolved.protocol) || resolved.password !== "") return resolved.href;
  return / /.test(given.split("?")[1] ?? "") || given.startsWith("?")
    ? written(resolved, given)
    : resolved.href;
}
