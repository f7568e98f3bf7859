/** The providers as they answer now: metadata, keys, certificates. */
import type { ProviderSettings } from "../options/structure.ts";
import { Outgoing } from "../provider/outgoing.ts";
import { ProviderError } from "../provider/provider.ts";
import type { Settings } from "../settings.ts";
import { type Finding, Findings } from "./finding.ts";

/** What to do about a fault of the network or of TLS, by its code. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name is not known here: look at the URL and at this machine's DNS",
  EAI_AGAIN: "names cannot be resolved now: look at this machine's DNS",
  ECONNREFUSED: "nobody listens there: look at the port, and whether the provider runs",
  CERT_HAS_EXPIRED: "the certificate has run out: renew it",
  DEPTH_ZERO_SELF_SIGNED_CERT: "name the certificate in provider_ca_files",
  SELF_SIGNED_CERT_IN_CHAIN: "name the certificate authority in provider_ca_files",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "name the certificate authority in provider_ca_files, or have the provider send its chain",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "name the certificate authority in provider_ca_files",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the certificate is for another name: use that one in oidc_issuer_url, or change it",
  "forbidden-address": "link-local addresses are never asked; over plain http only an http issuer is",
};

function about(error: unknown): { readonly reason: string; readonly fix?: string } {
  if (!(error instanceof ProviderError)) throw error;
  const reason = error.reason;
  const [, fix] = Object.entries(REMEDIES).find(([code]) => reason.includes(code)) ?? [];
  return { reason, ...(fix === undefined ? {} : { fix }) };
}

type Json = Readonly<Record<string, unknown>>;

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

/** A JSON document at an address; says what is wrong when it is none. */
async function document(
  url: string,
  option: string,
  outgoing: Outgoing,
  findings: Findings,
): Promise<Json | undefined> {
  try {
    const { status, text } = await outgoing.ask(url);
    const json = status === 200 ? parse(text) : undefined;
    if (json === undefined) {
      const what = status === 200 ? "no JSON object" : `status ${status}`;
      findings.problem(`${url} answers with ${what}`, { option, fix: "look at the URL in a browser" });
    }
    return json;
  } catch (error) {
    const { reason, fix } = about(error);
    findings.problem(`${url} cannot be asked: ${reason}`, { option, ...(fix === undefined ? {} : { fix }) });
    return undefined;
  }
}

function checkIssuer(found: unknown, issuer: string, skipped: boolean, findings: Findings): void {
  if (found === issuer) {
    findings.ok(`issuer: ${issuer}`);
    return;
  }
  const slash = typeof found === "string" && found.replace(/\/$/, "") === issuer.replace(/\/$/, "");
  const say = skipped ? findings.warn.bind(findings) : findings.problem.bind(findings);
  const hint = slash ? ", the slash at the end counts" : "";
  say(`the provider calls itself "${String(found)}", not "${issuer}"`, {
    option: "oidc_issuer_url",
    fix: `set it to exactly what the provider says${hint}`,
  });
}

/** Endpoints that a login needs, and one that some claims need. */
function checkEndpoints(metadata: Json, findings: Findings): void {
  for (const name of ["authorization_endpoint", "token_endpoint", "jwks_uri"]) {
    const url = metadata[name];
    if (typeof url === "string" && URL.canParse(url)) findings.ok(`${name}: ${url}`);
    else findings.problem(`the provider's metadata has no ${name}`, { fix: "look at oidc_issuer_url" });
  }
  if (typeof metadata["userinfo_endpoint"] !== "string") {
    findings.warn("the provider has no userinfo_endpoint: claims must be in the ID token");
  }
}

function checkAbilities(
  metadata: Json,
  { scope, oidc, codeChallengeMethod }: ProviderSettings,
  findings: Findings,
): void {
  const methods = texts(metadata["code_challenge_methods_supported"]);
  const wanted = codeChallengeMethod || "S256";
  if (methods.includes(wanted)) findings.ok(`PKCE: ${wanted}`);
  else if (methods.length === 0) findings.warn("the provider does not say that it knows PKCE");
  else {
    findings.problem(`the provider knows PKCE with ${methods.join(", ")} only, not ${wanted}`, {
      option: "code_challenge_method",
      fix: `set it to one of these`,
    });
  }
  const advertised = texts(metadata["id_token_signing_alg_values_supported"]);
  const { enabledSigningAlgs: enabled } = oidc;
  if (enabled.length > 0 && !enabled.some((each) => advertised.includes(each))) {
    findings.problem(
      `the provider signs with ${advertised.join(", ") || "nothing that it names"}, none of which is enabled`,
      {
        option: "oidc_enabled_signing_algs",
        fix: "enable one of these",
      },
    );
  }
  const known = texts(metadata["scopes_supported"]);
  const missing = scope.split(" ").filter((each) => each !== "" && known.length > 0 && !known.includes(each));
  if (missing.length > 0) {
    findings.warn(`the provider does not name the scopes ${missing.join(", ")}`, { option: "scope" });
  }
}

/** Keys that signatures can be verified with. */
async function checkKeys(url: unknown, outgoing: Outgoing, findings: Findings): Promise<void> {
  if (typeof url !== "string") return;
  const keys = (await document(url, "oidc_jwks_url", outgoing, findings))?.["keys"];
  if (!Array.isArray(keys)) return;
  const usable = keys.filter((key: Json) => key?.["use"] === undefined || key["use"] === "sig");
  if (usable.length > 0) findings.ok(`keys: ${usable.length}`);
  else findings.problem(`${url} has no key for signatures`);
}

async function checkOne(provider: ProviderSettings, skipVerify: boolean, findings: Findings): Promise<void> {
  const { oidc, caFiles, useSystemTrustStore, clientAuthentication: own } = provider;
  const outgoing = new Outgoing({
    caFiles: caFiles.filter((file) => file !== ""),
    useSystemTrustStore,
    skipVerify,
    certificateFile: own.certificateFile,
    keyFile: own.certificateFile === "" ? "" : own.keyFile,
    insecure: oidc.issuerUrl.startsWith("http:"),
  });
  if (oidc.skipDiscovery) return checkKeys(oidc.jwksUrl || undefined, outgoing, findings);
  const url = `${oidc.issuerUrl.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const metadata = await document(url, "oidc_issuer_url", outgoing, findings);
  if (metadata === undefined) return;
  checkIssuer(metadata["issuer"], oidc.issuerUrl, oidc.insecureSkipIssuerVerification, findings);
  checkEndpoints(metadata, findings);
  checkAbilities(metadata, provider, findings);
  await checkKeys(metadata["jwks_uri"], outgoing, findings);
}

/** Asks every provider that has an issuer; others are only known by their kind. */
export async function checkProviders({ structure, options }: Settings): Promise<readonly Finding[]> {
  const findings = new Findings("provider");
  for (const provider of structure.providers) {
    if (provider.oidc.issuerUrl !== "") await checkOne(provider, options.ssl_insecure_skip_verify, findings);
    else if (provider.type === "oidc") findings.warn("no oidc_issuer_url: nobody can sign in");
    else findings.ok(`${provider.type}: has no metadata to look at`);
  }
  return findings.list;
}
