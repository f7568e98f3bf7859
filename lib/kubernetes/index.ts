/**
 * The few Kubernetes changes charms make, as functions over one small client.
 *
 * @module
 */
export {
  type Cluster,
  type ClusterRequest,
  type InClusterOptions,
  inCluster,
  serviceAccountDir,
} from "./cluster.ts";
export { isKubernetesError, KubernetesError, type KubernetesErrorCode } from "./errors.ts";
export {
  type Amounts,
  applyConfigMap,
  applyService,
  type ConfigMap,
  type ContainerResources,
  deleteConfigMap,
  deleteService,
  getConfigMap,
  getLoadBalancer,
  getService,
  getStatefulSet,
  type LoadBalancer,
  loadBalancer,
  patchStatefulSetResources,
  type Service,
} from "./objects.ts";
