import { type Cluster, type ClusterRequest, KubernetesError } from "charmed-iap/kubernetes";

/**
 * A Kubernetes API in memory, as far as traefik-k8s asks it: Services of type LoadBalancer, which get an address
 * at once. Differences from the real one: no other objects, no permissions, no conflicts, one namespace.
 */
export class FakeCluster implements Cluster {
  readonly namespace = "iam";
  /** What every load balancer gets; `undefined` while the cluster has none to give. */
  address: string | undefined;
  readonly #ports: readonly number[];
  readonly #services = new Map<string, object>();

  constructor(options: { readonly address?: string; readonly ports?: readonly number[] } = {}) {
    this.address = options.address;
    this.#ports = options.ports ?? [];
  }

  async request({ method, path, body }: ClusterRequest): Promise<unknown> {
    const name = /services\/([^?]+)/.exec(path)?.[1] ?? "";
    if (method === "PATCH") this.#services.set(name, body as object);
    if (method === "DELETE") this.#services.delete(name);
    const service = this.#services.get(name);
    if (!service) throw notFound(name);
    const ports = this.#ports.map((port) => ({ port, protocol: "TCP" }));
    const ingress = this.address === undefined ? [] : [{ hostname: this.address, ports }];
    return { ...service, status: { loadBalancer: { ingress } } };
  }

  /** Names of the Services that are there. */
  get services(): string[] {
    return [...this.#services.keys()];
  }
}

const notFound = (name: string): Error =>
  new KubernetesError({ code: "ERR_KUBERNETES_API", status: 404, message: name });
