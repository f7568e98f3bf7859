import type { ApplicationState } from "../../model/index.ts";
import { isObject, type Json, type JsonObject } from "./merge.ts";

/** The StatefulSet that Juju makes for an application, as far as charms look at it. */
export function statefulSet(model: string, app: ApplicationState): JsonObject {
  const labels = { "app.kubernetes.io/name": app.name, "app.kubernetes.io/managed-by": "juju" };
  const containers = ["charm", ...Object.keys(app.charm.containers)].map((name) => ({ name, resources: {} }));
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { namespace: model, labels },
    spec: {
      replicas: app.scale,
      serviceName: `${app.name}-endpoints`,
      selector: { matchLabels: { "app.kubernetes.io/name": app.name } },
      template: { metadata: { labels }, spec: { serviceAccountName: app.name, containers } },
    },
    status: { replicas: app.scale },
  };
}

/** Leaves out limits and requests that are empty, as the API server does. */
export function withoutEmptyAmounts(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((one) => withoutEmptyAmounts(one) ?? null);
  if (!isObject(value)) return value;
  const isEmpty = (key: string, one: Json | undefined): boolean =>
    (key === "limits" || key === "requests") && isObject(one) && Object.keys(one).length === 0;
  const kept = Object.entries(value).filter(([key, one]) => !isEmpty(key, one));
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutEmptyAmounts(one)]));
}
