/**
 * Loki and OpenTelemetry, which take JSON over HTTP.
 *
 * @see Loki: POST /loki/api/v1/push; OpenTelemetry: OTLP/HTTP, logs
 * @module
 */

import { PEBBLE_VERSION } from "./api-system.ts";
import type { Container } from "./environment.ts";
import type { LogLine, LogSender, ServiceLabels } from "./log-sender.ts";
import { byName } from "./log-target.ts";
import { requestFrom } from "./unit-request.ts";

const TIMEOUT_MS = 10_000;

interface Format {
  url(location: string): URL | null;
  readonly contentType: string;
  body(lines: ReadonlyMap<string, readonly LogLine[]>, labels: ServiceLabels): unknown;
}

const FORMATS: Readonly<Record<"loki" | "opentelemetry", Format>> = {
  loki: {
    url: (location) => URL.parse(location),
    contentType: "application/json; charset=utf-8",
    body: (lines, labels) => ({
      streams: Array.from(lines, ([service, list]) => ({
        stream: labels.has(service) ? { ...labels.get(service), pebble_service: service } : null,
        values: list.map(({ time, message }) => [String(time), message]),
      })),
    }),
  },
  opentelemetry: {
    url: (location) => URL.parse(`${location}/v1/logs`),
    contentType: "application/json",
    body: (lines, labels) => ({
      resourceLogs: Array.from(lines, ([service, list]) => ({
        resource: { attributes: attributesOf(service, labels.get(service)) },
        scopeLogs: [
          {
            scope: { name: "pebble" },
            logRecords: list.map(({ time, message }) => ({
              timeUnixNano: String(time),
              body: { stringValue: message },
            })),
          },
        ],
      })),
    }),
  },
};

function attributesOf(service: string, labels: Readonly<Record<string, string>> | undefined) {
  if (labels === undefined) return null;
  return [["service.name", service] as const, ...byName(Object.entries(labels))].map(
    ([key, stringValue]) => ({
      key,
      value: { stringValue },
    }),
  );
}

/** Sends to a server of either kind. */
export function httpSender(kind: keyof typeof FORMATS, location: string, container: Container): LogSender {
  const format = FORMATS[kind];
  return {
    async send(lines, labels, signal) {
      const url = format.url(location);
      if (url === null) return 0;
      const byService = new Map(byName(Map.groupBy(lines, ({ service }) => service)));
      const answer = await requestFrom(container, url, {
        method: "POST",
        headers: { "content-type": format.contentType, "user-agent": `pebble/${PEBBLE_VERSION}` },
        body: JSON.stringify(format.body(byService, labels)),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      answer.resume(); // What it says besides is of no interest.
      return isDone(answer.statusCode ?? 0) ? lines.length : 0;
    },
    close: () => undefined,
  };
}

/** What a client error says will not get better; too many requests at once will. */
function isDone(status: number): boolean {
  return status === 200 || status === 204 || (status >= 400 && status < 500 && status !== 429);
}
