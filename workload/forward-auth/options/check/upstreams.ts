import { RE2JS } from "re2js";
import { type Faults, masked } from "../faults.ts";
import { parseGoUrl } from "../go-url.ts";
import type { Structure, UpstreamSettings } from "../structure.ts";

const SCHEMES: readonly string[] = ["http", "https", "unix", "file"];

/** What is wrong with where an upstream is; undefined when nothing is. */
function badTarget({ id, path, uri, static: isStatic }: UpstreamSettings): string | undefined {
  if (id === "") return "has an upstream with an empty id";
  if (path === "") return `has an upstream "${id}" with an empty path`;
  if (isStatic) return undefined;
  if (uri === "") return `has an upstream "${id}" with an empty uri: all but static upstreams need one`;
  const url = parseGoUrl(uri);
  if (url === undefined) return `has an upstream "${id}" whose uri is no URL: "${masked(uri)}"`;
  if (SCHEMES.includes(url.scheme)) return undefined;
  return `has an upstream "${id}" with the scheme "${url.scheme}": it must be one of ${SCHEMES.join(", ")}`;
}

/** With a rewrite target the path is an expression. */
function badPath({ path, rewriteTarget }: UpstreamSettings): string | undefined {
  if (rewriteTarget === "") return undefined;
  try {
    RE2JS.compile(path);
    return undefined;
  } catch (error) {
    return `has a path that is no regular expression, "${path}": ${(error as Error).message}`;
  }
}

/** Upstreams: ids and paths that differ, URLs that can be forwarded to. */
export function checkUpstreams({ upstreams }: Structure, faults: Faults): void {
  const ids = new Set<string>();
  const paths = new Set<string>();
  for (const [index, upstream] of upstreams.entries()) {
    const say = (must: string) => faults.structured("upstreams", `upstreamConfig.upstreams[${index}]`, must);
    for (const reason of [badTarget(upstream), badPath(upstream)]) if (reason !== undefined) say(reason);
    if (ids.has(upstream.id)) say(`has several upstreams with the id "${upstream.id}"`);
    if (paths.has(upstream.path)) say(`has several upstreams with the path "${upstream.path}"`);
    ids.add(upstream.id);
    paths.add(upstream.path);
  }
}
