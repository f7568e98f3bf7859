import type { AnyState } from "../../testing/state.ts";
import type { Scene } from "./agent.ts";

/** What the small charm sees. */
export const SMALL: Omit<Scene, "contract"> = {
  event: "config-changed",
  state: {
    leader: true,
    relations: {
      database: { remoteApp: "db", remoteAppRaw: { endpoints: "db.iam.svc:5432", database: "web" } },
      site: { remoteApp: "gateway", remoteAppRaw: { url: "https://gw.example.com/iam-small" } },
    },
  } as AnyState,
};

const CLIENT_SECRET = "9m4e2mr0ui3e8a215n4g";
const certificate = "-----BEGIN CERTIFICATE-----\nTWFkZSB1cA==\n-----END CERTIFICATE-----";

/** oauth2-proxy-k8s with five relations, all of which say something. */
export const OAUTH2_PROXY: Omit<Scene, "contract"> = {
  event: "config-changed",
  state: {
    leader: true,
    relations: {
      ingress: {
        remoteApp: "traefik",
        remoteAppRaw: { ingress: '{"url":"https://gw.example.com/iam-oauth2-proxy-k8s"}' },
      },
      oauth: {
        remoteApp: "hydra",
        remoteAppRaw: {
          issuer_url: "https://id.example.com",
          authorization_endpoint: "https://id.example.com/oauth2/auth",
          token_endpoint: "https://id.example.com/oauth2/token",
          introspection_endpoint: "http://hydra.iam.svc.cluster.local:4445/admin/oauth2/introspect",
          userinfo_endpoint: "https://id.example.com/userinfo",
          jwks_endpoint: "https://id.example.com/.well-known/jwks.json",
          scope: "openid profile email offline_access",
          client_id: "3e7b1f0c-4b6e-4a53-9d86-f6a1d7c2f0aa",
          client_secret_id: `secret:${CLIENT_SECRET}`,
          jwt_access_token: "False",
        },
      },
      "receive-ca-cert": {
        remoteApp: "self-signed-certificates",
        remoteAppRaw: { certificates: JSON.stringify([certificate]), version: "1" },
      },
      "auth-proxy": {
        remoteApp: "whoami",
        remoteAppRaw: {
          protected_urls: '["https://gw.example.com/iam-whoami"]',
          headers: '["X-Auth-Request-Email","X-Auth-Request-User"]',
          allowed_endpoints: '["healthz"]',
          authenticated_emails: '["ada@example.com"]',
          authenticated_email_domains: "[]",
        },
      },
      "forward-auth": { remoteApp: "traefik-public", remoteAppRaw: { ingress_app_names: '["whoami"]' } },
    },
    secrets: [
      { id: CLIENT_SECRET, content: { secret: "the-secret-of-the-client" } },
      {
        owner: "app",
        label: "cookie-secret",
        content: { secret: "bWFkZSB1cCBmb3IgdGhlIGJlbmNobWFyayBvbmx5ISE" },
      },
    ],
    openedPorts: [4180],
  } as AnyState,
};
