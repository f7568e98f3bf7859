import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appsV1, coreV1 } from "../client-node.ts";
import type { Cluster } from "../cluster.ts";
import {
  applyConfigMap,
  applyService,
  deleteConfigMap,
  deleteService,
  getConfigMap,
  getLoadBalancer,
  getService,
  getStatefulSet,
  patchStatefulSetResources,
  type Service,
} from "../objects.ts";
import { APP, type ClusterGround, NAMESPACE } from "./ground.ts";

/** How one kind of API server is reached. */
export interface ClusterKind {
  readonly name: string;
  start(): Promise<ClusterGround>;
}

/** The Service that traefik-k8s makes. */
function loadBalancer(annotations?: Record<string, string>): Service {
  const labels = { "app.kubernetes.io/name": APP };
  return {
    metadata: { name: "web-lb", labels, ...(annotations && { annotations }) },
    spec: {
      type: "LoadBalancer",
      selector: labels,
      ports: [
        { name: "traefik", port: 80, targetPort: 8080 },
        { name: "traefik-tls", port: 443, targetPort: 8443 },
      ],
    },
  };
}

/** One suite for every API server; its tests are one story, so that a recording holds it. */
export function conformance(kind: ClusterKind): void {
  describe(`Kubernetes: ${kind.name}`, () => {
    let on: ClusterGround;
    let cluster: Cluster;
    beforeAll(async () => {
      on = await kind.start();
      cluster = on.trusted;
    });
    afterAll(() => on?.close());

    describe("load balancer", () => {
      test("there is none before it was applied", async () => {
        expect(await getService(cluster, "web-lb")).toBeUndefined();
        expect(await getLoadBalancer(cluster, "web-lb")).toBeUndefined();
      });

      test("is made with its annotations", async () => {
        const annotations = { "metallb.universe.tf/address-pool": "iam" };
        const made = await applyService(cluster, loadBalancer(annotations), APP);
        expect(made.metadata).toMatchObject({ name: "web-lb", namespace: NAMESPACE, annotations });
        expect(made.spec).toMatchObject({
          type: "LoadBalancer",
          selector: { "app.kubernetes.io/name": APP },
        });
        expect(made.spec?.ports).toMatchObject([
          { name: "traefik", port: 80, targetPort: 8080, protocol: "TCP" },
          { name: "traefik-tls", port: 443, targetPort: 8443, protocol: "TCP" },
        ]);
      });

      test("applied again it stays, but for annotations that are not wanted any more", async () => {
        const before = await getService(cluster, "web-lb");
        const after = await applyService(cluster, loadBalancer(), APP);
        expect(after.metadata?.annotations ?? {}).toEqual({});
        expect(after.metadata?.uid).toBe(before?.metadata?.uid);
        expect(after.spec?.clusterIP).toBe(before?.spec?.clusterIP);
      });

      test("fields of another owner stay", async () => {
        const other = { metadata: { name: "web-lb", labels: { other: "yes" } } };
        await applyService(cluster, other, "other");
        const after = await applyService(cluster, loadBalancer(), APP);
        expect(after.metadata?.labels).toEqual({ other: "yes", "app.kubernetes.io/name": APP });
      });

      test("is taken away, and gone already is no error", async () => {
        await deleteService(cluster, "web-lb");
        await deleteService(cluster, "web-lb");
        expect(await getService(cluster, "web-lb")).toBeUndefined();
      });

      test("what Kubernetes refuses says why", async () => {
        const wrong = loadBalancer();
        const ports = [{ port: 99_999, targetPort: 80 }];
        const refused = applyService(cluster, { ...wrong, spec: { ...wrong.spec, ports } }, APP);
        await expect(refused).rejects.toMatchObject({
          code: "ERR_KUBERNETES_API",
          status: 422,
          outcome: "fail",
          message: expect.stringContaining("spec.ports[0].port"),
        });
      });
    });

    describe("config maps", () => {
      const labels = { "juju-app-name": APP, "app.kubernetes.io/managed-by": "juju" };

      test("are made, changed and read; keys that are not applied any more go", async () => {
        expect(await getConfigMap(cluster, "access-rules")).toBeUndefined();
        const map = (data: Record<string, string>) => ({ metadata: { name: "access-rules", labels }, data });
        await applyConfigMap(cluster, map({ "a.json": "[]", "b.json": "[1]" }), APP);
        expect((await getConfigMap(cluster, "access-rules"))?.metadata?.labels).toEqual(labels);
        await applyConfigMap(cluster, map({ "b.json": "[2]" }), APP);
        expect((await getConfigMap(cluster, "access-rules"))?.data).toEqual({ "b.json": "[2]" });
      });

      test("keep the keys of another charm", async () => {
        const others = { metadata: { name: "access-rules" }, data: { "c.json": "[3]" } };
        await applyConfigMap(cluster, others, "admin-ui");
        const mine = { metadata: { name: "access-rules", labels }, data: { "a.json": "[4]" } };
        const whole = await applyConfigMap(cluster, mine, APP);
        expect(whole.data).toEqual({ "a.json": "[4]", "c.json": "[3]" });
      });

      test("are read by the typed API too", async () => {
        const core = await coreV1(cluster);
        const map = await core.readNamespacedConfigMap({ name: "access-rules", namespace: NAMESPACE });
        expect(map.data).toEqual({ "a.json": "[4]", "c.json": "[3]" });
        await expect(
          core.readNamespacedConfigMap({ name: "none", namespace: NAMESPACE }),
        ).rejects.toMatchObject({ code: "ERR_KUBERNETES_API", status: 404 });
      });

      test("are taken away, and gone already is no error", async () => {
        await deleteConfigMap(cluster, "access-rules");
        await deleteConfigMap(cluster, "access-rules");
        expect(await getConfigMap(cluster, "access-rules")).toBeUndefined();
      });
    });

    describe("resource limits", () => {
      const requests = { cpu: "100m", memory: "200Mi" };
      const patch = (limits: { cpu?: string; memory?: string }) =>
        patchStatefulSetResources(cluster, { name: APP, container: "web", resources: { limits, requests } });
      const resources = async (container: string) =>
        (await getStatefulSet(cluster, APP))?.spec?.template.spec?.containers.find(
          ({ name }) => name === container,
        )?.resources ?? {};

      test("are set for one container, once", async () => {
        expect(await patch({ cpu: "500m", memory: "1Gi" })).toBe(true);
        expect(await patch({ cpu: "500m", memory: "1Gi" })).toBe(false);
        expect(await resources("web")).toEqual({ limits: { cpu: "500m", memory: "1Gi" }, requests });
        expect(await resources("charm")).toEqual({});
      });

      test("are what they were when the same amount is written otherwise", async () => {
        expect(await patch({ cpu: "0.5", memory: "1Gi" })).toBe(false);
      });

      test("go when they are not wanted any more", async () => {
        expect(await patch({ memory: "1Gi" })).toBe(true);
        expect(await resources("web")).toEqual({ limits: { memory: "1Gi" }, requests });
        expect(await patch({})).toBe(true);
        expect((await resources("web")).limits ?? {}).toEqual({});
      });

      test("are read by the typed API too", async () => {
        const set = await (await appsV1(cluster)).readNamespacedStatefulSet({
          name: APP,
          namespace: NAMESPACE,
        });
        expect(set.spec?.template.spec?.containers.map(({ name }) => name)).toEqual(["charm", "web"]);
      });

      test("of a malformed amount are refused", async () => {
        await expect(patch({ memory: "much" })).rejects.toMatchObject({
          code: "ERR_KUBERNETES_API",
          outcome: "fail",
          message: expect.stringContaining("quantities must match the regular expression"),
        });
      });

      test("of an application that is not there are refused", async () => {
        const gone = patchStatefulSetResources(cluster, { name: "gone", container: "web", resources: {} });
        await expect(gone).rejects.toMatchObject({ status: 404, outcome: "fail" });
      });
    });

    describe("without trust", () => {
      test.each<[string, string, string, (cluster: Cluster) => Promise<unknown>]>([
        ["a new load balancer", "create", "services", (one) => applyService(one, loadBalancer(), APP)],
        ["no load balancer", "delete", "services", (one) => deleteService(one, "web-lb")],
        [
          "a config map",
          "patch",
          "configmaps",
          (one) => applyConfigMap(one, { metadata: { name: "x" }, data: {} }, APP),
        ],
        ["limits", "get", "statefulsets.apps", (one) => getStatefulSet(one, APP)],
      ])("%s is blocked, with the permission and what gives it", async (_what, verb, resource, act) => {
        await expect(act(on.untrusted)).rejects.toMatchObject({
          status: 403,
          outcome: "blocked",
          permission: { application: APP, verb, resource },
          message: `Cannot ${verb} ${resource} in namespace "${NAMESPACE}": not permitted, run: juju trust ${APP} --scope=cluster`,
        });
      });

      test("Services may be read", async () => {
        expect(await getService(on.untrusted, "web-lb")).toBeUndefined();
      });
    });

    test("a token that nobody has is refused", async () => {
      await expect(getService(on.unknown, "web-lb")).rejects.toMatchObject({ status: 401, outcome: "fail" });
    });
  });
}
