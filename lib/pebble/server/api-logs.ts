import { messageQueue } from "../websocket.ts";
import type { Daemon } from "./daemon.ts";
import type { TimedEntry } from "./log-buffer.ts";
import { type ApiRequest, type ApiResponse, listParameter, Refusal } from "./respond.ts";

const DEFAULT_LINES = 30;
const encoder = new TextEncoder();
const HEADERS = { "content-type": "application/x-ndjson" };

/** GET /v1/logs */
export function getLogs(daemon: Daemon, { query, signal }: ApiRequest): ApiResponse {
  const names = listParameter(query, "services");
  const follow = query.get("follow") ?? "";
  if (!["", "true", "false"].includes(follow)) {
    throw new Refusal(400, 'follow parameter must be "true" or "false"');
  }
  const n = lineCount(query.get("n") ?? "", follow === "true");
  const entries = daemon.services.logs(names);
  const wanted = n < 0 ? entries : entries.slice(Math.max(0, entries.length - n));
  const start = encoder.encode(wanted.map(line).join(""));
  if (follow !== "true") return { status: 200, headers: HEADERS, body: start };
  return { status: 200, headers: HEADERS, body: following(daemon, names, start, signal) };
}

function lineCount(text: string, follow: boolean): number {
  if (text === "") return follow ? 0 : DEFAULT_LINES;
  const n = Number(text);
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(n) && n >= -1) return n;
  throw new Refusal(400, "n must be -1, 0, or a positive integer");
}

function line({ entry }: TimedEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** Subscribes at once, so that no line falls between what is there and what comes. */
function following(
  daemon: Daemon,
  names: readonly string[],
  start: Uint8Array,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const queue = messageQueue();
  if (start.byteLength > 0) queue.push(start);
  const stop = daemon.services.followLogs(names, (entry) => queue.push(line(entry)));
  const end = () => {
    stop();
    queue.end();
  };
  AbortSignal.any([signal, daemon.closing]).addEventListener("abort", end, { once: true });
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of queue.messages)
        yield typeof chunk === "string" ? encoder.encode(chunk) : chunk;
    } finally {
      end();
    }
  }
  return bytes();
}
