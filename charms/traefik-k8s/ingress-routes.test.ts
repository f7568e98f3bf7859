import { describe, expect, test } from "vitest";
import { fileText } from "./dynamic.ts";
import { type Application, ingressRoutes, routeFault, type Surroundings, urlOf } from "./ingress-routes.ts";

const app: Application = {
  relationId: 1,
  treatment: "ask",
  units: [
    { state: "ready", data: { host: "web-1.web-endpoints.m.svc.cluster.local" } },
    { state: "ready", data: { host: "web-0.web-endpoints.m.svc.cluster.local" } },
    { state: "pending" },
  ],
  data: {
    model: "m",
    name: "web",
    port: 8080,
    scheme: "http",
    "strip-prefix": true,
    "redirect-https": false,
    is_port_open: false,
  },
};
const around: Surroundings = {
  gateway: { scheme: "https", host: "gw.test", authority: "gw.test:8443", httpsPort: 8443 },
  mode: "path",
  tls: true,
  basicAuthUser: undefined,
  point: { relationId: 3, address: "http://auth:4180", apps: ["web"], headers: [] },
};

describe("ingressRoutes()", () => {
  test("asks the decision point before anything else, on both entry points", () => {
    const { http } = ingressRoutes(app, around);
    for (const router of Object.values(http?.routers ?? {})) {
      expect(router.middlewares?.[0]).toBe("juju-sidecar-forward-auth-m-web");
    }
    expect(Object.keys(http?.routers ?? {})).toEqual(["juju-m-web-router", "juju-m-web-router-tls"]);
    expect(http?.middlewares?.["juju-sidecar-forward-auth-m-web"]).toMatchObject({
      forwardAuth: { address: "http://auth:4180" },
    });
  });

  test("takes its own path only, not that of an application whose name begins alike", () => {
    const { http } = ingressRoutes(app, around);
    expect(http?.routers?.["juju-m-web-router"]?.rule).toBe("Path(`/m-web`) || PathPrefix(`/m-web/`)");
  });

  test("a closed application has no server behind it", () => {
    const { http } = ingressRoutes({ ...app, treatment: "closed" }, { ...around, point: undefined });
    expect(http?.services).toEqual({ "juju-m-web-service": { loadBalancer: { servers: [] } } });
  });

  test("an open one still has forged identity headers taken away", () => {
    const { http } = ingressRoutes({ ...app, treatment: "open" }, around);
    expect(http?.middlewares?.["juju-sidecar-no-identity-m-web"]).toMatchObject({
      headers: { customRequestHeaders: { "X-Auth-Request-User": "" } },
    });
  });

  test("lists the units that have said where they are, sorted", () => {
    const { http } = ingressRoutes(app, around);
    expect(http?.services?.["juju-m-web-service"]).toEqual({
      loadBalancer: {
        servers: [
          { url: "http://web-0.web-endpoints.m.svc.cluster.local:8080" },
          { url: "http://web-1.web-endpoints.m.svc.cluster.local:8080" },
        ],
      },
    });
  });

  test("in subdomain mode a host makes the rule", () => {
    const subdomain = { ...around, mode: "subdomain" } as const;
    expect(ingressRoutes(app, subdomain).http?.routers?.["juju-m-web-router"]?.rule).toBe(
      "Host(`m-web.gw.test`)",
    );
    expect(urlOf(subdomain, app.data)).toBe("https://m-web.gw.test:8443/");
  });
});

test.each([
  ["a name that would end the rule", { data: { ...app.data, name: "x`) || Path(`/" } }],
  ["a template", { data: { ...app.data, name: "{{env}}" } }],
  ["a name with a slash out of its folder", { data: { ...app.data, name: ".." } }],
  ["a host with a template", { units: [{ state: "ready", data: { host: '{{ env "X" }}' } }] as const }],
  ["a host with a path", { units: [{ state: "ready", data: { host: "a b" } }] as const }],
])("routeFault() refuses %s", (_title, change) => {
  expect(routeFault({ ...app, ...change })).toBeDefined();
});

test("fileText() leaves out empty tables, which Traefik would refuse the folder for", () => {
  expect(JSON.parse(fileText({ http: { routers: {}, services: { s: {} }, middlewares: {} } }))).toEqual({
    http: { services: { s: {} } },
  });
  expect(JSON.parse(fileText({ http: { routers: {} } }))).toEqual({});
});
