import type { OptionGroup } from "../spec.ts";

/** The listeners; with an alpha configuration its `server` and `metricsServer` take their place. */
export const LISTENERS = {
  http_address: {
    kind: "string",
    default: "127.0.0.1:4180",
    about:
      "Plain listener: `host:port`, `http://host:port`, `unix:///path[,mode=0770]` or `fd:3`; empty or `-`: none. Off when a TLS certificate or key is set.",
  },
  https_address: {
    kind: "string",
    default: ":443",
    about: "TLS listener, `host:port`; needs tls_cert_file and tls_key_file.",
  },
  tls_cert_file: { kind: "string", default: "", about: "Certificate chain of the TLS listener, PEM." },
  tls_key_file: { kind: "string", default: "", about: "Its private key, PEM." },
  tls_min_version: { kind: "string", default: "", about: "`TLS1.2` (also when empty) or `TLS1.3`." },
  tls_cipher_suites: {
    kind: "list",
    default: "",
    flag: "tls-cipher-suite",
    about: "IANA names of the cipher suites for TLS 1.2.",
  },
  metrics_address: { kind: "string", default: "", about: "Plain listener for metrics; empty: none." },
  metrics_secure_address: {
    kind: "string",
    default: "",
    about: "TLS listener for metrics; empty: none.",
  },
  metrics_tls_cert_file: { kind: "string", default: "", about: "Certificate chain for it, PEM." },
  metrics_tls_key_file: { kind: "string", default: "", about: "Private key for it, PEM." },
} as const satisfies OptionGroup;
