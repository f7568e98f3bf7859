/**
 * How we show a provider who we are. Everything that comes from a file is read for each request.
 *
 * @see RFC 6749, section 2.3; RFC 7521 and 7523 (assertions); RFC 8705 (mutual TLS); OpenID Connect Core, section 9
 */
import { createPrivateKey, randomUUID } from "node:crypto";
import { importJWK, type JWK, type KeyInput, SignJWT } from "jose";
import * as client from "openid-client";
import type { ClientAuthenticationMethod, ProviderSettings } from "../options/structure.ts";
import { ProviderError } from "./provider.ts";
import { clientSecret, readSecretFile } from "./secret.ts";

/** Ways that we know. */
export type AuthenticationMethod = Exclude<ClientAuthenticationMethod, "">;

/** Seconds for which an assertion of ours holds. */
const ASSERTION_LIFE = 60;

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A key to sign assertions with. */
interface SigningKey {
  readonly key: KeyInput;
  readonly algorithm: string;
  readonly keyId: string | undefined;
}

/** The algorithm that goes with a key's kind and curve. */
function algorithmFor(kind: string | undefined, curve: string | undefined): string {
  if (kind === "rsa") return "RS256";
  if (kind === "ed25519") return "EdDSA";
  const algorithm = new Map([
    ["prime256v1", "ES256"],
    ["secp384r1", "ES384"],
    ["secp521r1", "ES512"],
  ]).get(curve ?? "");
  if (algorithm === undefined) throw new ProviderError("unusable", "signing-key-kind");
  return algorithm;
}

/** Reads a private key from PEM or JWK text. */
export async function readSigningKey(text: string): Promise<SigningKey> {
  try {
    if (text.trimStart().startsWith("{")) {
      const jwk = JSON.parse(text) as JWK;
      const key = createPrivateKey({ key: jwk, format: "jwk" });
      const { namedCurve } = key.asymmetricKeyDetails ?? {};
      const algorithm = jwk.alg ?? algorithmFor(key.asymmetricKeyType, namedCurve);
      return { key: await importJWK(jwk, algorithm), algorithm, keyId: jwk.kid };
    }
    const key = createPrivateKey(text);
    const algorithm = algorithmFor(key.asymmetricKeyType, key.asymmetricKeyDetails?.namedCurve);
    return { key, algorithm, keyId: undefined };
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    // The cause may quote the key.
    throw new ProviderError("unusable", "signing-key");
  }
}

/**
 * An assertion that we are the client, for one endpoint.
 *
 * @param audience The endpoint's address.
 * @param now Milliseconds since the epoch.
 */
async function clientAssertion(
  keyText: string,
  clientId: string,
  audience: string,
  now: number,
): Promise<string> {
  const { key, algorithm, keyId } = await readSigningKey(keyText);
  const at = Math.floor(now / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: algorithm, ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt(at)
    .setExpirationTime(at + ASSERTION_LIFE)
    .sign(key);
}

/** A request that is to be authenticated. */
export interface ClientRequest {
  readonly endpoint: string;
  readonly body: URLSearchParams;
  readonly headers: Headers;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const SERVER = { issuer: "https://provider.invalid" };

/** RFC 6749, section 2.3.1. Encoded as little as can be, as Go does it: some providers decode nothing. */
function basic(...parts: readonly [id: string, secret: string]): string {
  const encoded = parts.map((part) =>
    encodeURIComponent(part)
      .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll("%20", "+"),
  );
  return `Basic ${Buffer.from(encoded.join(":")).toString("base64")}`;
}

/** Shows who we are, one way. */
export async function authenticate(
  method: AuthenticationMethod,
  settings: ProviderSettings,
  { endpoint, body, headers, now }: ClientRequest,
): Promise<void> {
  const party = { client_id: settings.clientId };
  const assertion = (text: string) => {
    body.set("client_id", settings.clientId);
    body.set("client_assertion_type", ASSERTION_TYPE);
    body.set("client_assertion", text);
  };
  switch (method) {
    case "client_secret_basic":
      headers.set("authorization", basic(settings.clientId, clientSecret(settings)));
      return;
    case "client_secret_post":
      return client.ClientSecretPost(clientSecret(settings))(SERVER, party, body, headers);
    case "tls_client_auth":
      return client.TlsClientAuth()(SERVER, party, body, headers);
    case "token_file":
      return assertion(readSecretFile(settings.clientAuthentication.tokenFile));
    case "private_key_jwt": {
      const { jwtKey, jwtKeyFile } = settings.loginGov;
      const key = jwtKey || readSecretFile(settings.clientAuthentication.keyFile || jwtKeyFile);
      return assertion(await clientAssertion(key, settings.clientId, endpoint, now));
    }
  }
}
