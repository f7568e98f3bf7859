import type { OptionGroup } from "../spec.ts";

/** How the program serves, and whom it believes. */
export const PROCESS = {
  decision_mode: {
    kind: "string",
    default: "compat",
    ours: true,
    about:
      "Who asks, and so where the original request is read from: `compat` (oauth2-proxy's endpoints), `forwarded` (Traefik, Caddy, HAProxy: X-Forwarded-* of the decision request, all four required), `nginx-ingress` (X-Original-URL, X-Original-Method), `envoy-http` (request line and Host; the whole listener answers checks), `envoy-grpc` (`grpc_address` alone decides). Beside it, each has its path below `<proxy_prefix>/authz/`.",
  },
  grpc_address: {
    kind: "string",
    default: "",
    ours: true,
    about: "Address of the listener for Envoy's gRPC checks, `host:port`; empty: none.",
  },
  grpc_tls_cert_file: {
    kind: "string",
    default: "",
    ours: true,
    about:
      "Certificate chain of that listener, PEM; empty: it speaks without TLS. `tls_min_version` and `tls_cipher_suites` hold for it too.",
  },
  grpc_tls_key_file: { kind: "string", default: "", ours: true, about: "Its private key, PEM." },
  grpc_tls_client_ca_file: {
    kind: "string",
    default: "",
    ours: true,
    about:
      "CAs, PEM: only clients with a certificate of one of them are answered on that listener; empty: certificates are not asked for.",
  },
  refuse_header_aliases: {
    kind: "boolean",
    default: "false",
    ours: true,
    about:
      "Refuse with 400, in mode `compat` too, requests with another spelling of an identity or forwarded header, such as `X_Auth_Request_User`, which some applications read as the header itself.",
  },
  ignore_decision_query: {
    kind: "boolean",
    default: "false",
    ours: true,
    about:
      "Ignore the query of decision requests outside mode `compat`. By default it may hold `allowed_groups`, `allowed_emails` and `allowed_email_domains`, once each; anything else is refused, for then it is the user's.",
  },
  rules_file: {
    kind: "string",
    default: "",
    ours: true,
    about: "JSON file with the rules of each application, read again when it changes. No rule: deny.",
  },
  force_https: {
    kind: "boolean",
    default: "false",
    about: "Answer 308 to `https://` for requests that did not come over TLS.",
  },
  proxy_prefix: { kind: "string", default: "/oauth2", about: "Root of the sign-in endpoints." },
  ping_path: { kind: "string", default: "/ping", about: "Liveness path." },
  ping_user_agent: {
    kind: "string",
    default: "",
    about: "The liveness path answers this User-Agent only; empty: any.",
  },
  ready_path: { kind: "string", default: "/ready", about: "Readiness path." },
  gcp_healthchecks: {
    kind: "boolean",
    default: "false",
    about: "Deprecated. Answer `/liveness_check` and `/readiness_check` of Google's health checks.",
  },
  allow_query_semicolons: {
    kind: "boolean",
    default: "false",
    about: "Read `;` in queries as `&`.",
  },
  reverse_proxy: {
    kind: "boolean",
    default: "false",
    about: "Read X-Forwarded-* of trusted proxies in mode `compat`; the other modes always do.",
  },
  trusted_proxy_ips: {
    kind: "list",
    default: "",
    flag: "trusted-proxy-ip",
    about:
      "Addresses and networks of the gateways. Empty: loopback, link-local and private ranges (RFC 1918, RFC 4193, 100.64.0.0/10).",
  },
  real_client_ip_header: {
    kind: "string",
    default: "X-Real-IP",
    about:
      "Header with the client's address: `X-Forwarded-For`, `X-Real-IP`, `X-ProxyUser-IP`, `X-Envoy-External-Address` or `CF-Connecting-IP`.",
  },
  trusted_ips: {
    kind: "list",
    default: "",
    flag: "trusted-ip",
    about: "Client addresses and networks that pass without login.",
  },
} as const satisfies OptionGroup;
