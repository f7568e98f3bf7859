/** Request targets: what is path, what is query, and which spelling of a path is the clean one. */

/** A request target, taken apart but not decoded. Characters are latin1 bytes, as Node.js gives them. */
export interface RequestTarget {
  /** Host of a target in absolute form; it replaces the `Host` header (RFC 9112, section 3.2.2). */
  readonly host: string | undefined;
  /** Path as sent; begins with `/`, but for `*`. */
  readonly path: string;
  /** From the first `?` on, with it; empty without one. */
  readonly query: string;
}

/** Takes a target apart; undefined when it is none: then it is a bad request. */
export function readTarget(url: string): RequestTarget | undefined {
  if (url.startsWith("/")) return split(undefined, url);
  if (url === "*") return { host: undefined, path: "*", query: "" };
  const [, host, rest = ""] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(url) ?? [];
  if (host === undefined || host.includes("@")) return undefined;
  return split(host, rest.startsWith("/") ? rest : `/${rest}`);
}

function split(host: string | undefined, text: string): RequestTarget | undefined {
  const mark = text.indexOf("?");
  const path = mark === -1 ? text : text.slice(0, mark);
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return undefined;
  return { host, path, query: mark === -1 ? "" : text.slice(mark) };
}

/** A target in origin form, with the host that one in absolute form names (RFC 9112, section 3.2). */
export function originForm(url: string): { readonly url: string; readonly host: string | undefined } {
  const target = url.startsWith("/") ? undefined : readTarget(url);
  return target?.host === undefined
    ? { url, host: undefined }
    : { url: target.path + target.query, host: target.host };
}

/** The path with its escapes decoded once, as latin1 bytes. */
export function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  return path.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** Characters of a path that Go leaves as they are. */
const PLAIN = /[^\w.~$&+,/:;=@-]/g;

const percent = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/** Escapes a decoded path as Go does: `*`, `!`, `(` and their like become escapes too. */
export function encodePath(path: string): string {
  return path.replace(PLAIN, percent);
}

/** Escapes a text for a query as Go does; a blank becomes `+`. */
export function encodeQuery(text: string): string {
  return text.replace(/[^\w.~-]/g, (character) => (character === " " ? "+" : percent(character)));
}

/** True for a path that {@link cleanPath} changes. */
export function isUnclean(path: string): boolean {
  if (!path.startsWith("/") || path.includes("//")) return true;
  return path.includes("/.") && /\/\.\.?(?:\/|$)/.test(path);
}

/** Removes empty and dot segments; a slash at the end stays. The result begins with one `/`. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return kept.length === 0 ? "/" : `/${kept.join("/")}${path.endsWith("/") ? "/" : ""}`;
}

/**
 * Where a request is sent whose path has empty or dot segments as sent: to the clean one. The answer is 301, before
 * anything else looks at the request.
 *
 * @param query Without its `?`.
 * @returns Undefined when the path is clean.
 */
export function cleanLocation(path: string, query: string): string | undefined {
  if (!isUnclean(path)) return undefined;
  return `${path === "*" ? "/%2A" : cleanPath(path)}${query === "" ? "" : `?${query}`}`;
}
