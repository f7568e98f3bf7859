import type { ApplicationState } from "../../model/index.ts";
import type { JsonObject } from "./merge.ts";

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
