import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Store } from "../controller/store.ts";
import { checkAccess } from "./access.ts";
import { ApiStatus } from "./errors.ts";
import { type Json, merge, strategicMerge } from "./merge.ts";
import { Objects } from "./objects.ts";
import { route, type Target } from "./route.ts";
import { gatewayRequest, serviceView } from "./service-view.ts";

describe("route()", () => {
  test.each<[string, string, Target]>([
    [
      "GET",
      "/api/v1/namespaces/iam/services",
      { verb: "list", group: "", namespace: "iam", resource: "services" },
    ],
    [
      "POST",
      "/api/v1/namespaces/iam/configmaps",
      { verb: "create", group: "", namespace: "iam", resource: "configmaps" },
    ],
    [
      "PATCH",
      "/api/v1/namespaces/iam/services/a-lb",
      { verb: "patch", group: "", namespace: "iam", resource: "services", name: "a-lb" },
    ],
    [
      "GET",
      "/apis/apps/v1/namespaces/iam/statefulsets/a",
      { verb: "get", group: "apps", namespace: "iam", resource: "statefulsets", name: "a" },
    ],
    [
      "GET",
      "/api/v1/namespaces/iam",
      { verb: "get", group: "", namespace: "iam", resource: "namespaces", name: "iam" },
    ],
  ])("%s %s", (method, path, target) => {
    expect(route(method, path)).toEqual(target);
  });

  test.each([
    "/api/v1/nodes",
    "/apis/apps/v1/namespaces/iam/services",
    "/api/v1/namespaces/iam/secrets",
    "/",
  ])("%s is not found", (path) => expect(() => route("GET", path)).toThrow(ApiStatus));
});

describe("checkAccess()", () => {
  const target = route("PATCH", "/api/v1/namespaces/iam/services/a-lb");
  const caller = { model: "iam", application: "a", trusted: false };

  test("an untrusted application may patch a Service, and may not make one", () => {
    expect(() => checkAccess(caller, target, true)).not.toThrow();
    expect(() => checkAccess(caller, target, false)).toThrow(
      'services "a-lb" is forbidden: User "system:serviceaccount:iam:a" cannot create resource "services" in API group "" in the namespace "iam"',
    );
    expect(() => checkAccess({ ...caller, trusted: true }, target, false)).not.toThrow();
  });

  test("an untrusted application sees nothing of other models", () => {
    expect(() => checkAccess({ ...caller, model: "other" }, target, true)).toThrow("is forbidden");
  });
});

describe("merge()", () => {
  test.each<[Json, Json, Json]>([
    [{ a: 1, b: { c: 2 } }, { b: { d: 3 }, a: null }, { b: { c: 2, d: 3 } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{}, { a: { b: null } }, { a: {} }],
  ])("%j and %j", (target, patch, result) => expect(merge(target, patch)).toEqual(result));

  test("takes any JSON, and nothing of it reaches prototypes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
        merge(target as Json, patch as Json);
        strategicMerge(target as Json, patch as Json);
        expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
      }),
    );
    merge({}, JSON.parse('{"__proto__": {"polluted": 1}}') as Json);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("strategicMerge() merges containers by name", () => {
    const target = { containers: [{ name: "a", image: "x" }, { name: "b" }] };
    const patch = { containers: [{ name: "a", resources: { limits: { cpu: "1" } } }] };
    expect(strategicMerge(target, patch)).toEqual({
      containers: [{ name: "a", image: "x", resources: { limits: { cpu: "1" } } }, { name: "b" }],
    });
  });
});

describe("Objects", () => {
  test("an owner's fields go when it no longer names them; those of others stay; all outlive a restart", () => {
    const store = new Store(":memory:");
    const objects = new Objects(store, "m", "configmaps");
    objects.apply("rules", "a", { data: { one: "1", two: "2" } });
    objects.apply("rules", "b", { data: { three: "3" } });
    objects.apply("rules", "a", { data: { two: "2" } });
    expect(objects.get("rules")).toMatchObject({
      data: { two: "2", three: "3" },
      metadata: { resourceVersion: "3" },
    });
    expect(objects.get("rules")?.["data"]).toEqual({ two: "2", three: "3" });
    expect(new Objects(store, "m", "configmaps").get("rules")).toEqual(objects.get("rules"));
    expect(() => objects.create("rules", {})).toThrow("already exists");
    objects.delete("rules");
    expect(new Objects(store, "m", "configmaps").names()).toEqual([]);
    store.close();
  });
});

describe("serviceView()", () => {
  const service = {
    metadata: { name: "gw-lb" },
    spec: {
      type: "LoadBalancer",
      selector: { "app.kubernetes.io/name": "gw" },
      ports: [{ port: 443, targetPort: 8443 }, { port: 80 }],
    },
  };

  test("says where the load balancer is, once it is published", () => {
    expect(serviceView(service, { namespace: "iam" })["status"]).toEqual({ loadBalancer: {} });
    const view = serviceView(service, {
      namespace: "iam",
      hostname: "gw.iam.localhost",
      ports: [8443, 8080],
    });
    expect(view["status"]).toEqual({
      loadBalancer: {
        ingress: [
          {
            hostname: "gw.iam.localhost",
            ports: [
              { port: 8443, protocol: "TCP" },
              { port: 8080, protocol: "TCP" },
            ],
          },
        ],
      },
    });
  });

  test("gatewayRequest() is for load balancers of an application only", () => {
    expect(gatewayRequest("iam", "gw-lb", service)).toEqual({
      model: "iam",
      service: "gw-lb",
      application: "gw",
      ports: [
        { port: 443, targetPort: 8443 },
        { port: 80, targetPort: 80 },
      ],
    });
    expect(gatewayRequest("iam", "x", { spec: { type: "ClusterIP" } })).toBeUndefined();
    expect(gatewayRequest("iam", "x", { spec: "junk" })).toBeUndefined();
  });
});
