import { PROVIDER_DEFAULTS } from "../flat/provider.ts";
import type {
  ClientAuthenticationMethod,
  LoginUrlParameter,
  OidcSettings,
  ProviderSettings,
  ProviderType,
} from "../structure.ts";
import type { Mapping } from "./mapping.ts";

function readOidc(mapping: Mapping): OidcSettings {
  const defaults = PROVIDER_DEFAULTS.oidc;
  return {
    issuerUrl: mapping.text("issuerURL"),
    insecureAllowUnverifiedEmail: mapping.boolean("insecureAllowUnverifiedEmail", false),
    insecureSkipIssuerVerification: mapping.boolean("insecureSkipIssuerVerification", false),
    insecureSkipNonce: mapping.boolean("insecureSkipNonce", defaults.insecureSkipNonce),
    skipDiscovery: mapping.boolean("skipDiscovery", false),
    jwksUrl: mapping.text("jwksURL"),
    publicKeyFiles: mapping.texts("publicKeyFiles"),
    emailClaim: mapping.text("emailClaim", defaults.emailClaim),
    groupsClaim: mapping.text("groupsClaim", defaults.groupsClaim),
    userIdClaim: mapping.text("userIDClaim", defaults.userIdClaim),
    audienceClaims: mapping.texts("audienceClaims", defaults.audienceClaims),
    extraAudiences: mapping.texts("extraAudiences"),
    enabledSigningAlgs: mapping.texts("enabledSigningAlgs"),
  };
}

/** What may stand in the place of a parameter's default: a `value`, or a `pattern`. */
function readAllowed(mapping: Mapping): LoginUrlParameter["allow"][number] {
  const [value, pattern] = [mapping.text("value"), mapping.text("pattern")];
  if (mapping.has("value") === mapping.has("pattern")) {
    mapping.faults.say(mapping.path, `${mapping.path} must have exactly one of value and pattern`);
  }
  return mapping.has("value") ? { value } : { pattern };
}

function readParameter(mapping: Mapping): LoginUrlParameter {
  return {
    name: mapping.text("name"),
    default: mapping.texts("default"),
    allow: mapping.list("allow", readAllowed),
  };
}

const readGoogle = (mapping: Mapping): ProviderSettings["google"] => ({
  group: mapping.texts("group"),
  adminEmail: mapping.text("adminEmail"),
  serviceAccountJson: mapping.text("serviceAccountJson"),
  useApplicationDefaultCredentials: mapping.boolean("useApplicationDefaultCredentials", false),
  targetPrincipal: mapping.text("targetPrincipal"),
  useOrganizationId: mapping.boolean("useOrganizationID", false),
  adminApiUserScope: mapping.text("adminAPIUserScope"),
});

const readGithub = (mapping: Mapping): ProviderSettings["github"] => ({
  org: mapping.text("org"),
  team: mapping.text("team"),
  repo: mapping.text("repo"),
  token: mapping.text("token"),
  users: mapping.texts("users"),
});

/** What is special to single kinds of providers. */
function readSpecial(mapping: Mapping) {
  return {
    keycloak: mapping.mapping("keycloakConfig", (inner) => ({
      groups: inner.texts("groups"),
      roles: inner.texts("roles"),
    })),
    azure: mapping.mapping("azureConfig", (inner) => ({
      tenant: inner.text("tenant", PROVIDER_DEFAULTS.azure.tenant),
      graphGroupField: inner.text("graphGroupField"),
    })),
    entraId: mapping.mapping("microsoftEntraIDConfig", (inner) => ({
      allowedTenants: inner.texts("allowedTenants"),
      federatedTokenAuth: inner.boolean("federatedTokenAuth", false),
    })),
    adfs: mapping.mapping("ADFSConfig", (inner) => ({ skipScope: inner.boolean("skipScope", false) })),
    bitbucket: mapping.mapping("bitbucketConfig", (inner) => ({
      team: inner.text("team"),
      repository: inner.text("repository"),
    })),
    github: mapping.mapping("githubConfig", readGithub),
    gitlab: mapping.mapping("gitlabConfig", (inner) => ({
      group: inner.texts("group"),
      projects: inner.texts("projects"),
    })),
    google: mapping.mapping("googleConfig", readGoogle),
    loginGov: mapping.mapping("loginGovConfig", (inner) => ({
      jwtKey: inner.text("jwtKey"),
      jwtKeyFile: inner.text("jwtKeyFile"),
      pubJwkUrl: inner.text("pubjwkURL"),
    })),
  } as const;
}

/** One provider. */
export function readProvider(mapping: Mapping): ProviderSettings {
  return {
    id: mapping.text("id"),
    type: mapping.text("provider", "google") as ProviderType,
    name: mapping.text("name"),
    clientId: mapping.text("clientID"),
    clientSecret: mapping.text("clientSecret"),
    clientSecretFile: mapping.text("clientSecretFile"),
    clientAuthentication: mapping.mapping("clientAuthentication", (inner) => ({
      method: inner.text("method") as ClientAuthenticationMethod,
      keyFile: inner.text("keyFile"),
      certificateFile: inner.text("certificateFile"),
      tokenFile: inner.text("tokenFile"),
    })),
    caFiles: mapping.texts("caFiles"),
    useSystemTrustStore: mapping.boolean("useSystemTrustStore", false),
    loginUrl: mapping.text("loginURL"),
    loginUrlParameters: mapping.list("loginURLParameters", readParameter),
    authRequestResponseMode: mapping.text("authRequestResponseMode"),
    redeemUrl: mapping.text("redeemURL"),
    profileUrl: mapping.text("profileURL"),
    skipClaimsFromProfileUrl: mapping.boolean("skipClaimsFromProfileURL", false),
    resource: mapping.text("resource"),
    validateUrl: mapping.text("validateURL"),
    scope: mapping.text("scope"),
    allowedGroups: mapping.texts("allowedGroups"),
    codeChallengeMethod: mapping.text("code_challenge_method"),
    additionalClaims: mapping.texts("additionalClaims"),
    backendLogoutUrl: mapping.text("backendLogoutURL"),
    introspectionUrl: mapping.text("introspectionURL"),
    oidc: mapping.mapping("oidcConfig", readOidc),
    ...readSpecial(mapping),
  };
}
