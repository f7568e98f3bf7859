/**
 * The kinds of enforcement points. Each says where the original request is authoritative and which answers it understands;
 * no endpoint guesses.
 */
import type { DecisionMode } from "../config.ts";

/** How one kind of enforcement point asks. */
export interface Point {
  readonly mode: Exclude<DecisionMode, "compat">;
  /**
   * `root`: any answer reaches the browser. `auth`: only 2xx, 401 and 403 do. `check`: the request line is the user's, so every
   * path may be asked, our own endpoints included, and only 200 allows.
   */
  readonly question: "root" | "auth" | "check";
  /** Status of an allow. */
  readonly allowStatus: number;
  /** True when every `Set-Cookie` of an allow reaches the browser; else a session in several cookies is not renewed. */
  readonly manyCookies: boolean;
}

const FORWARDED: Point = { mode: "forwarded", question: "root", allowStatus: 202, manyCookies: false };
const NGINX: Point = { mode: "forwarded", question: "auth", allowStatus: 202, manyCookies: false };
const INGRESS: Point = { mode: "nginx-ingress", question: "auth", allowStatus: 202, manyCookies: false };

/** Envoy over HTTP. */
export const ENVOY_HTTP: Point = {
  mode: "envoy-http",
  question: "check",
  allowStatus: 200,
  manyCookies: true,
};

/** Envoy over gRPC. */
export const ENVOY_GRPC: Point = {
  mode: "envoy-grpc",
  question: "check",
  allowStatus: 200,
  manyCookies: true,
};

/** Points by their name behind `<prefix>/authz/`. */
export const POINTS: ReadonlyMap<string, Point> = new Map([
  ["forwarded", FORWARDED],
  ["nginx", NGINX],
  ["nginx-ingress", INGRESS],
  ["ingress-nginx", INGRESS],
  ["envoy-http", ENVOY_HTTP],
  ["envoy", ENVOY_HTTP],
]);

/** What a path of a listener that is not Envoy's asks. */
export interface PointPath {
  readonly point: Point;
  /** Path and query that are asked about or carry constraints; begins with `/` for a `check`. */
  readonly rest: string;
}

/**
 * Reads `<prefix>/authz/<name>`, with a query of the enforcement point's own, and `<prefix>/authz/envoy-http/<original path>`.
 *
 * @param url Request target as sent.
 * @param authz `<prefix>/authz/`.
 * @returns Undefined for other paths; `unknown` for a name that is none, or a `check` without a path.
 */
export function readPointPath(url: string, authz: string): PointPath | "unknown" | undefined {
  if (!url.startsWith(authz)) return undefined;
  const end = url.slice(authz.length).search(/[/?]/);
  const at = end === -1 ? url.length : authz.length + end;
  const point = POINTS.get(url.slice(authz.length, at));
  const rest = url.slice(at);
  if (point === undefined) return "unknown";
  const fits = point.question === "check" ? rest.startsWith("/") : rest === "" || rest.startsWith("?");
  return fits ? { point, rest } : "unknown";
}
