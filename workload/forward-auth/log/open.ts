/** The log of the program: standard output and standard error, or a file. */
import { createLog, type Log, type LogOptions } from "./log.ts";
import { RotatingFile } from "./rotating-file.ts";
import { type LogSink, type StreamOptions, StreamSink } from "./sink.ts";

/** The options that say where lines go. */
export interface OutputOptions extends LogOptions {
  readonly log_when_full?: string;
  readonly logging_filename?: string;
  readonly logging_max_size?: number;
  readonly logging_max_age?: number;
  readonly logging_max_backups?: number;
  readonly logging_compress?: boolean;
}

function outputOf(options: OutputOptions, stream: StreamOptions): LogSink {
  const path = options.logging_filename ?? "";
  if (path === "") return new StreamSink(1, stream);
  const file = new RotatingFile({
    path,
    maxSize: options.logging_max_size ?? 100,
    maxAge: options.logging_max_age ?? 7,
    maxBackups: options.logging_max_backups ?? 0,
    compress: options.logging_compress ?? false,
    localTime: options.logging_local_time ?? true,
  });
  return new StreamSink(-1, { ...stream, writeBytes: (_, bytes) => file.write(bytes) });
}

const allOff = ({ request_logging, auth_logging, standard_logging }: LogOptions): boolean =>
  !request_logging && !auth_logging && !standard_logging;

/** Tells on the streams what the log itself will not. */
function announce(options: OutputOptions): void {
  const say = (descriptor: 1 | 2, file: string, message: string) => {
    const sink = new StreamSink(descriptor, { whenFull: "drop" });
    createLog({ ...options, standard_logging: true }, sink).info(message, { file });
    sink.flush();
  };
  const path = options.logging_filename ?? "";
  if (path !== "") say(1, "logging.go:69", `Redirecting logging to file: ${path}`);
  if (allOff(options)) say(2, "logging.go:88", "Warning: Logging disabled. No further logs will be shown.");
}

/**
 * Opens the log. Errors go to standard error unless `errors_to_info_log` is set, also with a file.
 *
 * @throws {TemplateError} When a template is none.
 * @throws When the file cannot be opened.
 */
export function openLog(options: OutputOptions): Log {
  const whenFull = options.log_when_full === "block" ? "block" : "drop";
  let log: Log | undefined;
  const recovered = (dropped: number) => log?.warn("log lines were lost: nobody took them", { dropped });
  const sinks = {
    output: outputOf(options, { whenFull, recovered }),
    errors: new StreamSink(2, { whenFull, recovered }),
  };
  log = createLog(options, sinks);
  announce(options);
  return log;
}
