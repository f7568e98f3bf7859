import type { OptionGroup } from "../spec.ts";

/** What is logged, how and where. */
export const LOGGING = {
  standard_logging: { kind: "boolean", default: "true", about: "Log what is neither of the two below." },
  standard_logging_format: {
    kind: "string",
    default: "[{{.Timestamp}}] [{{.File}}] {{.Message}}",
    about: "Template of these lines.",
  },
  auth_logging: { kind: "boolean", default: "true", about: "Log sign-ins, sign-outs and refusals." },
  auth_logging_format: {
    kind: "string",
    default: "{{.Client}} - {{.RequestID}} - {{.Username}} [{{.Timestamp}}] [{{.Status}}] {{.Message}}",
    about: "Template of these lines.",
  },
  request_logging: { kind: "boolean", default: "true", about: "Log each request." },
  request_logging_format: {
    kind: "string",
    default:
      "{{.Client}} - {{.RequestID}} - {{.Username}} [{{.Timestamp}}] {{.Host}} {{.RequestMethod}} {{.Upstream}} {{.RequestURI}} {{.Protocol}} {{.UserAgent}} {{.StatusCode}} {{.ResponseSize}} {{.RequestDuration}}",
    about: "Template of these lines.",
  },
  exclude_logging_paths: {
    kind: "list",
    default: "",
    flag: "exclude-logging-path",
    about: "Paths left out of the request log.",
  },
  silence_ping_logging: {
    kind: "boolean",
    default: "false",
    about: "Leave the ping and ready paths out of the request log.",
  },
  errors_to_info_log: {
    kind: "boolean",
    default: "false",
    about: "Errors on standard output instead of standard error.",
  },
  request_id_header: {
    kind: "string",
    default: "X-Request-Id",
    about: "Header with the request's id.",
  },
  log_format: {
    kind: "string",
    default: "",
    ours: true,
    about: "`text` by the templates above, or `json`; empty: text in mode `compat`, JSON in the others.",
  },
  log_when_full: {
    kind: "string",
    default: "drop",
    ours: true,
    about:
      "What happens when nobody takes the lines and 4 MiB wait: `drop` loses and counts them, `block` has requests wait.",
  },
  logging_local_time: { kind: "boolean", default: "true", about: "Local time instead of UTC." },
  logging_filename: { kind: "string", default: "", about: "File to log to." },
  logging_max_size: { kind: "integer", default: "100", about: "Megabytes after which the file is renamed." },
  logging_max_age: { kind: "integer", default: "7", about: "Days that renamed files are kept." },
  logging_max_backups: { kind: "integer", default: "0", about: "Renamed files that are kept; 0: all." },
  logging_compress: { kind: "boolean", default: "false", about: "Compress renamed files." },
} as const satisfies OptionGroup;
