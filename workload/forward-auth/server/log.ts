/**
 * JSON lines on standard output. Cookies, tokens, codes, states and query strings never get here: callers pass what may be read.
 */
import pino from "pino";
import type { Options } from "../options/read.ts";

/** Longest text of one field, in characters. */
const MOST = 1024;

/** Fields of one line. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined | readonly string[]>>;

/** The three logs of oauth2-proxy. */
export interface Log {
  /** One line a request. */
  request(fields: Fields): void;
  /** Sign-ins, sign-outs, refreshes, refusals. */
  auth(message: string, fields: Fields): void;
  /** Everything else. */
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Writes what is still held back. */
  flush(): void;
}

/** Where lines go. */
export interface LogSink {
  write(line: string): void;
  flush?(): void;
}

const isLong = (value: Fields[string]): boolean => typeof value === "string" && value.length > MOST;

/** Fields with long texts cut; nearly always the fields as they are. */
function cut(fields: Fields): Fields {
  if (!Object.values(fields).some(isLong)) return fields;
  const short = Object.entries(fields).map(([key, value]) => [
    key,
    isLong(value) ? String(value).slice(0, MOST) : value,
  ]);
  return Object.fromEntries(short);
}

/** Standard output, written in blocks of 32 KiB or 50 ms, whichever is first. */
export function standardOutput(): LogSink {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 32_768, maxWrite: 65_536 });
  setInterval(() => destination.flush(), 50).unref();
  return { write: (line) => void destination.write(line), flush: () => destination.flushSync() };
}

/** @param options Which logs are on. */
export function createLog(
  options: Pick<Options, "request_logging" | "auth_logging" | "standard_logging">,
  sink: LogSink,
): Log {
  const logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  const { request_logging, auth_logging, standard_logging } = options;
  const write = (
    on: boolean,
    level: "info" | "warn" | "error",
    log: string,
    message: string,
    fields: Fields,
  ) => {
    if (on) logger[level]({ log, ...cut(fields) }, message);
  };
  return {
    request: (fields) => write(request_logging, "info", "request", "request", fields),
    auth: (message, fields) => write(auth_logging, "info", "auth", message, fields),
    info: (message, fields = {}) => write(standard_logging, "info", "standard", message, fields),
    warn: (message, fields = {}) => write(standard_logging, "warn", "standard", message, fields),
    error: (message, fields = {}) => write(true, "error", "standard", message, fields),
    flush: () => sink.flush?.(),
  };
}
