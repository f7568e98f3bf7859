import type { V1ConfigMap, V1Service, V1StatefulSet } from "@kubernetes/client-node";
import type { Cluster } from "./cluster.ts";
import { isKubernetesError } from "./errors.ts";

/** A Service to apply: its name, and what it should be. */
export type Service = V1Service & { readonly metadata: { readonly name: string } };
/** A ConfigMap to apply. */
export type ConfigMap = V1ConfigMap & { readonly metadata: { readonly name: string } };

const APPLY = "application/apply-patch+yaml"; // JSON is YAML.
const MERGE = "application/strategic-merge-patch+json";

function corePath(cluster: Cluster, kind: "services" | "configmaps", name: string): string {
  return `/api/v1/namespaces/${cluster.namespace}/${kind}/${encodeURIComponent(name)}`;
}

function applyQuery(fieldManager: string): string {
  return `?fieldManager=${encodeURIComponent(fieldManager)}&force=true`;
}

/** `undefined` where the object is missing. */
async function found<T>(answer: Promise<unknown>): Promise<T | undefined> {
  try {
    return (await answer) as T;
  } catch (error) {
    if (isKubernetesError(error) && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * Makes a Service what it should be, by server-side apply: fields of other owners stay.
 *
 * @param fieldManager Who owns the fields; the application's name.
 * @throws {KubernetesError} `ERR_KUBERNETES_API`: 403 without `juju trust`, 422 for values that Kubernetes refuses.
 */
export async function applyService(
  cluster: Cluster,
  service: Service,
  fieldManager: string,
): Promise<V1Service> {
  const { metadata } = service;
  return (await cluster.request({
    method: "PATCH",
    path: corePath(cluster, "services", metadata.name) + applyQuery(fieldManager),
    contentType: APPLY,
    body: { apiVersion: "v1", kind: "Service", ...service },
  })) as V1Service;
}

/** A Service, or `undefined` when there is none of that name. */
export function getService(cluster: Cluster, name: string): Promise<V1Service | undefined> {
  return found(cluster.request({ method: "GET", path: corePath(cluster, "services", name) }));
}

/** Removes a Service; one that is gone already is no error. */
export async function deleteService(cluster: Cluster, name: string): Promise<void> {
  await found(cluster.request({ method: "DELETE", path: corePath(cluster, "services", name) }));
}

/** What a load balancer publishes. */
export interface LoadBalancer {
  /** First hostname or IP address; absent while the cluster has not assigned one. */
  readonly address?: string;
  /** Ports it is reached by from outside; empty where the cluster does not say: then those of the Service. */
  readonly ports: readonly { readonly port: number; readonly protocol: string }[];
}

/**
 * Reads where a Service of type LoadBalancer is reached.
 *
 * @returns `undefined` when there is no such Service.
 * @see Kubernetes: Service, `status.loadBalancer.ingress`
 */
export async function getLoadBalancer(cluster: Cluster, name: string): Promise<LoadBalancer | undefined> {
  const service = await getService(cluster, name);
  return service && loadBalancer(service);
}

/** {@link getLoadBalancer} of a Service at hand. */
export function loadBalancer(service: V1Service): LoadBalancer {
  const [first] = service.status?.loadBalancer?.ingress ?? [];
  const address = first?.hostname || first?.ip;
  const ports = (first?.ports ?? []).map(({ port, protocol }) => ({ port, protocol }));
  return { ...(address ? { address } : {}), ports };
}

/**
 * Makes a ConfigMap what it should be, by server-side apply.
 *
 * @throws {KubernetesError} `ERR_KUBERNETES_API`
 */
export async function applyConfigMap(
  cluster: Cluster,
  map: ConfigMap,
  fieldManager: string,
): Promise<V1ConfigMap> {
  const { metadata } = map;
  return (await cluster.request({
    method: "PATCH",
    path: corePath(cluster, "configmaps", metadata.name) + applyQuery(fieldManager),
    contentType: APPLY,
    body: { apiVersion: "v1", kind: "ConfigMap", ...map },
  })) as V1ConfigMap;
}

/** A ConfigMap, or `undefined` when there is none of that name. */
export function getConfigMap(cluster: Cluster, name: string): Promise<V1ConfigMap | undefined> {
  return found(cluster.request({ method: "GET", path: corePath(cluster, "configmaps", name) }));
}

/** Removes a ConfigMap; one that is gone already is no error. */
export async function deleteConfigMap(cluster: Cluster, name: string): Promise<void> {
  await found(cluster.request({ method: "DELETE", path: corePath(cluster, "configmaps", name) }));
}

function statefulSetPath(cluster: Cluster, name: string): string {
  return `/apis/apps/v1/namespaces/${cluster.namespace}/statefulsets/${encodeURIComponent(name)}`;
}

/** The StatefulSet of an application, or `undefined`. */
export function getStatefulSet(cluster: Cluster, name: string): Promise<V1StatefulSet | undefined> {
  return found(cluster.request({ method: "GET", path: statefulSetPath(cluster, name) }));
}

/** Amounts in Kubernetes' notation: `250m`, `512Mi`. */
export interface Amounts {
  readonly cpu?: string;
  readonly memory?: string;
}

/** Requests and limits of one container. */
export interface ContainerResources {
  readonly limits?: Amounts;
  readonly requests?: Amounts;
}

/**
 * Sets the resource limits of one container in the application's StatefulSet; Kubernetes then replaces the
 * pods. Nothing is sent when they are set already.
 *
 * @returns Whether anything changed.
 * @throws {KubernetesError} `ERR_KUBERNETES_API`: 403 without `juju trust`, 422 for a malformed amount.
 */
export async function patchStatefulSetResources(
  cluster: Cluster,
  o: { readonly name: string; readonly container: string; readonly resources: ContainerResources },
): Promise<boolean> {
  const set = await getStatefulSet(cluster, o.name);
  const container = set?.spec?.template.spec?.containers.find(({ name }) => name === o.container);
  if (container && sameResources(container.resources ?? {}, o.resources)) return false;
  const body = {
    spec: { template: { spec: { containers: [{ name: o.container, resources: withNulls(o.resources) }] } } },
  };
  await cluster.request({
    method: "PATCH",
    path: statefulSetPath(cluster, o.name),
    contentType: MERGE,
    body,
  });
  return true;
}

/** A merge keeps what is not named; an amount that should go must be `null`. */
function withNulls({ limits = {}, requests = {} }: ContainerResources): unknown {
  const all = { cpu: null, memory: null };
  return { limits: { ...all, ...limits }, requests: { ...all, ...requests } };
}

function sameResources(a: ContainerResources, b: ContainerResources): boolean {
  const amounts = (r: ContainerResources) => [
    r.limits?.cpu,
    r.limits?.memory,
    r.requests?.cpu,
    r.requests?.memory,
  ];
  const other = amounts(b);
  return amounts(a).every((amount, i) => sameAmount(amount ?? undefined, other[i]));
}

/** Kubernetes writes an amount its own way: what was set as `0.5` is read as `500m`. */
function sameAmount(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && numberOf(a) !== undefined && numberOf(a) === numberOf(b);
}

const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** @see Kubernetes: Quantity */
function numberOf(amount: string): number | undefined {
  const [, digits, unit = ""] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(amount) ?? [];
  const factor = UNITS[unit];
  if (digits === undefined || factor === undefined) return undefined;
  // Rounded, for 0.001 times 500 is not 0.5 in binary.
  return Number((Number(digits) * factor).toPrecision(12));
}
