/** WebSockets and other protocols through the proxy. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { type Application, headerOf, startApplication } from "../testing/application.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { rawExchange, rawRequest } from "../testing/raw.ts";

let application: Application;
let point: Point;
let sockets: WebSocketServer;
/** Milliseconds by which the point's clock is ahead. */
let ahead = 0;

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  application = await startApplication();
  sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  sockets.on("connection", (socket) => socket.on("message", (text, binary) => socket.send(text, { binary })));
  await once(sockets, "listening");
  point = await startPoint(
    undefined,
    {
      ...COMPAT,
      OAUTH2_PROXY_UPSTREAMS: `${application.origin}/,http://127.0.0.1:${(sockets.address() as { port: number }).port}/ws/,http://127.0.0.1:1/dead/,static://200/static/`,
      OAUTH2_PROXY_UPSTREAM_TIMEOUT: "300ms",
    },
    [],
    () => Date.now() + ahead,
  );
});
afterAll(async () => {
  for (const client of sockets.clients) client.terminate();
  sockets.close();
  await point.close();
  await application.close();
});
beforeEach(() => void application.reached.splice(0));
afterEach(() => {
  vi.useRealTimers();
  ahead = 0;
});

const upgrade = (path: string, more: readonly string[] = [], protocol = "echo/1") =>
  rawRequest(`GET ${path}`, ["Connection: Upgrade", `Upgrade: ${protocol}`, ...more]);
const signedIn = (changes = {}) => [`Cookie: ${point.cookie(changes)}`];
const last = () => application.reached.at(-1);

test("a WebSocket carries messages both ways, large and binary ones too", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${point.port}/ws/x`, { headers: { Cookie: point.cookie() } });
  await once(socket, "open");
  for (const message of [Buffer.from("hello"), Buffer.alloc(400_000, 7)]) {
    socket.send(message);
    const [answer] = await once(socket, "message");
    expect(createHash("sha1").update(answer).digest("hex")).toBe(
      createHash("sha1").update(message).digest("hex"),
    );
  }
  socket.close();
  await once(socket, "close");
  await expect.poll(() => sockets.clients.size).toBe(0);
});

test("without a session there is no WebSocket, and the application does not hear of it", async () => {
  const { text, ending } = await rawExchange(point.port, upgrade("/x"));
  expect(text).toMatch(/^HTTP\/1\.1 403 /);
  expect(ending).toBe("end");
  expect(application.reached).toEqual([]);
});

test("another protocol is switched to, with our headers, and what was sent early is not lost", async () => {
  const { text } = await rawExchange(
    { port: point.port, until: (all) => all.endsWith("late") },
    `${upgrade("/x", [...signedIn(), "X-Forwarded-User: evil", "Connection: keep-alive"])}early`,
    "late",
  );
  expect(text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
  expect(text).toMatch(/\r\nGap-Auth: ada@example\.com\r\n/);
  expect(text.endsWith("earlylate")).toBe(true);
  expect([headerOf(last(), "connection"), headerOf(last(), "upgrade")]).toEqual(["Upgrade", "echo/1"]);
  expect(headerOf(last(), "x-forwarded-user")).toBe("sub-1");
  expect(headerOf(last(), "cookie")).toBeUndefined();
});

test("an application that refuses is heard", async () => {
  const { text, ending } = await rawExchange(point.port, upgrade("/refuse", signedIn()));
  expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  expect(text).toMatch(/\r\nX-App: 1\r\n/);
  expect(text.endsWith("\r\n\r\nno")).toBe(true);
  expect(ending).toBe("end");
});

test.each(["h2c", "H2C", "h2", "HTTP/2.0"])(
  "%s is no upgrade: its requests would pass undecided",
  async (protocol) => {
    const more = ["HTTP2-Settings: AAMAAABkAAQAAP__", "Connection: HTTP2-Settings"];
    const { text } = await rawExchange(point.port, upgrade("/x", [...signedIn(), ...more], protocol));
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    for (const name of ["upgrade", "http2-settings"]) expect(headerOf(last(), name)).toBeUndefined();
  },
);

test("Upgrade without Connection, or with a body, is an ordinary request", async () => {
  await rawExchange(point.port, rawRequest("GET /x", ["Upgrade: echo/1", ...signedIn()]));
  expect(headerOf(last(), "upgrade")).toBeUndefined();
  const { text } = await rawExchange(
    point.port,
    `${upgrade("/y", ["Content-Length: 4", ...signedIn()])}body`,
  );
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(last()?.body).toBe("body");
});

test("where nothing can be upgraded, the request is answered as it is", async () => {
  expect((await rawExchange(point.port, upgrade("/static/x", signedIn()))).text).toMatch(/^HTTP\/1\.1 200 /);
  expect((await rawExchange(point.port, upgrade("/oauth2/auth", signedIn()))).text).toMatch(
    /^HTTP\/1\.1 202 /,
  );
  const dead = await rawExchange(point.port, upgrade("/dead/x", signedIn()));
  expect(dead.text).toMatch(/^HTTP\/1\.1 502 /);
  expect(dead.ending).toBe("end");
});

test("a client that goes away ends the application's side, and the other way round", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${point.port}/ws/x`, { headers: { Cookie: point.cookie() } });
  await once(socket, "open");
  expect(sockets.clients.size).toBe(1);
  socket.terminate();
  await expect.poll(() => sockets.clients.size).toBe(0);
  const other = new WebSocket(`ws://127.0.0.1:${point.port}/ws/x`, { headers: { Cookie: point.cookie() } });
  await once(other, "open");
  for (const client of sockets.clients) client.terminate();
  await once(other, "close");
});

test("an open WebSocket does not keep the program from ending", async () => {
  const other = await startPoint(undefined, { ...COMPAT, OAUTH2_PROXY_UPSTREAMS: `${application.origin}/` });
  const headers = { Cookie: other.cookie() };
  const outgoing = httpRequest({
    port: other.port,
    path: "/x",
    headers: { ...headers, Connection: "Upgrade", Upgrade: "echo/1" },
  });
  outgoing.on("error", () => undefined);
  outgoing.end();
  const [, socket] = await once(outgoing, "upgrade");
  const closed = once(socket, "close");
  await other.close();
  await closed;
});

/** So many milliseconds pass for the point. */
async function pass(milliseconds: number): Promise<void> {
  ahead += milliseconds;
  await vi.advanceTimersByTimeAsync(milliseconds);
}

test("a WebSocket ends with its session", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const at = Date.now() - point.serving.context.settings.sessionLife + 50_000;
  const cookie = point.cookie({ createdAt: at, refreshedAt: at });
  const socket = new WebSocket(`ws://127.0.0.1:${point.port}/ws/x`, { headers: { Cookie: cookie } });
  await once(socket, "open");
  const closed = once(socket, "close"); // Before the time passes: it may be over when that has.
  await pass(10_000);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  await pass(45_000);
  await closed;
});

test("a WebSocket ends when its session is signed out", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const cookie = point.cookie();
  const socket = new WebSocket(`ws://127.0.0.1:${point.port}/ws/x`, { headers: { Cookie: cookie } });
  await once(socket, "open");
  const { sessions } = point.serving.context;
  const entry = await sessions.load(cookie);
  if (entry === undefined) throw new Error("no session");
  const closed = once(socket, "close");
  await pass(61_000);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  await sessions.end(entry);
  await pass(61_000);
  await closed;
});
