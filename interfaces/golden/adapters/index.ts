import type { Adapter } from "../types.ts";
import { authProxyAdapter } from "./auth-proxy.ts";
import { certificateTransferAdapter } from "./certificate-transfer.ts";
import { forwardAuthAdapter } from "./forward-auth.ts";
import { ingressAdapter } from "./ingress.ts";
import { oauthAdapter } from "./oauth.ts";
import { tlsCertificatesAdapter } from "./tls-certificates.ts";
import { tracingAdapter } from "./tracing.ts";
import { traefikRouteAdapter } from "./traefik-route.ts";

/** By name of the recorded file. */
export const adapters: Readonly<Record<string, Adapter>> = {
  auth_proxy: authProxyAdapter,
  certificate_transfer: certificateTransferAdapter,
  forward_auth: forwardAuthAdapter,
  ingress: ingressAdapter,
  oauth: oauthAdapter,
  "tls-certificates": tlsCertificatesAdapter,
  tracing: tracingAdapter,
  traefik_route: traefikRouteAdapter,
};
