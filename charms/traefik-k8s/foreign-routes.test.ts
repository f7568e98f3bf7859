import type { RouteConfig } from "charmed-iap/interfaces/traefik_route/v0";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Foreign, foreignRoutes } from "./foreign-routes.ts";

const gateway = { scheme: "https", host: "gw.test", authority: "gw.test", httpsPort: 443 } as const;
const point = { relationId: 3, address: "http://auth:4180", apps: ["hydra"], headers: [] };
const around = {
  gateway,
  tls: true,
  point,
  taken: {
    names: new Set(["juju-m-web-router"]),
    protectedHosts: new Set(["web.m.svc.cluster.local", "10.1.0.5"]),
  },
};
const good: RouteConfig = {
  http: {
    routers: { r: { rule: "PathPrefix(`/oauth2`)", service: "s", entryPoints: ["web"] } },
    services: { s: { loadBalancer: { servers: [{ url: "http://hydra.m.svc.cluster.local:4444" }] } } },
  },
};
const vet = (config: RouteConfig, change: Partial<Foreign> = {}) =>
  foreignRoutes({ relationId: 7, app: "hydra", raw: false, treatment: "open", config, ...change }, around);

/** The good configuration with one part exchanged. */
const withRouter = (router: object): RouteConfig => ({
  http: { ...good.http, routers: { r: { ...good.http?.routers?.["r"], ...router } } },
});
const withServer = (url: string): RouteConfig => ({
  http: { ...good.http, services: { s: { loadBalancer: { servers: [{ url }] } } } },
});
const withMiddleware = (middleware: object): RouteConfig => ({
  http: { ...good.http, middlewares: { m: middleware as Record<string, unknown> } },
});

describe("foreignRoutes()", () => {
  test("adds a router for TLS, and takes away forged identity headers", () => {
    const result = vet(good);
    expect(result.ok && Object.keys(result.file.http?.routers ?? {})).toEqual(["r", "r-tls"]);
    expect(result.ok && result.file.http?.routers?.["r"]?.middlewares).toEqual(["juju-route-7-no-identity"]);
  });

  test("a protected application is asked about on every router", () => {
    const result = vet(good, { treatment: "ask" });
    for (const router of Object.values((result.ok && result.file.http?.routers) || {})) {
      expect(router.middlewares?.[0]).toBe("juju-route-7-forward-auth");
    }
    expect(result.ok && result.file.http?.middlewares?.["juju-route-7-forward-auth"]).toMatchObject({
      forwardAuth: { address: "http://auth:4180" },
    });
  });

  test("a closed one has no servers", () => {
    const result = vet(good, { treatment: "closed" });
    expect(result.ok && result.file.http?.services).toEqual({ s: { loadBalancer: { servers: [] } } });
  });

  test.each<[string, RouteConfig]>([
    ["a service of another application", withRouter({ service: "juju-m-web-service" })],
    ["a service of Traefik itself", withRouter({ service: "api@internal" })],
    ["another application's middleware", withRouter({ middlewares: ["juju-sidecar-noprefix-m-web"] })],
    [
      "the name of another router",
      { http: { ...good.http, routers: { "juju-m-web-router": { rule: "Path(`/x`)", service: "s" } } } },
    ],
    ["an entry point that is not public", withRouter({ entryPoints: ["diagnostics"] })],
    ["no entry point at all, which would be all of them", withRouter({ entryPoints: [] })],
    ["a rule that Traefik does not know", withRouter({ rule: "Everything(`/`)" })],
    ["a rule that is cut off", withRouter({ rule: "PathPrefix(`/a`) && (Host(`b`)" })],
    ["a rule with a bad regular expression", withRouter({ rule: "PathRegexp(`[`)" })],
    ["a priority above Traefik's own", withRouter({ priority: Number.MAX_VALUE })],
    ["an unknown key of a router, which spoils the folder", withRouter({ observability: {} })],
    ["the server of a protected application", withServer("http://web.m.svc.cluster.local:8080")],
    ["its address", withServer("http://10.1.0.5:8080")],
    ["its name with a dot at the end, in capitals", withServer("http://WEB.m.svc.cluster.local.:8080")],
    ["a server that is no URL", withServer("web:8080")],
    ["a server with a template", withServer('http://{{ env "X" }}')],
    ["a service that is no load balancer", { http: { ...good.http, services: { s: { mirroring: {} } } } }],
    ["an empty list of users, which stops Traefik", withMiddleware({ basicAuth: { users: [] } })],
    ["a plugin", withMiddleware({ plugin: { x: {} } })],
    ["forwardAuth to somewhere else", withMiddleware({ forwardAuth: { address: "http://evil" } })],
    ["a bad type in a middleware", withMiddleware({ stripPrefix: { prefixes: [1] } })],
    ["an empty list in a middleware", withMiddleware({ stripPrefix: { prefixes: [] } })],
    ["a chain with a foreign part", withMiddleware({ chain: { middlewares: ["other"] } })],
    [
      "TCP routes, which take all of an entry point",
      { ...good, tcp: { routers: { t: { rule: "HostSNI(`*`)" } } } },
    ],
    ["TLS options and certificates", { ...good, tls: { certificates: [] } }],
  ])("refuses %s", (_title, config) => {
    expect(vet(config)).toMatchObject({ ok: false });
  });

  test("never throws, and never lets a router through to a service that is not its own", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const config = { http: { ...good.http, routers: value } } as unknown as RouteConfig;
        const result = vet(config);
        if (!result.ok) return;
        for (const router of Object.values(result.file.http?.routers ?? {})) expect(router.service).toBe("s");
      }),
    );
  });
});
