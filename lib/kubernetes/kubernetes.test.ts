import { describe, expect, test } from "vitest";
import { type Cluster, type ClusterRequest, inCluster, serviceAccountDir } from "./cluster.ts";
import { isKubernetesError, KubernetesError, notPermitted } from "./errors.ts";
import {
  applyService,
  deleteService,
  getLoadBalancer,
  getService,
  loadBalancer,
  patchStatefulSetResources,
} from "./objects.ts";

/** A cluster that answers from a function, and remembers what it was asked. */
function clusterOf(
  answer: (request: ClusterRequest) => unknown,
): Cluster & { readonly asked: ClusterRequest[] } {
  const asked: ClusterRequest[] = [];
  return {
    namespace: "iam",
    asked,
    async request(request) {
      asked.push(request);
      return answer(request);
    },
  };
}

function refuse(status: number): never {
  throw new KubernetesError({ code: "ERR_KUBERNETES_API", status, message: "refused" });
}

describe("inCluster()", () => {
  test("outside a cluster waits for one", () => {
    const open = () => inCluster({ env: {} });
    expect(open).toThrow("KUBERNETES_SERVICE_HOST is not set");
    expect(open).toThrow(expect.objectContaining({ code: "ERR_KUBERNETES_UNREACHABLE", outcome: "waiting" }));
  });

  test("without a mounted account says which file is missing", () => {
    const open = () =>
      inCluster({ env: { KUBERNETES_SERVICE_HOST: "127.0.0.1" }, serviceAccount: "/nowhere" });
    expect(open).toThrow("/nowhere/namespace cannot be opened");
  });

  test("serviceAccountDir() is Kubernetes' own, or beside the containers", () => {
    expect(serviceAccountDir({})).toBe("/var/run/secrets/kubernetes.io/serviceaccount");
    expect(serviceAccountDir({ CHARMED_IAP_CONTAINERS: "/r/u1/containers" })).toBe(
      "/r/u1/containers/../serviceaccount",
    );
  });
});

test.each([
  [403, "blocked"],
  [429, "waiting"],
  [503, "waiting"],
  [0, "waiting"],
  [422, "fail"],
])("an answer of %i is %s", (status, outcome) => {
  const error = new KubernetesError({ code: "ERR_KUBERNETES_API", status, message: "m" });
  expect(error.outcome).toBe(outcome);
  expect(isKubernetesError(error)).toBe(true);
});

test.each([
  [{ application: "web", verb: "create", resource: "services" }, "cannot create services"],
  [undefined, "not permitted"],
])("notPermitted() of %j names the right and what gives it", (permission, what) => {
  const o = { code: "ERR_KUBERNETES_API", status: 403, message: "m" } as const;
  const error = new KubernetesError(permission ? { ...o, permission } : o);
  expect(notPermitted(error, "web")).toBe(`${what}, run: juju trust web --scope=cluster`);
});

test.each([
  ["0.5", "500m", true],
  ["1Gi", "1024Mi", true],
  ["1e3", "1k", true],
  ["1G", "1Gi", false],
  ["1", undefined, false],
])("limits %s and %s: the same is %s", async (wanted, set, same) => {
  const resources = { limits: set === undefined ? {} : { cpu: set } };
  const whole = { spec: { template: { spec: { containers: [{ name: "web", resources }] } } } };
  const cluster = clusterOf(() => whole);
  const asked = { name: "a", container: "web", resources: { limits: { cpu: wanted } } };
  expect(await patchStatefulSetResources(cluster, asked)).toBe(!same);
});

describe("Services", () => {
  test("are applied as their owner's, by server-side apply", async () => {
    const cluster = clusterOf(() => ({}));
    await applyService(cluster, { metadata: { name: "a-lb" }, spec: { ports: [] } }, "a b");
    expect(cluster.asked).toEqual([
      {
        method: "PATCH",
        path: "/api/v1/namespaces/iam/services/a-lb?fieldManager=a%20b&force=true",
        contentType: "application/apply-patch+yaml",
        body: { apiVersion: "v1", kind: "Service", metadata: { name: "a-lb" }, spec: { ports: [] } },
      },
    ]);
  });

  test("that are missing are undefined, and gone already when deleted; other refusals are errors", async () => {
    const missing = clusterOf(() => refuse(404));
    expect(await getService(missing, "a")).toBeUndefined();
    expect(await getLoadBalancer(missing, "a")).toBeUndefined();
    await expect(deleteService(missing, "a")).resolves.toBeUndefined();
    await expect(
      deleteService(
        clusterOf(() => refuse(403)),
        "a",
      ),
    ).rejects.toMatchObject({ status: 403 });
  });

  test.each([
    [{}, { ports: [] }],
    [{ status: { loadBalancer: {} } }, { ports: [] }],
    [{ status: { loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } } }, { address: "10.0.0.1", ports: [] }],
    [
      {
        status: {
          loadBalancer: {
            ingress: [{ hostname: "gw.localhost", ip: "1.1.1.1", ports: [{ port: 8443, protocol: "TCP" }] }],
          },
        },
      },
      { address: "gw.localhost", ports: [{ port: 8443, protocol: "TCP" }] },
    ],
  ])("loadBalancer() of %j", (service, expected) => expect(loadBalancer(service)).toEqual(expected));
});

describe("patchStatefulSetResources()", () => {
  const set = (resources: object) => ({
    spec: { template: { spec: { containers: [{ name: "web", resources }] } } },
  });
  const wanted = { name: "a", container: "web", resources: { limits: { memory: "1Gi" } } };

  test("sends nothing when the limits are set already", async () => {
    const cluster = clusterOf(() => set({ limits: { memory: "1Gi" } }));
    expect(await patchStatefulSetResources(cluster, wanted)).toBe(false);
    expect(cluster.asked).toHaveLength(1);
  });

  test("removes the limits that are not wanted", async () => {
    const cluster = clusterOf(() => set({ limits: { memory: "1Gi", cpu: "1" } }));
    expect(await patchStatefulSetResources(cluster, wanted)).toBe(true);
    const container = {
      name: "web",
      resources: { limits: { cpu: null, memory: "1Gi" }, requests: { cpu: null, memory: null } },
    };
    expect(cluster.asked[1]?.body).toEqual({ spec: { template: { spec: { containers: [container] } } } });
  });
});
