import type { Options } from "../read.ts";
import type {
  ClientAuthenticationMethod,
  LoginUrlParameter,
  OidcSettings,
  ProviderSettings,
  ProviderType,
} from "../structure.ts";

/** What a provider has when nothing else is said. */
export const PROVIDER_DEFAULTS = {
  id: "",
  type: "oidc",
  name: "",
  clientId: "",
  clientSecret: "",
  clientSecretFile: "",
  clientAuthentication: { method: "", keyFile: "", certificateFile: "", tokenFile: "" },
  caFiles: [],
  useSystemTrustStore: false,
  loginUrl: "",
  loginUrlParameters: [],
  authRequestResponseMode: "",
  redeemUrl: "",
  profileUrl: "",
  skipClaimsFromProfileUrl: false,
  resource: "",
  validateUrl: "",
  scope: "",
  allowedGroups: [],
  codeChallengeMethod: "",
  additionalClaims: [],
  backendLogoutUrl: "",
  introspectionUrl: "",
  oidc: {
    issuerUrl: "",
    insecureAllowUnverifiedEmail: false,
    insecureSkipIssuerVerification: false,
    insecureSkipNonce: false,
    skipDiscovery: false,
    jwksUrl: "",
    publicKeyFiles: [],
    emailClaim: "email",
    groupsClaim: "groups",
    userIdClaim: "email",
    audienceClaims: ["aud"],
    extraAudiences: [],
    enabledSigningAlgs: [],
  },
  keycloak: { groups: [], roles: [] },
  azure: { tenant: "common", graphGroupField: "" },
  entraId: { allowedTenants: [], federatedTokenAuth: false },
  adfs: { skipScope: false },
  bitbucket: { team: "", repository: "" },
  github: { org: "", team: "", repo: "", token: "", users: [] },
  gitlab: { group: [], projects: [] },
  google: {
    group: [],
    adminEmail: "",
    serviceAccountJson: "",
    useApplicationDefaultCredentials: false,
    targetPrincipal: "",
    useOrganizationId: false,
    adminApiUserScope: "",
  },
  loginGov: { jwtKey: "", jwtKeyFile: "", pubJwkUrl: "" },
} as const satisfies ProviderSettings;

/** Parameters of the login URL that the flat options fix. */
function loginUrlParameters({ acr_values, prompt, approval_prompt }: Options): readonly LoginUrlParameter[] {
  const fixed = (name: string, value: string) =>
    value === "" ? [] : [{ name, default: [value], allow: [] }];
  return [
    ...fixed("acr_values", acr_values),
    ...(prompt === "" ? fixed("approval_prompt", approval_prompt) : fixed("prompt", prompt)),
  ];
}

function oidcOf(options: Options): OidcSettings {
  return {
    issuerUrl: options.oidc_issuer_url,
    insecureAllowUnverifiedEmail: options.insecure_oidc_allow_unverified_email,
    insecureSkipIssuerVerification: options.insecure_oidc_skip_issuer_verification,
    insecureSkipNonce: options.insecure_oidc_skip_nonce,
    skipDiscovery: options.skip_oidc_discovery,
    jwksUrl: options.oidc_jwks_url,
    publicKeyFiles: options.oidc_public_key_files,
    emailClaim: options.oidc_email_claim,
    groupsClaim: options.oidc_groups_claim,
    userIdClaim: options.user_id_claim,
    audienceClaims: options.oidc_audience_claims,
    extraAudiences: options.oidc_extra_audiences,
    enabledSigningAlgs: options.oidc_enabled_signing_algs,
  };
}

/** What is special to the provider's kind; the options of other kinds are left out. */
function special(options: Options): Partial<ProviderSettings> {
  switch (options.provider) {
    case "keycloak":
      return { keycloak: { groups: options.keycloak_groups, roles: [] } };
    case "keycloak-oidc":
      return { keycloak: { groups: options.keycloak_groups, roles: options.allowed_roles } };
    case "entra-id":
      return {
        entraId: {
          allowedTenants: options.entra_id_allowed_tenants,
          federatedTokenAuth: options.entra_id_federated_token_auth,
        },
      };
    case "bitbucket":
      return { bitbucket: { team: options.bitbucket_team, repository: options.bitbucket_repository } };
    case "github":
      return {
        github: {
          org: options.github_org,
          team: options.github_team,
          repo: options.github_repo,
          token: options.github_token,
          users: options.github_users,
        },
      };
    case "gitlab":
      return { gitlab: { group: options.gitlab_groups, projects: options.gitlab_projects } };
    case "google":
      return { google: googleOf(options) };
    case "login.gov":
      return {
        loginGov: {
          jwtKey: options.jwt_key,
          jwtKeyFile: options.jwt_key_file,
          pubJwkUrl: options.pubjwk_url,
        },
      };
    default:
      return {};
  }
}

function googleOf(options: Options): ProviderSettings["google"] {
  return {
    group: options.google_group.length > 0 ? options.google_group : options.google_groups,
    adminEmail: options.google_admin_email,
    serviceAccountJson: options.google_service_account_json,
    useApplicationDefaultCredentials: options.google_use_application_default_credentials,
    targetPrincipal: options.google_target_principal,
    useOrganizationId: options.google_use_organization_id,
    adminApiUserScope: options.google_admin_api_user_scope,
  };
}

/** The provider of the flat options; its type is checked with everything else. */
export function flatProvider(options: Options): ProviderSettings {
  const { provider, provider_display_name, client_id } = options;
  return {
    ...PROVIDER_DEFAULTS,
    id: provider_display_name || `${provider}=${client_id}`,
    type: provider as ProviderType,
    name: provider_display_name,
    clientId: client_id,
    clientSecret: options.client_secret,
    clientSecretFile: options.client_secret_file,
    clientAuthentication: {
      method: options.client_authentication as ClientAuthenticationMethod,
      keyFile: options.client_key_file,
      certificateFile: options.client_certificate_file,
      tokenFile: options.client_token_file,
    },
    caFiles: options.provider_ca_files,
    useSystemTrustStore: options.use_system_trust_store,
    loginUrl: options.login_url,
    loginUrlParameters: loginUrlParameters(options),
    authRequestResponseMode: options.auth_request_response_mode,
    redeemUrl: options.redeem_url,
    profileUrl: options.profile_url,
    skipClaimsFromProfileUrl: options.skip_claims_from_profile_url,
    resource: options.resource,
    validateUrl: options.validate_url,
    scope: options.scope,
    allowedGroups: options.allowed_groups,
    codeChallengeMethod: options.code_challenge_method || options.force_code_challenge_method,
    backendLogoutUrl: options.backend_logout_url,
    oidc: oidcOf(options),
    azure: { tenant: options.azure_tenant, graphGroupField: options.azure_graph_group_field },
    ...special(options),
  };
}
