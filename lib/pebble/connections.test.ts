import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Connections } from "./connections.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

let folder: string;
let server: Server | undefined;
let connections: Connections;
let sockets: Socket[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "iap-conn-"));
  connections = new Connections(path.join(folder, "s"));
  sockets = [];
});
afterEach(async () => {
  connections.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
  rmSync(folder, { recursive: true });
});

/** Listens; told of every piece that arrives, with the number of its connection, from 0. */
async function serve(onPiece: (socket: Socket, text: string, connection: number) => void): Promise<void> {
  server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => onPiece(socket, bytes.toString("latin1"), connection));
  });
  await new Promise<void>((resolve) => server!.listen(path.join(folder, "s"), resolve));
}

const get = (over: { signal?: AbortSignal; path?: string } = {}) =>
  connections.request({ method: "GET", path: "/v1/x", ...over });
const post = () => connections.request({ method: "POST", path: "/v1/x" });

/** Until the other side's words have arrived. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

test("a request is what HTTP/1.1 wants it to be", async () => {
  const seen: string[] = [];
  await serve((socket, text) => {
    seen.push(text);
    socket.write(OK);
  });
  await get();
  const headers = { "content-type": "a/b" };
  const body = Buffer.from("é");
  await connections.request({ method: "POST", path: "/v1/y?z=1", headers, body });
  await connections.request({ method: "DELETE", path: "/v1/y" });
  expect(seen).toEqual([
    "GET /v1/x HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "POST /v1/y?z=1 HTTP/1.1\r\nhost: localhost\r\ncontent-type: a/b\r\ncontent-length: 2\r\n\r\nÃ©",
    "DELETE /v1/y HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n",
  ]);
  expect(sockets.length).toBe(1);
});

test.each([
  [{ path: "/v1/x HTTP/1.1\r\nx: y" }],
  [{ path: "v1" }],
  [{ path: "/é" }],
  [{ headers: { a: "b\r\nc: d" } }],
  [{ headers: { "a: b\r\nc": "d" } }],
  [{ headers: { a: "\u0100" } }],
])("%j is never sent", async (over) => {
  await expect(connections.request({ method: "GET", path: "/v1/x", ...over })).rejects.toThrow(TypeError);
});

test("requests at the same time have connections of their own, at most 16", async () => {
  const waiting: Socket[] = [];
  await serve((socket) => void waiting.push(socket));
  const asked = Array.from({ length: 40 }, () => get());
  await expect.poll(() => waiting.length).toBe(16);
  let answered = 0;
  const all = Promise.all(asked).then((answers) => answers.length);
  while (answered < 40) {
    const socket = waiting.shift();
    if (socket === undefined) await settled();
    else {
      socket.write(OK);
      answered += 1;
    }
  }
  expect(await all).toBe(40);
  expect(sockets.length).toBe(16);
});

test("a request that waits for a connection can be given up", async () => {
  const waiting: Socket[] = [];
  await serve((socket) => void waiting.push(socket));
  const asked = Array.from({ length: 16 }, () => get());
  const stopper = new AbortController();
  const last = get({ signal: stopper.signal });
  stopper.abort(new Error("enough"));
  await expect(last).rejects.toThrow("enough");
  await expect.poll(() => waiting.length).toBe(16);
  for (const socket of waiting) socket.write(OK);
  await Promise.all(asked);
});

test("a signal that fired before sends nothing", async () => {
  await expect(get({ signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
});

test("a GET is sent again when a kept connection turns out to be dead; a POST is not", async () => {
  await serve((socket, _text, connection) => {
    // The first connection carries one request, and is found dead with the second.
    if (connection === 0 && socket.bytesRead > 50) socket.destroy();
    else socket.write(OK);
  });
  await get();
  expect((await get()).status).toBe(200);
  expect(sockets.length).toBe(2);
});

test("a POST on a kept connection that is dead has failed: nobody knows what became of it", async () => {
  await serve((socket) => {
    if (socket.bytesRead > 60) socket.destroy();
    else socket.write(OK);
  });
  await post();
  await expect(post()).rejects.toMatchObject({ code: "ERR_PEBBLE_UNREACHABLE" });
  expect(sockets.length).toBe(1);
});

test("a GET is not sent again once a byte of the answer is there, nor a second time", async () => {
  let seen = 0;
  await serve((socket) => {
    seen += 1;
    if (seen === 1) socket.write(OK);
    else socket.end(seen === 2 ? "H" : "");
  });
  await get();
  await expect(get()).rejects.toMatchObject({ code: "ERR_PEBBLE_UNREACHABLE" });
  expect(seen).toBe(2);
  await expect(get()).rejects.toMatchObject({ code: "ERR_PEBBLE_UNREACHABLE" });
  expect(seen).toBe(3);
});

test.each([
  ["after an answer that says so", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"],
  ["after an answer with more behind it", `${OK}HTTP/1.1 200 OK\r\n`],
])("a connection is not kept %s", async (_when, answer) => {
  await serve((socket) => void socket.write(answer));
  expect(Buffer.from((await get()).body).toString()).toBe("ok");
  expect(Buffer.from((await get()).body).toString()).toBe("ok");
  expect(sockets.length).toBe(2);
});

test("words that nobody asked for end a kept connection, and are no answer to what comes next", async () => {
  await serve((socket) => void socket.write(OK));
  await get();
  sockets[0]?.write("HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\nno");
  await settled();
  expect((await get()).status).toBe(200);
  expect(sockets.length).toBe(2);
});

test("what does not speak HTTP is unreachable, and says why", async () => {
  await serve((socket) => void socket.write("220 mail\r\n\r\n"));
  await expect(get()).rejects.toMatchObject({
    code: "ERR_PEBBLE_UNREACHABLE",
    message: expect.stringContaining("not an HTTP/1.1 answer: the first line says no status"),
  });
});

test("an answer without a length is whole when the server ends it", async () => {
  await serve((socket) => void socket.end("HTTP/1.1 200 OK\r\n\r\nall of it"));
  expect(Buffer.from((await get()).body).toString()).toBe("all of it");
});

test("close() fails what is under way and waits; the next request begins anew", async () => {
  let silent = true;
  await serve((socket) => {
    if (!silent) socket.write(OK);
  });
  const asked = Array.from({ length: 20 }, () => get());
  await expect.poll(() => sockets.length).toBe(16);
  connections.close();
  silent = false;
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.map(({ status }) => status)).toEqual(Array(20).fill("rejected"));
  expect((await get()).status).toBe(200);
});
