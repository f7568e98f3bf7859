import type { GatewayRequest } from "../network/gateways.ts";
import { isObject, type JsonObject, merge } from "./merge.ts";

interface ServicePort {
  readonly port: number;
  readonly targetPort: number;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function portsOf(spec: JsonObject): ServicePort[] {
  return list(spec["ports"]).flatMap((entry) => {
    if (!isObject(entry) || typeof entry["port"] !== "number") return [];
    const target = entry["targetPort"];
    return [{ port: entry["port"], targetPort: typeof target === "number" ? target : entry["port"] }];
  });
}

/**
 * The load balancer that a Service asks for.
 *
 * @param service As it was applied.
 * @returns `undefined` when it is of another type, or selects no application.
 */
export function gatewayRequest(model: string, name: string, service: JsonObject): GatewayRequest | undefined {
  const spec = isObject(service["spec"]) ? service["spec"] : {};
  const selector = isObject(spec["selector"]) ? spec["selector"] : {};
  const application = selector["app.kubernetes.io/name"];
  if (spec["type"] !== "LoadBalancer" || typeof application !== "string") return undefined;
  return { model, service: name, application, ports: portsOf(spec) };
}

/**
 * A Service as the API server shows it: defaults filled in, and where the load balancer is reached.
 *
 * @param at.hostname Public name, once published.
 * @param at.ports Public ports.
 */
export function serviceView(
  service: JsonObject,
  at: { readonly namespace: string; readonly hostname?: string; readonly ports?: readonly number[] },
): JsonObject {
  const spec = isObject(service["spec"]) ? service["spec"] : {};
  const ports = list(spec["ports"])
    .filter(isObject)
    .map((entry) => ({ protocol: "TCP", targetPort: entry["port"], ...entry }));
  const published = (at.ports ?? []).map((port) => ({ port, protocol: "TCP" }));
  const ingress = at.hostname === undefined ? {} : { ingress: [{ hostname: at.hostname, ports: published }] };
  const defaults: JsonObject = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace: at.namespace },
    spec: { type: "ClusterIP", sessionAffinity: "None" },
  };
  const filled = merge(defaults, service) as JsonObject;
  return merge(filled, { spec: { ports }, status: { loadBalancer: ingress } }) as JsonObject;
}
