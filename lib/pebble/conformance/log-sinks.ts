/** Servers that log targets send to. */

import { createSocket } from "node:dgram";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { until } from "./ground.ts";

/** One request as it arrived. */
export interface PushedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape, which is what is tested.
  readonly body: any;
}

/** A server that takes logs over HTTP. */
export interface HttpSink {
  readonly url: string;
  readonly requests: readonly PushedRequest[];
  /** What it answers from now on; at first 204. */
  status: number;
  /** Waits until this many requests have arrived. */
  received(count: number): Promise<readonly PushedRequest[]>;
  close(): Promise<void>;
}

export async function httpSink(): Promise<HttpSink> {
  const requests: PushedRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString("utf8"));
    response.writeHead(sink.status).end();
    requests.push({ method, path: url, headers, body });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sink: HttpSink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    status: 204,
    received: (count) =>
      until(
        async () => requests,
        () => requests.length >= count,
      ),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return sink;
}

/** A server that takes lines as text. */
export interface TextSink {
  readonly url: string;
  readonly chunks: readonly string[];
  close(): Promise<void>;
}

export async function tcpSink(): Promise<TextSink> {
  const chunks: string[] = [];
  const server = createTcpServer((socket) => {
    socket.on("data", (chunk) => chunks.push(chunk.toString("utf8")));
    socket.on("error", () => undefined); // its Pebble is gone
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chunks,
    close: async () => void server.close(), // a connection is its Pebble's to end
  };
}

export async function udpSink(): Promise<TextSink> {
  const chunks: string[] = [];
  const socket = createSocket("udp4", (chunk) => chunks.push(chunk.toString("utf8")));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    url: `udp://127.0.0.1:${socket.address().port}`,
    chunks,
    close: () => new Promise((resolve) => socket.close(resolve)),
  };
}
