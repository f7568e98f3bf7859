import { readFileSync } from "node:fs";
import path from "node:path";
import type { Container } from "./container.ts";
import { deploymentContainer } from "./deployment.ts";
import { chartContainer } from "./helm-chart.ts";
import { layerContainer } from "./layer.ts";

const text = (...names: string[]) => readFileSync(path.join(import.meta.dirname, ...names), "utf8");

const values = text("okta-istio", "values.yaml");

/** The containers of all configurations, as their Deployment, chart or Pebble layer starts them. */
export const CONTAINERS = {
  dex: deploymentContainer(text("dex-ingress-nginx", "deployment.yaml")),
  okta: chartContainer(values),
  "okta with Redis": chartContainer(values, text("okta-istio", "values-redis.yaml")),
  "okta, structured": chartContainer(text("okta-istio", "values-alpha.yaml")),
  canonical: layerContainer(text("canonical", "layer.yaml"), {
    "/etc/config/oauth2-proxy/access_list.cfg": text("canonical", "access_list.cfg"),
  }),
} satisfies Readonly<Record<string, Container>>;
