/** Variables of a decision point in mode `compat` whose provider need not be there. */
export const COMPAT = {
  OAUTH2_PROXY_PROVIDER: "oidc",
  OAUTH2_PROXY_OIDC_ISSUER_URL: "http://issuer.example",
  OAUTH2_PROXY_SKIP_OIDC_DISCOVERY: "true",
  OAUTH2_PROXY_LOGIN_URL: "http://issuer.example/authorize",
  OAUTH2_PROXY_REDEEM_URL: "http://issuer.example/token",
  OAUTH2_PROXY_OIDC_JWKS_URL: "http://issuer.example/keys",
  OAUTH2_PROXY_CLIENT_ID: "forward-auth",
  OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
  OAUTH2_PROXY_EMAIL_DOMAINS: "*",
} as const;
