/** Paths that are rewritten on the way to an upstream, by an RE2 expression and a template. */
import { RE2JS } from "re2js";
import { decodePath, encodePath, encodeQuery } from "./target.ts";

/** Rewrites requests whose path matches. */
export interface Rewrite {
  /** @param path Decoded, latin1. */
  matches(path: string): boolean;
  /**
   * The target for the upstream.
   *
   * @param path Decoded, latin1.
   * @param query With its `?`, or empty.
   */
  target(path: string, query: string): string;
}

/** A piece of a template: text, or the number or name of a group. */
type Piece = { readonly text: string } | { readonly group: string };

/** Reads `$1`, `${1}`, `$name`, `${name}` and `$$`, as Go's `Regexp.Expand` does: names are as long as possible. */
function readTemplate(template: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of template.matchAll(/\$(?:(\$)|(\w+)|\{(\w+)\})/g)) {
    pieces.push({ text: template.slice(end, match.index) });
    const [all, dollar, bare, braced] = match;
    pieces.push(dollar === undefined ? { group: bare ?? braced ?? "" } : { text: "$" });
    end = match.index + all.length;
  }
  pieces.push({ text: template.slice(end) });
  return pieces;
}

/** Bytes as characters where they are UTF-8, else each byte as one. */
function readBytes(bytes: string): { readonly text: string; readonly encoding: "utf8" | "latin1" } {
  if (/^[\x00-\x7f]*$/.test(bytes)) return { text: bytes, encoding: "latin1" };
  const buffer = Buffer.from(bytes, "latin1");
  const text = buffer.toString("utf8");
  return text.includes("\ufffd") ? { text: bytes, encoding: "latin1" } : { text, encoding: "utf8" };
}

type Pairs = Map<string, string[]>;

/** Adds the pairs of a query; like Go, a pair with a semicolon or a broken escape is dropped. */
function readQuery(query: string, pairs: Pairs): void {
  for (const part of query.split("&")) {
    if (part === "" || part.includes(";") || /%(?![0-9a-fA-F]{2})/.test(part)) continue;
    const mark = part.indexOf("=");
    const [name, value] = mark === -1 ? [part, ""] : [part.slice(0, mark), part.slice(mark + 1)];
    const key = decodePath(name.replaceAll("+", " "));
    pairs.set(key, [...(pairs.get(key) ?? []), decodePath(value.replaceAll("+", " "))]);
  }
}

/** Pairs as a query, sorted by name; the values of one name keep their order. */
function writeQuery(pairs: Pairs): string {
  const names = [...pairs.keys()].sort((a, b) => (a < b ? -1 : 1));
  return names
    .flatMap((name) => (pairs.get(name) ?? []).map((value) => `${encodeQuery(name)}=${encodeQuery(value)}`))
    .join("&");
}

/** Puts the rewritten text together: its own query first, then the request's. */
function joinTarget(rewritten: string, query: string): string {
  const mark = rewritten.indexOf("?");
  const pairs: Pairs = new Map();
  if (mark !== -1) readQuery(rewritten.slice(mark + 1), pairs);
  readQuery(query.slice(1), pairs);
  const written = writeQuery(pairs);
  const path = encodePath(mark === -1 ? rewritten : rewritten.slice(0, mark));
  return `${path.startsWith("/") ? "" : "/"}${path}${written === "" ? "" : `?${written}`}`;
}

/**
 * Compiles a rewriting.
 *
 * @param expression RE2, unanchored, on the decoded path.
 * @param template Replaces each match; may have a query.
 * @throws {RangeError} When the expression is none.
 * @see oauth2-proxy/oauth2-proxy: pkg/upstream/rewrite.go
 */
export function compileRewrite(expression: string, template: string): Rewrite {
  const compiled = compile(expression);
  const pieces = readTemplate(template);
  const names: Readonly<Record<string, number>> = compiled.namedGroups();
  const numberOf = (group: string): number => (/^\d+$/.test(group) ? Number(group) : (names[group] ?? -1));
  return {
    matches: (path) => compiled.matcher(readBytes(path).text).find(),
    target(path, query) {
      const { text, encoding } = readBytes(path);
      const matcher = compiled.matcher(text);
      let rewritten = "";
      let end = 0;
      while (matcher.find()) {
        const start = matcher.start();
        // Like Go: nothing is put in for an empty match right behind another match.
        if (matcher.end() === end && start !== 0) continue;
        rewritten += text.slice(end, start);
        for (const piece of pieces)
          rewritten += "text" in piece ? piece.text : groupOf(matcher, numberOf(piece.group));
        end = matcher.end();
      }
      rewritten += text.slice(end);
      return joinTarget(Buffer.from(rewritten, encoding).toString("latin1"), query);
    },
  };
}

type Matcher = ReturnType<RE2JS["matcher"]>;

const groupOf = (matcher: Matcher, group: number): string =>
  group < 0 || group > matcher.groupCount() ? "" : (matcher.group(group) ?? "");

function compile(expression: string): RE2JS {
  try {
    return RE2JS.compile(expression);
  } catch (error) {
    throw new RangeError(
      `Cannot compile upstream path "${expression}": ${error instanceof Error ? error.message : "no expression"}`,
    );
  }
}
