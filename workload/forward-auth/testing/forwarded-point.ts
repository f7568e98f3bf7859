/** A decision point in mode `forwarded` with two applications, and its provider. */
import { type Point, startPoint } from "./point.ts";
import { startProvider, type TestProvider } from "./provider.ts";

/** Where the provider sends people back to. */
export const CALLBACK = "https://gw.localhost:8443/iam-proxy/oauth2/callback";

/** Both, running. */
export interface ForwardedPoint {
  readonly point: Point;
  readonly provider: TestProvider;
  close(): Promise<void>;
}

/** Starts both. */
export async function startForwarded(): Promise<ForwardedPoint> {
  const provider = await startProvider({ accounts: {}, redirectUris: [CALLBACK] });
  const rules = {
    version: 1 as const,
    applications: {
      app: {
        routes: [{ hosts: ["gw.localhost:8443", "gw.localhost:8080", "[fd00::1]:8443"], paths: ["/app"] }],
        allow: { email_domains: ["example.com"] },
        anonymous_paths: ["^/app/public/", "GET=^/app/get$"],
      },
      far: { routes: [{ hosts: ["far.example.org"] }], allow: { everyone: true } },
    },
  };
  const point = await startPoint(rules, {
    OAUTH2_PROXY_DECISION_MODE: "forwarded",
    OAUTH2_PROXY_REDIRECT_URL: CALLBACK,
    OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true",
    OAUTH2_PROXY_OIDC_ISSUER_URL: provider.issuer,
    OAUTH2_PROXY_CLIENT_ID: "forward-auth",
    OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
    OAUTH2_PROXY_SET_AUTHORIZATION_HEADER: "true",
    OAUTH2_PROXY_METRICS_ADDRESS: "127.0.0.1:0",
  });
  return {
    point,
    provider,
    async close() {
      await point.close();
      await provider.close();
    },
  };
}
