/** Which upstream a path belongs to. */
import { compileRewrite, type Rewrite } from "./rewrite.ts";

/** What routing needs of an upstream. */
export interface Routed {
  readonly path: string;
  readonly rewriteTarget: string;
}

/** Where a request goes. `slash`: to the same path with a slash behind it. */
export type Route<T> =
  | { readonly kind: "upstream"; readonly upstream: T; readonly rewrite: Rewrite | undefined }
  | { readonly kind: "slash" };

interface Rule<T> {
  readonly route: Extract<Route<T>, { kind: "upstream" }>;
  /** @param routed The path that is compared; @param decoded the one that expressions see. */
  matches(routed: string, decoded: string): boolean;
}

function compileRule<T extends Routed>(upstream: T): Rule<T> {
  const { path } = upstream;
  if (upstream.rewriteTarget !== "") {
    const rewrite = compileRewrite(path, upstream.rewriteTarget);
    return {
      route: { kind: "upstream", upstream, rewrite },
      matches: (_, decoded) => rewrite.matches(decoded),
    };
  }
  const route = { kind: "upstream", upstream, rewrite: undefined } as const;
  if (path.endsWith("/")) return { route, matches: (routed) => routed.startsWith(path) };
  return { route, matches: (routed) => routed === path };
}

/** Expressions first, then long paths before short ones. */
const byWeight = (a: Routed, b: Routed): number =>
  Number(b.rewriteTarget !== "") - Number(a.rewriteTarget !== "") || b.path.length - a.path.length;

/** All upstreams, in the order in which they are asked. */
export class Routing<T extends Routed> {
  readonly #rules: readonly Rule<T>[];

  /** @throws {RangeError} When an expression cannot be compiled. */
  constructor(upstreams: readonly T[]) {
    this.#rules = upstreams.toSorted(byWeight).map(compileRule);
  }

  /**
   * Finds the upstream.
   *
   * @param routed The path that is compared: decoded, or as sent with `proxyRawPath`.
   * @param decoded The decoded path.
   */
  find(routed: string, decoded: string): Route<T> | undefined {
    const rule = this.#rules.find((candidate) => candidate.matches(routed, decoded));
    if (rule !== undefined) return rule.route;
    if (decoded.endsWith("/")) return undefined;
    const slashed = `${decoded}/`;
    return this.#rules.some((candidate) => candidate.matches(slashed, slashed))
      ? { kind: "slash" }
      : undefined;
  }
}
