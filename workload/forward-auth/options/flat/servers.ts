import type { Options } from "../read.ts";
import type { ServerSettings, TlsSettings } from "../structure.ts";

/** A certificate and a key by file; undefined when neither is named. */
function tlsOf(cert: string, key: string, rest?: Pick<TlsSettings, "minVersion" | "cipherSuites">) {
  if (cert === "" && key === "") return undefined;
  return {
    key: { fromFile: key },
    cert: { fromFile: cert },
    minVersion: "",
    cipherSuites: [],
    ...rest,
  } as const;
}

/** The listener of the flat options: either the plain one, or with a certificate or key the TLS one. The TLS version is checked with everything else. */
export function flatServer(options: Options): ServerSettings {
  const tls = tlsOf(options.tls_cert_file, options.tls_key_file, {
    minVersion: options.tls_min_version as TlsSettings["minVersion"],
    cipherSuites: options.tls_cipher_suites,
  });
  return {
    bindAddress: tls === undefined ? options.http_address : "",
    secureBindAddress: tls === undefined ? "" : options.https_address,
    tls,
  };
}

/** TLS of the listener for Envoy's gRPC checks: versions and suites are those of the TLS listener. Undefined: it speaks without. */
export function grpcTls(options: Options): TlsSettings | undefined {
  const { grpc_tls_cert_file: cert, grpc_tls_key_file: key, grpc_tls_client_ca_file: ca } = options;
  const tls = tlsOf(cert, key, {
    minVersion: options.tls_min_version as TlsSettings["minVersion"],
    cipherSuites: options.tls_cipher_suites,
  });
  return tls === undefined || ca === "" ? tls : { ...tls, clientCa: { fromFile: ca } };
}

/** The metrics listeners of the flat options. */
export function flatMetricsServer(options: Options): ServerSettings {
  return {
    bindAddress: options.metrics_address,
    secureBindAddress: options.metrics_secure_address,
    tls: tlsOf(options.metrics_tls_cert_file, options.metrics_tls_key_file),
  };
}
