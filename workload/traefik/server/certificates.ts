import { randomBytes, type webcrypto, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContext, type SecureVersion } from "node:tls";
import type { CertificateConfig, TlsConfig } from "../config/dynamic.ts";

interface Loaded {
  readonly context: SecureContext;
  /** Names of the leaf, lower case. */
  readonly names: readonly string[];
}

/** The certificates that are served, by the name that is asked for. */
export interface Certificates {
  /** `undefined`: there is none; the handshake ends. */
  contextFor(serverName: string | undefined): SecureContext | undefined;
}

const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  VersionTLS10: "TLSv1",
  VersionTLS11: "TLSv1.1",
  VersionTLS12: "TLSv1.2",
  VersionTLS13: "TLSv1.3",
};

/** Go's name of a cipher suite of TLS 1.2 in OpenSSL's words. */
const opensslCipher = (name: string): string =>
  name
    .replace(/^TLS_/, "")
    .replace("_WITH_", "-")
    .replace("CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305")
    .replace(/AES_(128|256)_/, "AES$1-")
    .replaceAll("_", "-");

const CURVES: Readonly<Record<string, string>> = {
  X25519: "X25519",
  CurveP256: "P-256",
  CurveP384: "P-384",
  CurveP521: "P-521",
};

function tlsOptions({ options }: TlsConfig) {
  const settings = options["default"];
  const ciphers = settings?.cipherSuites?.map(opensslCipher);
  // Go's order.
  const tls13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
  return {
    minVersion: VERSIONS[settings?.minVersion ?? ""] ?? ("TLSv1.2" as const),
    ...(settings?.maxVersion ? { maxVersion: VERSIONS[settings.maxVersion] as SecureVersion } : {}),
    honorCipherOrder: true,
    ciphers: [...tls13, ...(ciphers ?? ["ECDHE+AESGCM", "ECDHE+CHACHA20"])].join(":"),
    ...(settings?.curvePreferences
      ? { ecdhCurve: settings.curvePreferences.map((curve) => CURVES[curve] ?? curve).join(":") }
      : {}),
  };
}

async function load(
  { certFile, keyFile }: CertificateConfig,
  options: ReturnType<typeof tlsOptions>,
): Promise<Loaded> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  const leaf = new X509Certificate(cert);
  const names = [...(leaf.subjectAltName ?? "").matchAll(/(?:DNS|IP Address):([^,]+)/g)].map(([, name]) =>
    (name ?? "").toLowerCase(),
  );
  return { context: createSecureContext({ ...options, cert, key }), names };
}

/** What is served where nothing else fits, as Traefik does: a certificate that nobody trusts. */
async function builtIn(options: ReturnType<typeof tlsOptions>): Promise<SecureContext> {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
  const keys = (await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=TRAEFIK DEFAULT CERT",
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 365 * 86_400_000),
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: `${randomBytes(16).toString("hex")}.traefik.default` },
      ]),
    ],
  });
  const key = x509.PemConverter.encode(
    await crypto.subtle.exportKey("pkcs8", keys.privateKey),
    "PRIVATE KEY",
  );
  return createSecureContext({ ...options, cert: cert.toString("pem"), key });
}

const wildcardOf = (name: string): string => name.replace(/^[^.]+/, "*");

/** Loads every certificate; one that cannot be loaded is left out, and told to `onFault`. */
export async function loadCertificates(
  tls: TlsConfig,
  onFault: (message: string) => void,
): Promise<Certificates> {
  const options = tlsOptions(tls);
  const loaded: Loaded[] = [];
  const attempt = async (config: CertificateConfig): Promise<Loaded | undefined> => {
    try {
      return await load(config, options);
    } catch (error) {
      onFault(`Cannot load certificate ${config.certFile}: ${(error as Error).message}`);
      return undefined;
    }
  };
  for (const config of tls.certificates) {
    const certificate = await attempt(config);
    if (certificate) loaded.push(certificate);
  }
  const fallback = tls.stores["default"]?.defaultCertificate;
  // A default that cannot be loaded ends every handshake that would need it, as with Traefik.
  const defaultOne = fallback ? (await attempt(fallback))?.context : await builtIn(options);
  const strict = tls.options["default"]?.sniStrict === true;
  return {
    contextFor(serverName) {
      const name = serverName?.toLowerCase();
      const exact = name === undefined ? undefined : loaded.find(({ names }) => names.includes(name));
      const wildcard =
        name === undefined ? undefined : loaded.find(({ names }) => names.includes(wildcardOf(name)));
      return (exact ?? wildcard)?.context ?? (strict ? undefined : defaultOne);
    },
  };
}
