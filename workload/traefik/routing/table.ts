import type { Merged } from "../config/directory.ts";
import type { RouterConfig } from "../config/dynamic.ts";
import { chain, makeMiddleware } from "../middlewares/make.ts";
import type { Exchange, Handler, Middleware } from "../proxy/exchange.ts";
import { compileRule, type Match, type Matchable } from "../rules/rule.ts";
import { balancer, type Service } from "./balancer.ts";

/** One router that works. */
export interface Route {
  readonly name: string;
  readonly match: Match;
  readonly priority: number;
  readonly tls: boolean;
  readonly entryPoints: readonly string[];
  readonly handle: Handler;
}

/** Everything that is routed, and what is not. */
export interface RoutingTable {
  /** The first route of an entry point that fits. */
  find(entryPoint: string, tls: boolean, request: Matchable): Route | undefined;
  /** Router → why it is disabled. */
  readonly disabled: Readonly<Record<string, string>>;
  close(): void;
}

/** Traefik's own routers come first; nothing of a file may be above. */
const MAX_PRIORITY = Number.MAX_SAFE_INTEGER;

const local = (name: string): string => name.replace(/@file$/, "");

class Builder {
  readonly #config: Merged;
  readonly #internal: Readonly<Record<string, Handler>>;
  readonly #services = new Map<string, Service>();
  readonly #making = new Set<string>();

  constructor(config: Merged, internal: Readonly<Record<string, Handler>>) {
    this.#config = config;
    this.#internal = internal;
  }

  route(name: string, config: RouterConfig, defaults: readonly string[], known: ReadonlySet<string>): Route {
    const entryPoints = (config.entryPoints ?? defaults).filter((entryPoint) => known.has(entryPoint));
    if (config.priority > MAX_PRIORITY) throw new Error(`priority must be at most ${MAX_PRIORITY}`);
    const middlewares = config.middlewares.map((middleware) => this.middleware(middleware));
    return {
      name,
      match: compileRule(config.rule),
      priority: config.priority === 0 ? config.rule.length : config.priority,
      tls: config.tls !== undefined && config.tls !== null,
      entryPoints,
      handle: chain(middlewares)(this.service(config.service)),
    };
  }

  middleware = (name: string): Middleware => {
    const config = this.#config.middlewares[local(name)];
    if (!config) throw new Error(`middleware "${name}" does not exist`);
    if (this.#making.has(name)) throw new Error(`middleware "${name}" contains itself`);
    this.#making.add(name);
    try {
      return makeMiddleware(config, this.middleware);
    } finally {
      this.#making.delete(name);
    }
  };

  service(name: string): Handler {
    const internal = this.#internal[name];
    if (internal) return internal;
    const key = local(name);
    const config = this.#config.services[key];
    if (!config) throw new Error(`the service "${name}" does not exist`);
    const known = this.#services.get(key) ?? balancer(config, this.#config.serversTransports);
    this.#services.set(key, known);
    return known.handle;
  }

  close(): void {
    for (const service of this.#services.values()) service.close();
  }
}

/**
 * Compiles a configuration. One bad router is left out; requests then fall to the next that fits.
 *
 * @param options.entryPoints All entry points, and those a router without any is on.
 */
export function routingTable(
  config: Merged,
  options: {
    readonly known: ReadonlySet<string>;
    readonly defaults: readonly string[];
    readonly internal: Readonly<Record<string, Handler>>;
  },
): RoutingTable {
  const builder = new Builder(config, options.internal);
  const disabled: Record<string, string> = {};
  const routes: Route[] = [];
  for (const [name, router] of Object.entries(config.routers)) {
    try {
      routes.push(builder.route(name, router, options.defaults, options.known));
    } catch (error) {
      disabled[name] = (error as Error).message;
    }
  }
  routes.sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
  return {
    find: (entryPoint, tls, request) =>
      routes.find(
        (route) => route.tls === tls && route.entryPoints.includes(entryPoint) && route.match(request),
      ),
    disabled,
    close: () => builder.close(),
  };
}

/** What rules see of an exchange. */
export function matchable(exchange: Exchange, path: string): Matchable {
  return {
    method: exchange.method,
    host: exchange.host.replace(/:\d*$/, "").toLowerCase(),
    path,
    query: new URLSearchParams(exchange.target.query),
    header: (name) =>
      exchange.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value),
    clientIp: exchange.clientIp,
  };
}
