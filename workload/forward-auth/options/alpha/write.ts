/** Writes the structured part of the configuration as an alpha configuration, for `--convert-config-to-alpha`. */
import { stringify } from "yaml";
import { formatDuration } from "../duration.ts";
import type {
  HeaderSettings,
  HeaderValueSettings,
  ProviderSettings,
  SecretSource,
  ServerSettings,
  Structure,
  UpstreamSettings,
} from "../structure.ts";

type Tree = { readonly [key: string]: unknown };

/** Leaves out what is empty: texts, lists, mappings without anything in them. */
function filled(tree: Tree): Tree {
  const empty = (value: unknown) =>
    value === undefined ||
    value === "" ||
    (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(tree).filter(([, value]) => !empty(value)));
}

const secret = (source: SecretSource): Tree => ({ ...source });

function headerValue(value: HeaderValueSettings): Tree {
  if ("secretSource" in value) return { secretSource: secret(value.secretSource) };
  const { claim, prefix, basicAuthPassword } = value.claimSource;
  return {
    claimSource: filled({
      claim,
      prefix,
      basicAuthPassword: basicAuthPassword && secret(basicAuthPassword),
    }),
  };
}

const header = (settings: HeaderSettings): Tree => ({
  name: settings.name,
  preserveRequestValue: settings.preserveRequestValue,
  ...(settings.insecureSkipHeaderNormalization ? { InsecureSkipHeaderNormalization: true } : {}),
  values: settings.values.map(headerValue),
});

function server({ bindAddress, secureBindAddress, tls }: ServerSettings): Tree {
  return filled({
    bindAddress: bindAddress === "-" ? "" : bindAddress,
    secureBindAddress,
    tls:
      tls &&
      filled({
        cert: secret(tls.cert),
        cipherSuites: tls.cipherSuites,
        key: secret(tls.key),
        minVersion: tls.minVersion,
      }),
  });
}

function oidc(settings: ProviderSettings["oidc"]): Tree {
  return filled({
    issuerURL: settings.issuerUrl,
    insecureAllowUnverifiedEmail: settings.insecureAllowUnverifiedEmail,
    insecureSkipIssuerVerification: settings.insecureSkipIssuerVerification,
    insecureSkipNonce: settings.insecureSkipNonce,
    skipDiscovery: settings.skipDiscovery,
    jwksURL: settings.jwksUrl,
    publicKeyFiles: settings.publicKeyFiles,
    emailClaim: settings.emailClaim,
    groupsClaim: settings.groupsClaim,
    userIDClaim: settings.userIdClaim,
    audienceClaims: settings.audienceClaims,
    extraAudiences: settings.extraAudiences,
    enabledSigningAlgs: settings.enabledSigningAlgs,
  });
}

/** What is special to single kinds of providers. */
function special(settings: ProviderSettings): Tree {
  const { google, loginGov, entraId } = settings;
  return {
    keycloakConfig: filled(settings.keycloak),
    azureConfig: filled(settings.azure),
    microsoftEntraIDConfig: filled(entraId),
    ADFSConfig: settings.adfs,
    bitbucketConfig: filled(settings.bitbucket),
    githubConfig: filled(settings.github),
    gitlabConfig: filled(settings.gitlab),
    googleConfig: filled({
      group: google.group,
      adminEmail: google.adminEmail,
      serviceAccountJson: google.serviceAccountJson,
      useApplicationDefaultCredentials: google.useApplicationDefaultCredentials,
      targetPrincipal: google.targetPrincipal,
      useOrganizationID: google.useOrganizationId,
      adminAPIUserScope: google.adminApiUserScope,
    }),
    loginGovConfig: filled({
      jwtKey: loginGov.jwtKey,
      jwtKeyFile: loginGov.jwtKeyFile,
      pubjwkURL: loginGov.pubJwkUrl,
    }),
  };
}

function provider(settings: ProviderSettings): Tree {
  const filledIn = filled({
    clientID: settings.clientId,
    clientSecret: settings.clientSecret,
    clientSecretFile: settings.clientSecretFile,
    clientAuthentication: filled(settings.clientAuthentication),
    ...special(settings),
    oidcConfig: oidc(settings.oidc),
    id: settings.id,
    provider: settings.type,
    name: settings.name,
    caFiles: settings.caFiles,
    useSystemTrustStore: settings.useSystemTrustStore,
    loginURL: settings.loginUrl,
    loginURLParameters: settings.loginUrlParameters.map((parameter) => filled({ ...parameter })),
    authRequestResponseMode: settings.authRequestResponseMode,
    redeemURL: settings.redeemUrl,
    profileURL: settings.profileUrl,
    skipClaimsFromProfileURL: settings.skipClaimsFromProfileUrl,
    resource: settings.resource,
    validateURL: settings.validateUrl,
    scope: settings.scope,
    allowedGroups: settings.allowedGroups,
    code_challenge_method: settings.codeChallengeMethod,
    additionalClaims: settings.additionalClaims,
    introspectionURL: settings.introspectionUrl,
  });
  return { ...filledIn, backendLogoutURL: settings.backendLogoutUrl };
}

function upstream(settings: UpstreamSettings): Tree {
  return filled({
    id: settings.id,
    path: settings.path,
    rewriteTarget: settings.rewriteTarget,
    uri: settings.uri,
    insecureSkipTLSVerify: settings.insecureSkipTlsVerify,
    static: settings.static,
    staticCode: settings.static ? settings.staticCode : undefined,
    flushInterval: formatDuration(settings.flushInterval),
    passHostHeader: settings.passHostHeader,
    proxyWebSockets: settings.proxyWebSockets,
    timeout: formatDuration(settings.timeout),
    disableKeepAlives: settings.disableKeepAlives,
  });
}

/**
 * The YAML text. A `$` is doubled, so that reading it expands nothing, and words such as `yes` are quoted for readers of
 * YAML 1.1.
 *
 * @see oauth2-proxy: --convert-config-to-alpha, whose order of keys this has
 */
export function writeAlpha(structure: Structure): string {
  const { requestHeaders, responseHeaders, upstreams } = structure;
  const tree = {
    ...(requestHeaders.length > 0 ? { injectRequestHeaders: requestHeaders.map(header) } : {}),
    ...(responseHeaders.length > 0 ? { injectResponseHeaders: responseHeaders.map(header) } : {}),
    metricsServer: server(structure.metricsServer),
    providers: structure.providers.map(provider),
    server: server(structure.server),
    upstreamConfig: {
      proxyRawPath: structure.proxyRawPath,
      ...(upstreams.length > 0 ? { upstreams: upstreams.map(upstream) } : {}),
    },
  };
  return stringify(tree, { indent: 4, lineWidth: 0, singleQuote: true, version: "1.1" }).replaceAll(
    "$",
    "$$$$",
  );
}
