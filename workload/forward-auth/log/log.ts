/**
 * The three logs of oauth2-proxy: requests, sign-ins, everything else. Cookies, tokens, codes and states never get here: callers
 * pass what may be read.
 */
import type { DecisionMode } from "../config.ts";
import { jsonLines, requestJson } from "./json.ts";
import type { AuthFields, Fields, RequestLine } from "./line.ts";
import type { LogSink } from "./sink.ts";
import { namedOnly, textLines } from "./text.ts";

/** Takes what there is to tell. */
export interface Log {
  readonly format: "text" | "json";
  /** True when requests are logged at all. */
  readonly requests: boolean;
  /** One line a request. */
  request(line: RequestLine): void;
  /** Sign-ins, sign-outs, refreshes, refusals. */
  auth(message: string, fields: AuthFields): void;
  /** Everything else. */
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Lines that were lost because nobody took them. */
  readonly dropped: number;
  /** Writes what is still held back. */
  flush(): void;
}

/** The options that concern logs. */
export interface LogOptions {
  readonly decision_mode?: string;
  /** `text`, `json`, or empty: text in mode `compat`, JSON in the others. */
  readonly log_format?: string;
  readonly request_logging: boolean;
  readonly auth_logging: boolean;
  readonly standard_logging: boolean;
  readonly request_logging_format?: string;
  readonly auth_logging_format?: string;
  readonly standard_logging_format?: string;
  readonly logging_local_time?: boolean;
  readonly errors_to_info_log?: boolean;
}

/** Where lines go. */
export interface LogSinks {
  readonly output: LogSink;
  /** Error lines; `output` when absent. */
  readonly errors?: LogSink;
}

/** The format in use. */
function logFormat({ log_format = "", decision_mode = "compat" }: LogOptions): "text" | "json" {
  if (log_format === "text" || log_format === "json") return log_format;
  return decision_mode === ("compat" satisfies DecisionMode) ? "text" : "json";
}

/** The source of lines that name none. */
const OWN = "forward-auth";

interface Lines {
  /** With the line's end. */
  request(time: number, line: RequestLine): string;
  auth(message: string, fields: AuthFields): void;
  standard(level: "info" | "warn" | "error", message: string, fields: Fields): void;
}

function inJson(output: LogSink, errors: LogSink, now: () => number): Lines {
  const lines = jsonLines(output, errors, now);
  return {
    request: requestJson(),
    auth: lines.auth,
    standard: (level, message, fields) => lines.write(level, "standard", message, fields),
  };
}

function inText(options: LogOptions, output: LogSink, errors: LogSink, now: () => number): Lines {
  const formats = {
    standard: options.standard_logging_format ?? "",
    auth: options.auth_logging_format ?? "",
    request: options.request_logging_format ?? "",
  };
  const lines = textLines(formats, options.logging_local_time ?? true);
  return {
    request: lines.request,
    auth(message, { text, ...fields }) {
      if (text === undefined) output.write(`${lines.auth(now(), message, fields)}\n`);
      else if (text !== "") output.write(`${lines.auth(now(), String(text), namedOnly(fields))}\n`);
    },
    standard(level, event, { file = OWN, text, ...more }) {
      if (text === "") return;
      const [message, fields] = text === undefined ? [event, more] : [String(text), {}];
      (level === "error" ? errors : output).write(
        `${lines.standard(now(), String(file), message, fields)}\n`,
      );
    },
  };
}

/**
 * @param options What is logged, and how.
 * @param sinks Where to; one sink takes all.
 * @throws {TemplateError} When a template is none.
 */
export function createLog(options: LogOptions, sinks: LogSink | LogSinks, now: () => number = Date.now): Log {
  const { output, errors: separate }: LogSinks = "output" in sinks ? sinks : { output: sinks };
  const errors = options.errors_to_info_log ? output : (separate ?? output);
  const format = logFormat(options);
  const lines = format === "json" ? inJson(output, errors, now) : inText(options, output, errors, now);
  const { request_logging, auth_logging, standard_logging } = options;
  const standard = (level: "info" | "warn" | "error", message: string, fields: Fields = {}) => {
    if (standard_logging) lines.standard(level, message, fields);
  };
  return {
    format,
    requests: request_logging,
    request(line) {
      if (request_logging) output.write(lines.request(now(), line));
    },
    auth(message, fields) {
      if (auth_logging) lines.auth(message, fields);
    },
    info: (message, fields) => standard("info", message, fields),
    warn: (message, fields) => standard("warn", message, fields),
    error: (message, fields) => standard("error", message, fields),
    get dropped() {
      return (output.dropped ?? 0) + (errors === output ? 0 : (errors.dropped ?? 0));
    },
    flush() {
      output.flush?.();
      if (errors !== output) errors.flush?.();
    },
  };
}
