import {
  applyService,
  type Cluster,
  deleteService,
  getService,
  isKubernetesError,
  loadBalancer,
  notPermitted,
  type Service,
} from "charmed-iap/kubernetes";
import type { Published } from "./address.ts";
import { WEB_PORT, WEBSECURE_PORT } from "./workload.ts";

/** Name of the Service that publishes an application's gateway. */
export const serviceName = (app: string): string => `${app}-lb`;

const ANNOTATION = /^([a-z0-9A-Z](?:[\w./-]*[a-z0-9A-Z])?)=(.*)$/;

/** Reads `key=value,key=value`; `undefined` when a part is none. */
export function annotations(text: string | undefined): Record<string, string> | undefined {
  const parts = (text ?? "").split(",").map((part) => part.trim());
  const pairs: [string, string][] = [];
  for (const part of parts.filter((given) => given !== "")) {
    const [, key, value] = ANNOTATION.exec(part) ?? [];
    if (key === undefined || value === undefined) return undefined;
    pairs.push([key, value]);
  }
  return Object.fromEntries(pairs);
}

function service(app: string, given: Readonly<Record<string, string>>): Service {
  return {
    metadata: {
      name: serviceName(app),
      labels: { "app.kubernetes.io/name": app },
      ...(Object.keys(given).length > 0 ? { annotations: { ...given } } : {}),
    },
    spec: {
      type: "LoadBalancer",
      selector: { "app.kubernetes.io/name": app },
      ports: [
        { name: "traefik", port: 80, targetPort: WEB_PORT },
        { name: "traefik-tls", port: 443, targetPort: WEBSECURE_PORT },
      ],
    },
  };
}

/** What came of it: where the gateway is published, or what stands in the way. */
export type Publishing =
  | { readonly ok: true; readonly published: Published }
  | { readonly ok: false; readonly reason: "untrusted" | "unreachable"; readonly detail: string };

/**
 * Makes the Service what it should be, and reads where it is reached. Followers read only.
 *
 * @param given Annotations; `undefined` leaves those that are there: a mistyped option takes no address away.
 */
export async function publishService(
  open: () => Cluster,
  options: { app: string; leader: boolean; annotations: Readonly<Record<string, string>> | undefined },
): Promise<Publishing> {
  const { app, leader, annotations: given } = options;
  try {
    const cluster = open();
    const current = await getService(cluster, serviceName(app));
    const wanted = service(app, given ?? current?.metadata?.annotations ?? {});
    const applied = leader ? await applyService(cluster, wanted, app) : current;
    return { ok: true, published: applied ? loadBalancer(applied) : { ports: [] } };
  } catch (error) {
    if (!isKubernetesError(error)) throw error;
    const untrusted = error.status === 403 || error.status === 401;
    return untrusted
      ? { ok: false, reason: "untrusted", detail: notPermitted(error, app) }
      : { ok: false, reason: "unreachable", detail: error.message };
  }
}

/** Takes the Service away; for the last unit. */
export async function withdrawService(open: () => Cluster, app: string): Promise<void> {
  await deleteService(open(), serviceName(app));
}
