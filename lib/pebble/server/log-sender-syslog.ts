/**
 * Syslog over TCP or UDP.
 *
 * @see RFC 5424 (messages), RFC 5425 section 4.3 (lengths over TCP), RFC 5426 section 3.1 (one a datagram)
 * @module
 */

import type { Socket } from "node:net";
import { hostname } from "node:os";
import type { Container } from "./environment.ts";
import type { LogLine, LogSender, ServiceLabels } from "./log-sender.ts";
import { byName } from "./log-target.ts";
import { formatTimestamp } from "./timestamp.ts";
import { dialFault, unitHost } from "./unit-request.ts";

const DIAL_TIMEOUT_MS = 10_000;
/** Facility user, severity notice, version 1. */
const PREFIX = "<13>1";
/** Pebble's structured data, with Canonical's enterprise number. */
const DATA_ID = "pebble@28978";
/** Bytes of a message over UDP. */
const MAX_MESSAGE = 4000;

/** Sends to a server at `tcp://host:port` or `udp://host:port`; undefined for any other place. */
export function syslogSender(url: URL, container: Container): LogSender | undefined {
  const host = unitHost(url.hostname.replace(/^\[|\]$/g, ""), container);
  const place = { host, port: Number(url.port) };
  if (host === "") return undefined;
  if (url.protocol === "tcp:") return overTcp(place);
  return url.protocol === "udp:" ? overUdp(place) : undefined;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** One line as a message. */
function messageOf({ service, time }: LogLine, message: string, labels: ServiceLabels): string {
  const data = dataOf(labels.get(service));
  return `${PREFIX} ${formatTimestamp(time)} ${hostname() || "-"} ${service} - - ${data} ${message}`;
}

function dataOf(labels: Readonly<Record<string, string>> | undefined): string {
  if (labels === undefined) return "-";
  const parts = byName(Object.entries(labels)).map(
    ([name, value]) => ` ${name}="${value.replace(/["\\\]]/g, "\\$&")}"`,
  );
  return `[${DATA_ID}${parts.join("")}]`;
}

/** One connection, made anew after a fault. */
function overTcp(place: Place): LogSender {
  let socket: Socket | undefined;
  const close = () => {
    socket?.destroy();
    socket = undefined;
  };
  return {
    async send(lines, labels, signal) {
      const messages = lines.map((line) => messageOf(line, line.message, labels));
      const frames = messages.map((message) => `${Buffer.byteLength(message)} ${message}`).join("");
      socket ??= await connect(place, AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]));
      try {
        await write(socket, frames);
      } catch (error) {
        close();
        throw error;
      }
      return lines.length;
    },
    close,
  };
}

function connect(place: Place, signal: AbortSignal): Promise<Socket> {
  const net = process.getBuiltinModule("node:net");
  return new Promise((resolve, reject) => {
    const socket = net.connect({ ...place, signal }, () => resolve(socket));
    socket.on("error", (error) => reject(dialFault(error, place.host, place.port)));
  });
}

function write(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** A datagram a line; those before one that fails are done with. */
function overUdp({ host, port }: Place): LogSender {
  return {
    async send(lines, labels) {
      const { createSocket } = process.getBuiltinModule("node:dgram");
      const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
      let done = 0;
      try {
        for (const line of lines) {
          const text = messageOf(line, shortened(line.message), labels);
          await new Promise<void>((resolve, reject) => {
            socket.send(text, port, host, (error) => (error ? reject(error) : resolve()));
          });
          done += 1;
        }
      } catch {
        // What is left is sent again.
      } finally {
        socket.close();
      }
      return done;
    },
    close: () => undefined,
  };
}

function shortened(message: string): string {
  const bytes = Buffer.from(message);
  return bytes.length > MAX_MESSAGE ? `${bytes.subarray(0, MAX_MESSAGE - 3).toString("utf8")}...` : message;
}
