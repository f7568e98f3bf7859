import type { Options } from "../read.ts";
import type { Structure } from "../structure.ts";

/** What an alpha configuration says, as flat options, so far as they can say it: for what reads these. */
export function flattened({ server, metricsServer, providers, upstreams }: Structure): Partial<Options> {
  const [provider] = providers;
  return {
    http_address: server.bindAddress,
    https_address: server.secureBindAddress,
    tls_min_version: server.tls?.minVersion ?? "",
    tls_cipher_suites: server.tls?.cipherSuites ?? [],
    metrics_address: metricsServer.bindAddress,
    metrics_secure_address: metricsServer.secureBindAddress,
    upstreams: upstreams.map(({ id, uri, static: fixed, staticCode }) =>
      fixed ? `static://${staticCode}` : uri || id,
    ),
    ...(provider && {
      provider: provider.type,
      provider_display_name: provider.name,
      client_id: provider.clientId,
      client_secret: provider.clientSecret,
      client_secret_file: provider.clientSecretFile,
      provider_ca_files: provider.caFiles,
      use_system_trust_store: provider.useSystemTrustStore,
      scope: provider.scope,
      login_url: provider.loginUrl,
      redeem_url: provider.redeemUrl,
      profile_url: provider.profileUrl,
      validate_url: provider.validateUrl,
      skip_claims_from_profile_url: provider.skipClaimsFromProfileUrl,
      allowed_groups: provider.allowedGroups,
      code_challenge_method: provider.codeChallengeMethod,
      backend_logout_url: provider.backendLogoutUrl,
      oidc_issuer_url: provider.oidc.issuerUrl,
      skip_oidc_discovery: provider.oidc.skipDiscovery,
      oidc_jwks_url: provider.oidc.jwksUrl,
      oidc_email_claim: provider.oidc.emailClaim,
      oidc_groups_claim: provider.oidc.groupsClaim,
      oidc_audience_claims: provider.oidc.audienceClaims,
      oidc_extra_audiences: provider.oidc.extraAudiences,
      insecure_oidc_allow_unverified_email: provider.oidc.insecureAllowUnverifiedEmail,
      insecure_oidc_skip_nonce: provider.oidc.insecureSkipNonce,
      approval_prompt: "",
    }),
  };
}
