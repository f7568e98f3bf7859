/** Slow clients, with the limits of every listener but shorter times. */
import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest } from "../testing/raw.ts";
import { liftBodyLimit } from "./body-limit.ts";
import { createBoundedServer } from "./bounded.ts";
import { LIMITS } from "./limits.ts";

let server: Server;
let bodies = 0;

beforeAll(async () => {
  const limits = {
    ...LIMITS,
    headersTimeout: 150,
    bodyTimeout: 150,
    idleTimeout: 300,
    checkInterval: 30,
    connections: 5,
  };
  server = createBoundedServer({
    limits,
    listener: (request, response) => {
      if (request.url === "/lifted") liftBodyLimit(request);
      request.on("error", () => undefined);
      if (request.method === "GET") return response.end();
      request.resume().once("end", () => {
        bodies += 1;
        response.end("read");
      });
      return undefined;
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** Sends a byte every 20 ms until the server ends the connection, at most for a second. */
async function drip(bytes: string, drop = "x"): Promise<{ readonly text: string; readonly ms: number }> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const from = performance.now();
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  // What is sent when the server has ended the connection is answered with a reset.
  socket.on("error", () => undefined);
  socket.write(bytes);
  const timer = setInterval(() => socket.writable && socket.write(drop), 20);
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1000))]);
  clearInterval(timer);
  socket.destroy();
  return { text, ms: performance.now() - from };
}

test("headers that come byte by byte are not waited for", async () => {
  const { text, ms } = await drip("GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ");
  expect(text).toMatch(/^HTTP\/1\.1 408 [\s\S]*\r\n\r\n408 Request Timeout$/);
  expect(ms).toBeLessThan(800);
});

test("a connection that says nothing is ended", async () => {
  expect((await drip("", "")).ms).toBeLessThan(800);
});

test("a body that comes byte by byte is not waited for, unless it goes on to an upstream", async () => {
  const slow = (path: string) => drip(rawRequest(`POST ${path}`, ["Content-Length: 1000000"]));
  expect((await slow("/read")).ms).toBeLessThan(800);
  expect((await slow("/lifted")).ms).toBeGreaterThan(900);
  expect(bodies).toBe(0);
});

test("more connections than the limit are not taken", async () => {
  const { port } = server.address() as AddressInfo;
  const sockets = Array.from({ length: 8 }, () => connect(port, "127.0.0.1"));
  for (const socket of sockets) socket.on("error", () => undefined);
  const ended = () =>
    sockets.filter(({ readyState }) => readyState !== "open" && readyState !== "opening").length;
  for (const socket of sockets) socket.resume();
  await expect.poll(ended, { interval: 5 }).toBe(3);
  for (const socket of sockets) socket.destroy();
});
