import type { Cluster } from "../cluster.ts";

/** What the suite stands on: a namespace as Juju makes one for a model with one application. */
export interface ClusterGround {
  /** As an application that was trusted. */
  readonly trusted: Cluster;
  /** As one that was not: it has the rights that Juju gives to each. */
  readonly untrusted: Cluster;
  /** With a token that nobody has. */
  readonly unknown: Cluster;
  close(): Promise<void>;
}

/** The application: its StatefulSet has the container `web` beside the charm's. */
export const APP = "web";
export const NAMESPACE = "iam";

const LABELS = { "app.kubernetes.io/name": APP, "app.kubernetes.io/managed-by": "juju" };

/** The StatefulSet that Juju makes, as far as it matters here. */
export const STATEFUL_SET = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: APP, labels: LABELS },
  spec: {
    replicas: 1,
    serviceName: `${APP}-endpoints`,
    selector: { matchLabels: { "app.kubernetes.io/name": APP } },
    template: {
      metadata: { labels: LABELS },
      spec: {
        serviceAccountName: APP,
        containers: [
          { name: "charm", image: "charm" },
          { name: "web", image: "web" },
        ],
      },
    },
  },
};
