import { configText } from "charmed-iap/interfaces/traefik_route/v0";
import { PUBLIC_PORT } from "./workload.ts";

/** Public paths of the provider: each a name and a rule. All are at the root of the gateway's host. */
const paths = {
  oauth2: "PathPrefix(`/oauth2`)",
  jwks: "Path(`/.well-known/jwks.json`)",
  "openid-configuration": "Path(`/.well-known/openid-configuration`)",
  "oauth-authorization-server": "Path(`/.well-known/oauth-authorization-server`)",
  userinfo: "Path(`/userinfo`)",
} as const;

/** Where the routes lead, and the host that their certificates name. */
export interface RouteTarget {
  readonly app: string;
  readonly model: string;
  /** Without a port; absent until the gateway has said. */
  readonly hostName?: string | undefined;
}

/**
 * The route configuration for the gateway: each path on `web` and, with TLS, on `websecure`.
 *
 * @returns JSON text, which is YAML; the same for the same target.
 */
export function publicRoutes({ app, model, hostName }: RouteTarget): string {
  const name = `juju-${model}-${app}-public-api`;
  const service = `${name}-service`;
  const tls = hostName === undefined ? {} : { domains: [{ main: hostName, sans: [`*.${hostName}`] }] };
  const routers = Object.entries(paths).flatMap(([path, rule]) => [
    [`${name}-router-${path}`, { entryPoints: ["web"], rule, service }] as const,
    [`${name}-router-${path}-tls`, { entryPoints: ["websecure"], rule, service, tls }] as const,
  ]);
  const url = `http://${app}.${model}.svc.cluster.local:${PUBLIC_PORT}`;
  return configText({
    http: {
      routers: Object.fromEntries(routers),
      services: { [service]: { loadBalancer: { servers: [{ url }] } } },
    },
  });
}
