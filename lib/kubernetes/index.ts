/**
 * The few Kubernetes changes charms make, as functions over one small client.
 *
 * @module
 */
export {
  type Cluster,
  type ClusterAnswer,
  type ClusterRequest,
  clusterOver,
  type Exchange,
  type InClusterOptions,
  inCluster,
  serviceAccountDir,
} from "./cluster.ts";
export {
  isKubernetesError,
  KubernetesError,
  type KubernetesErrorCode,
  notPermitted,
  type Permission,
} from "./errors.ts";
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
