import type { RouteConfig } from "charmed-iap/interfaces/traefik_route/v0";
import type { Gateway } from "./address.ts";
import { type DynamicConfig, hasTemplate, type Router } from "./dynamic.ts";
import { askMiddleware, cleanMiddleware, routerTls } from "./ingress-routes.ts";
import type { DecisionPoint, Treatment } from "./protection.ts";

/** Routes that an application brings itself, and how to treat it. */
export interface Foreign {
  readonly relationId: number;
  readonly app: string;
  readonly config: RouteConfig;
  /** The configuration has its own routers for TLS. */
  readonly raw: boolean;
  readonly treatment: Treatment;
}

/** What the routes of one application must not touch. */
export interface Taken {
  /** Names of routers, services and middlewares of others. */
  readonly names: ReadonlySet<string>;
  /** Hosts of applications that are protected. */
  readonly protectedHosts: ReadonlySet<string>;
}

/** A file, or why there is none. */
export type Vetted =
  | { readonly ok: true; readonly file: DynamicConfig; readonly names: readonly string[] }
  | { readonly ok: false; readonly fault: string };

const ROUTER_KEYS = new Set(["rule", "service", "entryPoints", "middlewares", "priority", "tls"]);
const ENTRY_POINTS = new Set(["web", "websecure"]);
const NAME = /^[A-Za-z0-9][\w.-]*$/;
/** Middlewares that only change paths, headers or redirects, with the keys that Traefik knows. */
const MIDDLEWARES: Readonly<Record<string, ReadonlySet<string>>> = {
  stripPrefix: new Set(["prefixes"]),
  stripPrefixRegex: new Set(["regex"]),
  addPrefix: new Set(["prefix"]),
  replacePath: new Set(["path"]),
  replacePathRegex: new Set(["regex", "replacement"]),
  redirectScheme: new Set(["scheme", "port", "permanent"]),
  redirectRegex: new Set(["regex", "replacement", "permanent"]),
  headers: new Set(["customRequestHeaders", "customResponseHeaders"]),
  chain: new Set(["middlewares"]),
  compress: new Set([]),
};
const MATCHER =
  /(Host|HostRegexp|Path|PathPrefix|PathRegexp|Method|Header|HeaderRegexp|Query|QueryRegexp|ClientIP)\((\s*(`[^`]*`|"[^"\\]*")\s*,?)+\)/g;

class Fault extends Error {}

/** A rule made of known matchers, and of operators between them. */
function checkRule(where: string, rule: string): void {
  const rest = rule.replace(MATCHER, "M").replace(/\s+/g, "");
  const grammar = /^(?:!|\()*M\)*(?:(?:&&|\|\|)(?:!|\()*M\)*)*$/;
  const balanced = (rest.match(/\(/g)?.length ?? 0) === (rest.match(/\)/g)?.length ?? 0);
  if (!grammar.test(rest) || !balanced) throw new Fault(`${where}: rule must be one that Traefik 3 knows`);
  for (const [, pattern] of rule.matchAll(/Regexp\([`"]([^`"]*)[`"]/g)) {
    try {
      new RegExp(pattern ?? "", "u");
    } catch {
      throw new Fault(`${where}: rule must have a valid regular expression`);
    }
  }
}

function checkKeys(where: string, value: object, known: ReadonlySet<string>): void {
  const unknown = Object.keys(value).find((key) => !known.has(key));
  if (unknown !== undefined) throw new Fault(`${where}: key "${unknown}" is not taken`);
}

type Table = Readonly<Record<string, unknown>>;

const asTable = (where: string, value: unknown): Table => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Fault(`${where}: must be a table`);
  return value as Table;
};

function checkServer(where: string, server: unknown, taken: Taken): { url: string } {
  const table = asTable(where, server);
  checkKeys(where, table, new Set(["url"]));
  const url = typeof table["url"] === "string" ? URL.parse(table["url"]) : null;
  if (!url || !/^(https?|h2c):$/.test(url.protocol))
    throw new Fault(`${where}: url must be http, https or h2c`);
  const host = url.hostname.replace(/\.$/, "").toLowerCase();
  if (taken.protectedHosts.has(host)) throw new Fault(`${where}: ${host} belongs to a protected application`);
  return { url: String(table["url"]) };
}

function checkService(where: string, value: unknown, taken: Taken): unknown {
  const service = asTable(where, value);
  checkKeys(where, service, new Set(["loadBalancer"]));
  const balancer = asTable(where, service["loadBalancer"]);
  checkKeys(where, balancer, new Set(["servers", "passHostHeader"]));
  const servers = balancer["servers"] ?? [];
  if (!Array.isArray(servers)) throw new Fault(`${where}: servers must be a list`);
  return {
    loadBalancer: {
      servers: servers.map((server) => checkServer(where, server, taken)),
      ...(typeof balancer["passHostHeader"] === "boolean"
        ? { passHostHeader: balancer["passHostHeader"] }
        : {}),
    },
  };
}

const isText = (value: unknown): boolean => typeof value === "string" || typeof value === "boolean";

function checkMiddleware(where: string, value: unknown, own: ReadonlySet<string>): unknown {
  const middleware = asTable(where, value);
  const [kind, ...more] = Object.keys(middleware);
  const known = kind === undefined ? undefined : MIDDLEWARES[kind];
  if (kind === undefined || !known || more.length > 0) {
    throw new Fault(`${where}: must be one of ${Object.keys(MIDDLEWARES).join(", ")}`);
  }
  const settings = asTable(where, middleware[kind]);
  checkKeys(where, settings, known);
  for (const setting of Object.values(settings)) {
    const texts = Array.isArray(setting)
      ? setting
      : typeof setting === "object" && setting
        ? Object.values(setting)
        : [setting];
    if (texts.length === 0 || !texts.every(isText))
      throw new Fault(`${where}: values must be text, and not empty`);
  }
  if (kind === "chain") {
    for (const part of (settings["middlewares"] ?? []) as string[]) {
      if (!own.has(part)) throw new Fault(`${where}: middleware "${part}" must be its own`);
    }
  }
  return { [kind]: settings };
}

interface Names {
  readonly services: ReadonlySet<string>;
  readonly middlewares: ReadonlySet<string>;
}

function checkRouter(where: string, value: unknown, own: Names): Router {
  const router = asTable(where, value);
  checkKeys(where, router, ROUTER_KEYS);
  const { rule, service, priority } = router;
  if (typeof rule !== "string" || typeof service !== "string")
    throw new Fault(`${where}: must have rule and service`);
  checkRule(where, rule);
  if (!own.services.has(service)) throw new Fault(`${where}: service "${service}" must be its own`);
  const entryPoints = (router["entryPoints"] ?? ["web"]) as string[];
  const strange = entryPoints.find((name) => !ENTRY_POINTS.has(name));
  if (strange !== undefined || entryPoints.length === 0) {
    throw new Fault(`${where}: entry point "${strange ?? ""}" must be web or websecure`);
  }
  const wares = (router["middlewares"] ?? []) as string[];
  const foreign = wares.find((name) => !own.middlewares.has(name));
  if (foreign !== undefined) throw new Fault(`${where}: middleware "${foreign}" must be its own`);
  const hasPriority = typeof priority === "number";
  if (hasPriority && !(Number.isSafeInteger(priority) && priority > 0)) {
    throw new Fault(`${where}: priority must be a whole number above 0`);
  }
  return {
    rule,
    service,
    entryPoints,
    ...(wares.length > 0 ? { middlewares: wares } : {}),
    ...(hasPriority ? { priority } : {}),
    ...(router["tls"] === undefined ? {} : { tls: {} }),
  };
}

const mapped = (
  prefix: string,
  record: Table,
  check: (where: string, value: unknown) => unknown,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, check(`${prefix}.${name}`, value)]),
  );

/** Puts the decision point, or the removal of forged headers, in front of every router. */
function guarded(routers: Record<string, Router>, guard: string): Record<string, Router> {
  return Object.fromEntries(
    Object.entries(routers).map(([name, router]) => [
      name,
      { ...router, middlewares: [guard, ...(router.middlewares ?? [])] },
    ]),
  );
}

function withTwins(routers: Record<string, Router>, gateway: Gateway): Record<string, Router> {
  const twins = Object.entries(routers).flatMap(([name, router]) =>
    router.entryPoints.includes("web")
      ? [[`${name}-tls`, { ...router, entryPoints: ["websecure"], tls: routerTls(gateway) }] as const]
      : [],
  );
  return { ...routers, ...Object.fromEntries(twins) };
}

/**
 * Checks the routes of one application before they are written: Traefik refuses the whole folder for one bad file,
 * and a router may name any service. What is not known to be harmless is refused.
 */
export function foreignRoutes(
  foreign: Foreign,
  around: {
    readonly gateway: Gateway;
    readonly tls: boolean;
    readonly point: DecisionPoint | undefined;
    readonly taken: Taken;
  },
): Vetted {
  try {
    return vet(foreign, around);
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error.message };
    throw error;
  }
}

function vet(
  { config, raw, treatment, relationId }: Foreign,
  { gateway, tls, point, taken }: Parameters<typeof foreignRoutes>[1],
): Vetted {
  if (hasTemplate(JSON.stringify(config))) throw new Fault("must not contain {{");
  checkKeys("config", config, new Set(["http"]));
  const http = asTable("http", config.http ?? {});
  checkKeys("http", http, new Set(["routers", "services", "middlewares"]));
  const parts = {
    routers: asTable("http.routers", http["routers"] ?? {}),
    services: asTable("http.services", http["services"] ?? {}),
    middlewares: asTable("http.middlewares", http["middlewares"] ?? {}),
  };
  const own = {
    services: new Set(Object.keys(parts.services)),
    middlewares: new Set(Object.keys(parts.middlewares)),
  };
  const services = mapped("http.services", parts.services, (where, value) =>
    checkService(where, value, taken),
  );
  const wares = mapped("http.middlewares", parts.middlewares, (where, value) =>
    checkMiddleware(where, value, own.middlewares),
  );
  const given = mapped("http.routers", parts.routers, (where, value) => checkRouter(where, value, own));
  const guard = `juju-route-${relationId}-${treatment === "ask" ? "forward-auth" : "no-identity"}`;
  const whole = raw || !tls ? given : withTwins(given as Record<string, Router>, gateway);
  const routers = guarded(whole as Record<string, Router>, guard);
  const names = [...Object.keys(routers), ...own.services, ...own.middlewares, guard];
  const clash = names.find((name) => taken.names.has(name) || !NAME.test(name));
  if (clash !== undefined) throw new Fault(`name "${clash}" is in use, or not one that can be used`);
  const closed = { loadBalancer: { servers: [] } };
  const file: DynamicConfig = {
    http: {
      routers,
      services: treatment === "closed" ? mapped("", services, () => closed) : services,
      middlewares: {
        [guard]: treatment === "ask" && point ? askMiddleware(point) : cleanMiddleware(),
        ...wares,
      },
    },
  };
  return { ok: true, file, names };
}
