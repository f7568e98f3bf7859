import type { LogTarget } from "../plan/types.ts";
import type { Container } from "./environment.ts";
import { httpSender } from "./log-sender-http.ts";
import { syslogSender } from "./log-sender-syslog.ts";
import type { Timestamp } from "./timestamp.ts";

/** A line on its way to a target. */
export interface LogLine {
  readonly service: string;
  readonly time: Timestamp;
  readonly message: string;
}

/** Labels of each service, evaluated. */
export type ServiceLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** How a target is sent lines. */
export interface LogSender {
  /**
   * Sends lines.
   *
   * @returns How many of them, from the first one on, are done with: sent, or refused for good. The others are to be
   *   sent again.
   */
  send(lines: readonly LogLine[], labels: ServiceLabels, signal: AbortSignal): Promise<number>;
  close(): void;
}

/** The sender of a target; undefined where it has a place that nothing can be sent to. */
export function logSender({ type, location = "" }: LogTarget, container: Container): LogSender | undefined {
  const url = URL.parse(location);
  if (type === "syslog") return url === null ? undefined : syslogSender(url, container);
  return httpSender(type === "opentelemetry" ? "opentelemetry" : "loki", location, container);
}
