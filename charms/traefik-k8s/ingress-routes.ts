import { type ApplicationData, backends, type KnownUnit, prefix } from "charmed-iap/interfaces/ingress/v2";
import type { Gateway } from "./address.ts";
import { type DynamicConfig, hasTemplate, type Router, type RouterTls } from "./dynamic.ts";
import { copiedHeaders, type DecisionPoint, IDENTITY_HEADERS, type Treatment } from "./protection.ts";

/** One application behind the gateway. */
export interface Application {
  readonly relationId: number;
  readonly data: ApplicationData;
  readonly units: readonly KnownUnit[];
  readonly treatment: Treatment;
}

/** What is the same for all applications. */
export interface Surroundings {
  readonly gateway: Gateway;
  readonly mode: "path" | "subdomain";
  /** Whether the gateway has a certificate. */
  readonly tls: boolean;
  readonly point: DecisionPoint | undefined;
  readonly basicAuthUser: string | undefined;
}

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Why an application cannot be routed, or nothing. Its name makes rules and file names, so it must be one. */
export function routeFault({ data, units }: Pick<Application, "data" | "units">): string | undefined {
  const name = prefix(data);
  if (!NAME.test(name) || name.length > 128) return "model and name must be those of a Juju application";
  const urls = backends(data, units);
  if (urls.some((url) => hasTemplate(url) || !URL.canParse(url))) return "host must be a host";
  return undefined;
}

/** The URL of an application; in path mode without a trailing slash, in subdomain mode with one. */
export function urlOf(
  { gateway, mode }: Pick<Surroundings, "gateway" | "mode">,
  data: ApplicationData,
): string {
  const { scheme, authority } = gateway;
  return mode === "path"
    ? `${scheme}://${authority}/${prefix(data)}`
    : `${scheme}://${prefix(data)}.${authority}/`;
}

function ruleOf({ gateway, mode }: Surroundings, name: string): string {
  // Traefik's PathPrefix compares text, so `/m-app` alone would take `/m-app3` as well.
  return mode === "path"
    ? `Path(\`/${name}\`) || PathPrefix(\`/${name}/\`)`
    : `Host(\`${name}.${gateway.host}\`)`;
}

const isIp = (host: string): boolean => /^[\d.]+$|^\[/.test(host);

/** Domains of the certificate that a router on `websecure` uses. */
export function routerTls({ host }: Gateway): RouterTls {
  return isIp(host) ? {} : { domains: [{ main: host, sans: [`*.${host}`] }] };
}

/** The middleware that asks the decision point. */
export function askMiddleware(point: DecisionPoint): unknown {
  return { forwardAuth: { address: point.address, authResponseHeaders: copiedHeaders(point) } };
}

/** The middleware that takes away what only the decision point may say. */
export function cleanMiddleware(): unknown {
  return {
    headers: { customRequestHeaders: Object.fromEntries(IDENTITY_HEADERS.map((name) => [name, ""])) },
  };
}

function middlewares(app: Application, around: Surroundings, name: string): Record<string, unknown> {
  const { mode, point, basicAuthUser } = around;
  return {
    ...(app.treatment === "ask" && point
      ? { [`juju-sidecar-forward-auth-${name}`]: askMiddleware(point) }
      : { [`juju-sidecar-no-identity-${name}`]: cleanMiddleware() }),
    ...(mode === "path" && app.data["strip-prefix"]
      ? { [`juju-sidecar-noprefix-${name}`]: { stripPrefix: { prefixes: [`/${name}`] } } }
      : {}),
    ...(basicAuthUser === undefined || app.treatment === "closed"
      ? {}
      : { [`juju-basic-auth-${name}`]: { basicAuth: { users: [basicAuthUser] } } }),
  };
}

function serviceOf(app: Application): unknown {
  // No servers: Traefik answers 503. An application that must not be open has none until someone can be asked.
  const urls = app.treatment === "closed" ? [] : backends(app.data, app.units);
  const check = app.data.healthcheck_params;
  return {
    loadBalancer: {
      servers: urls.map((url) => ({ url })),
      ...(check && urls.length > 0
        ? { healthCheck: Object.fromEntries(Object.entries(check).filter(([, value]) => value != null)) }
        : {}),
    },
  };
}

/** The file of one application: its routers, its service and its middlewares, and nothing of anybody else. */
export function ingressRoutes(app: Application, around: Surroundings): DynamicConfig {
  const name = prefix(app.data);
  const service = `juju-${name}-service`;
  const wares = middlewares(app, around, name);
  const router: Router = {
    entryPoints: ["web"],
    rule: ruleOf(around, name),
    service,
    middlewares: Object.keys(wares),
  };
  const secure: Router = { ...router, entryPoints: ["websecure"], tls: routerTls(around.gateway) };
  return {
    http: {
      routers: {
        [`juju-${name}-router`]: router,
        ...(around.tls ? { [`juju-${name}-router-tls`]: secure } : {}),
      },
      services: { [service]: serviceOf(app) },
      middlewares: wares,
    },
  };
}
