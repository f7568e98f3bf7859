import type { Adapter } from "../types.ts";
import { authProxyAdapter } from "./auth-proxy.ts";
import { certificateTransferAdapter } from "./certificate-transfer.ts";
import { forwardAuthAdapter } from "./forward-auth.ts";
import { grafanaDashboardAdapter } from "./grafana-dashboard.ts";
import { ingressAdapter } from "./ingress.ts";
import { lokiPushApiAdapter } from "./loki-push-api.ts";
import { oauthAdapter } from "./oauth.ts";
import { prometheusScrapeAdapter } from "./prometheus-scrape.ts";
import { tlsCertificatesAdapter } from "./tls-certificates.ts";
import { tracingAdapter } from "./tracing.ts";
import { traefikRouteAdapter } from "./traefik-route.ts";

/** By name of the recorded file. */
export const adapters: Readonly<Record<string, Adapter>> = {
  auth_proxy: authProxyAdapter,
  certificate_transfer: certificateTransferAdapter,
  forward_auth: forwardAuthAdapter,
  grafana_dashboard: grafanaDashboardAdapter,
  ingress: ingressAdapter,
  loki_push_api: lokiPushApiAdapter,
  oauth: oauthAdapter,
  prometheus_scrape: prometheusScrapeAdapter,
  "tls-certificates": tlsCertificatesAdapter,
  tracing: tracingAdapter,
  traefik_route: traefikRouteAdapter,
};
