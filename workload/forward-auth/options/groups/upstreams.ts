import type { OptionGroup } from "../spec.ts";

/** Upstreams; with an alpha configuration its `upstreamConfig` takes their place. */
export const UPSTREAMS = {
  upstreams: {
    kind: "list",
    default: "",
    flag: "upstream",
    about:
      "`http://`, `https://`, `unix://` and `file://` URLs to forward to, by their path; `static://<code>`: the status of an allowed request.",
  },
  upstream_timeout: {
    kind: "duration",
    default: "30s",
    about: "Time for the upstream to begin its answer.",
  },
  flush_interval: { kind: "duration", default: "1s", about: "Time between writes of a long answer." },
  pass_host_header: { kind: "boolean", default: "true", about: "Keep the request's Host." },
  proxy_websockets: { kind: "boolean", default: "true", about: "Forward WebSockets." },
  ssl_upstream_insecure_skip_verify: {
    kind: "boolean",
    default: "false",
    about: "Do not verify the upstream's certificate.",
  },
  disable_keep_alives: {
    kind: "boolean",
    default: "false",
    about: "A new connection to the upstream for every request.",
  },
} as const satisfies OptionGroup;

/** What concerns requests for upstreams in both kinds of configuration. */
export const SIGNATURE = {
  signature_key: {
    kind: "string",
    default: "",
    secret: true,
    about: "Deprecated. `algorithm:key` for the header GAP-Signature.",
  },
  websocket_lifetime: {
    kind: "duration",
    default: "0",
    ours: true,
    about: "Longest time for a WebSocket; 0: as long as its session.",
  },
  pass_session_cookies: {
    kind: "boolean",
    default: "false",
    ours: true,
    about: "Send the session's cookies to upstreams as well.",
  },
} as const satisfies OptionGroup;
