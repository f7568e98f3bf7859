/**
 * The whole typed API of `@kubernetes/client-node`, over a {@link Cluster}: for what the functions of this room do
 * not do. Loading it takes some hundred milliseconds and 50 MiB, so it is loaded when a function here is called and
 * a charm that does not import this file does not pack it.
 *
 * @module
 */

import type { AppsV1Api, CoreV1Api, RbacAuthorizationV1Api } from "@kubernetes/client-node";
import type { Cluster, ClusterRequest } from "./cluster.ts";

type ClientNode = typeof import("@kubernetes/client-node");
type ApiClass<T> = new (configuration: ReturnType<ClientNode["createConfiguration"]>) => T;

/**
 * Services, ConfigMaps, Secrets, Pods … Errors are those of the cluster: `KubernetesError`.
 *
 * @example
 * ```ts
 * import { inCluster } from "charmed-iap/kubernetes";
 * const core = await coreV1(inCluster());
 * const { items } = await core.listNamespacedConfigMap({ namespace: "iam" });
 * ```
 */
export const coreV1 = (cluster: Cluster): Promise<CoreV1Api> => typed(cluster, (node) => node.CoreV1Api);

/** StatefulSets, Deployments … */
export const appsV1 = (cluster: Cluster): Promise<AppsV1Api> => typed(cluster, (node) => node.AppsV1Api);

/** Roles and RoleBindings. */
export const rbacV1 = (cluster: Cluster): Promise<RbacAuthorizationV1Api> =>
  typed(cluster, (node) => node.RbacAuthorizationV1Api);

async function typed<T>(cluster: Cluster, choose: (node: ClientNode) => ApiClass<T>): Promise<T> {
  const node = await import("@kubernetes/client-node");
  const { createConfiguration, ResponseContext, ServerConfiguration, wrapHttpLibrary } = node;
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(ORIGIN, {}),
    httpApi: wrapHttpLibrary({
      async send(request) {
        const contentType = request.getHeaders()["Content-Type"];
        const body = request.getBody();
        const answer = await cluster.request({
          method: request.getHttpMethod() as ClusterRequest["method"],
          path: request.getUrl().slice(ORIGIN.length),
          ...(body === undefined ? {} : { body: JSON.parse(String(body)) as unknown }),
          ...(contentType === undefined ? {} : { contentType }),
        });
        const text = JSON.stringify(answer ?? {});
        return new ResponseContext(
          200,
          { "content-type": "application/json" },
          { text: async () => text, binary: async () => Buffer.from(text), stream: () => null },
        );
      },
    }),
  });
  return new (choose(node))(configuration);
}

/** Never asked: the cluster knows where its API server is. */
const ORIGIN = "https://kubernetes";
