import { type Faults, masked } from "../faults.ts";
import { PROVIDER_TYPES, type ProviderSettings, type Structure } from "../structure.ts";
import type { OptionKey } from "../table.ts";
import { noBundle, unreadable } from "./files.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Says something about one provider, by flat option and by key. */
type Say = (key: OptionKey, place: string, must: string) => void;

/** Kinds that speak OpenID Connect and so need an issuer. */
const WITH_ISSUER: readonly string[] = [
  "oidc",
  "adfs",
  "azure",
  "cidaas",
  "entra-id",
  "gitlab",
  "keycloak-oidc",
];

const ALGORITHMS: readonly string[] = [
  ..."256 384 512".split(" ").flatMap((bits) => [`RS${bits}`, `ES${bits}`, `PS${bits}`, `HS${bits}`]),
  "EdDSA",
];

const METHODS: readonly string[] = [
  "",
  "client_secret_basic",
  "client_secret_post",
  "private_key_jwt",
  "tls_client_auth",
  "token_file",
];

/** How the client shows who it is. */
function checkClient(provider: ProviderSettings, say: Say): void {
  const { clientId, clientSecret, clientSecretFile, clientAuthentication: own, type, entraId } = provider;
  if (clientId === "") say("client_id", "clientID", "missing setting: the OAuth client");
  const { method, keyFile, certificateFile, tokenFile } = own;
  if (!METHODS.includes(method)) {
    const known = METHODS.filter((each) => each !== "").join(", ");
    say("client_authentication", "clientAuthentication.method", `must be one of ${known}, is "${method}"`);
  }
  const federated = type === "entra-id" && entraId.federatedTokenAuth;
  const secretless = ["private_key_jwt", "tls_client_auth", "token_file"].includes(method);
  if (secretless) checkOwn(method, { keyFile, certificateFile, tokenFile }, say);
  else if (type !== "login.gov" && !federated) checkClientSecret(clientSecret, clientSecretFile, say);
}

function checkClientSecret(secret: string, file: string, say: Say): void {
  if (secret === "" && file === "") {
    say("client_secret", "clientSecret", "missing setting: client_secret or client_secret_file");
  } else if (secret === "") {
    const reason = unreadable(file);
    if (reason !== undefined) {
      say("client_secret_file", "clientSecretFile", `must be readable, "${file}" is not: ${reason}`);
    }
  }
}

/** Files of the ways to authenticate that oauth2-proxy does not have. */
function checkOwn(
  method: string,
  files: Omit<ProviderSettings["clientAuthentication"], "method">,
  say: Say,
): void {
  const need = (key: OptionKey, name: "keyFile" | "certificateFile" | "tokenFile") => {
    const reason = files[name] === "" ? "none is given" : unreadable(files[name]);
    if (reason !== undefined) {
      say(key, `clientAuthentication.${name}`, `must be a file that can be read for "${method}": ${reason}`);
    }
  };
  if (method === "token_file") need("client_token_file", "tokenFile");
  else need("client_key_file", "keyFile");
  if (method === "tls_client_auth") need("client_certificate_file", "certificateFile");
}

function checkOidc({ type, oidc }: ProviderSettings, say: Say): void {
  const { issuerUrl, skipDiscovery, jwksUrl, publicKeyFiles } = oidc;
  if (issuerUrl === "") {
    say(
      "oidc_issuer_url",
      "oidcConfig.issuerURL",
      `missing required setting: provider "${type}" needs its issuer-url`,
    );
  } else if (!skipDiscovery && !/^https?:\/\/[^\s?#]+$/.test(issuerUrl)) {
    say("oidc_issuer_url", "oidcConfig.issuerURL", `must be an http or https URL, is "${issuerUrl}"`);
  }
  const ways = [jwksUrl !== "", publicKeyFiles.length > 0].filter(Boolean).length;
  if (skipDiscovery && ways === 0) {
    const must = "missing required setting: oidc_jwks_url or oidc_public_key_files, with skip_oidc_discovery";
    say("oidc_jwks_url", "oidcConfig.jwksURL", must);
  }
  if (ways === 2) say("oidc_jwks_url", "oidcConfig.jwksURL", "and oidc_public_key_files exclude each other");
  for (const file of publicKeyFiles) {
    const reason = unreadable(file);
    if (reason === undefined) continue;
    say(
      "oidc_public_key_files",
      "oidcConfig.publicKeyFiles",
      `must be readable, "${file}" is not: ${reason}`,
    );
  }
}

function checkGoogle(
  { adminEmail, serviceAccountJson, useApplicationDefaultCredentials }: ProviderSettings["google"],
  say: Say,
): void {
  if (adminEmail === "" && serviceAccountJson === "" && !useApplicationDefaultCredentials) return;
  if (adminEmail === "") say("google_admin_email", "googleConfig.adminEmail", "missing setting");
  const [key, place] = ["google_service_account_json", "googleConfig.serviceAccountJson"] as const;
  if (useApplicationDefaultCredentials) {
    if (serviceAccountJson !== "")
      say(key, place, "and google_use_application_default_credentials exclude each other");
  } else if (serviceAccountJson === "") {
    say(key, place, "missing setting: it or google_use_application_default_credentials");
  } else {
    const reason = unreadable(serviceAccountJson);
    if (reason !== undefined) say(key, place, `must be readable, "${serviceAccountJson}" is not: ${reason}`);
  }
}

function checkEntra(
  { federatedTokenAuth }: ProviderSettings["entraId"],
  environment: Environment,
  say: Say,
): void {
  if (!federatedTokenAuth) return;
  const file = environment["AZURE_FEDERATED_TOKEN_FILE"] ?? "";
  const reason = file === "" ? "the variable is not set" : unreadable(file);
  if (reason === undefined) return;
  const must = `needs a token in the file that AZURE_FEDERATED_TOKEN_FILE names: ${reason}`;
  say("entra_id_federated_token_auth", "microsoftEntraIDConfig.federatedTokenAuth", must);
}

function checkLoginGov({ jwtKey, jwtKeyFile }: ProviderSettings["loginGov"], say: Say): void {
  if (jwtKey === "" && jwtKeyFile === "") {
    say(
      "jwt_key",
      "loginGovConfig.jwtKey",
      "missing setting: login.gov needs a private key, here or in jwt_key_file",
    );
  } else if (jwtKey === "") {
    const reason = unreadable(jwtKeyFile);
    if (reason !== undefined) {
      say("jwt_key_file", "loginGovConfig.jwtKeyFile", `must be readable, "${jwtKeyFile}" is not: ${reason}`);
    }
  }
}

/** Where a provider tells about opaque tokens. */
export function checkIntrospection(url: string, say: (must: string) => void): void {
  if (url === "" || url === "discovery" || /^https?:\/\/[^\s@]+$/.test(url)) return;
  say(`must be an http or https URL without a user, or "discovery", is "${masked(url)}"`);
}

function checkProvider(provider: ProviderSettings, environment: Environment, say: Say): void {
  const { type } = provider;
  if (!(PROVIDER_TYPES as readonly string[]).includes(type)) {
    say("provider", "provider", `must be one of ${PROVIDER_TYPES.join(", ")}, is "${type}"`);
  }
  checkClient(provider, say);
  if (WITH_ISSUER.includes(type)) checkOidc(provider, say);
  for (const algorithm of provider.oidc.enabledSigningAlgs) {
    if (ALGORITHMS.includes(algorithm)) continue;
    say(
      "oidc_enabled_signing_algs",
      "oidcConfig.enabledSigningAlgs",
      `must be of ${ALGORITHMS.join(", ")}, has "${algorithm}"`,
    );
  }
  for (const file of provider.caFiles) {
    const reason = file === "" ? undefined : noBundle(file);
    if (reason !== undefined) say("provider_ca_files", "caFiles", `must be CA bundles: ${reason}`);
  }
  checkIntrospection(provider.introspectionUrl, (must) => say("introspection_url", "introspectionURL", must));
  if (type === "google") checkGoogle(provider.google, say);
  if (type === "entra-id") checkEntra(provider.entraId, environment, say);
  if (type === "login.gov") checkLoginGov(provider.loginGov, say);
}

/**
 * Providers.
 *
 * @param strict True in the explicit decision modes: a provider of kind `oidc` without an issuer is one that is not known
 *   yet, and nothing else is asked of it.
 */
export function checkProviders(
  { providers }: Structure,
  strict: boolean,
  environment: Environment,
  faults: Faults,
): void {
  if (providers.length === 0) faults.say("providers", "providers must have at least one provider", 2);
  const ids = new Set<string>();
  for (const [index, provider] of providers.entries()) {
    const { id, type, oidc } = provider;
    if (id === "") faults.say(`providers[${index}].id`, `providers[${index}].id must not be empty`);
    if (ids.has(id)) faults.say(`providers[${index}].id`, `providers has several with the id "${id}"`);
    ids.add(id);
    if (strict && type === "oidc" && oidc.issuerUrl === "") continue;
    checkProvider(provider, environment, (key, place, must) =>
      faults.structured(key, `providers[${index}].${place}`, must),
    );
  }
}
