import { open, withQuery } from "./api.ts";
import { PebbleProtocolError } from "./errors.ts";
import type { PebbleTransport } from "./transport.ts";
import type { LogEntry } from "./types.ts";

/** Which lines. */
export interface LogOptions {
  /** Default: all services. */
  readonly services?: readonly string[];
  /** Lines from the end; -1 all that are kept; default 30, when following 0. */
  readonly n?: number;
}

const WHAT = "read logs";

function logsPath(options: LogOptions, follow: boolean): string {
  const n = options.n === undefined ? undefined : String(options.n);
  return withQuery("/v1/logs", { services: options.services, n, follow: follow ? "true" : undefined });
}

/** What services wrote, oldest first. */
export async function readLogs(
  transport: PebbleTransport,
  options: LogOptions = {},
): Promise<readonly LogEntry[]> {
  const response = await transport.request({ method: "GET", path: logsPath(options, false) });
  if (response.status !== 200) open(response, WHAT);
  const lines = new TextDecoder().decode(response.body).split("\n");
  return lines.filter((line) => line !== "").map(entry);
}

/** What services write from now on; never ends by itself. */
export async function* followLogs(
  transport: PebbleTransport,
  options: LogOptions & { readonly signal?: AbortSignal } = {},
): AsyncGenerator<LogEntry> {
  if (!transport.stream) throw new TypeError("Cannot follow logs: this transport has no streams");
  const signal = options.signal && { signal: options.signal };
  const answer = await transport.stream({ method: "GET", path: logsPath(options, true), ...signal });
  if (answer.status !== 200)
    throw new PebbleProtocolError(`Cannot ${WHAT}: status ${answer.status}, must be 200`);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of answer.body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line !== "") yield entry(line);
  }
}

function entry(line: string): LogEntry {
  try {
    return JSON.parse(line) as LogEntry;
  } catch (cause) {
    throw new PebbleProtocolError(`Cannot ${WHAT}: each line must be JSON`, { cause });
  }
}
