/** S-24: limits of listeners. How long they wait is tested with shorter times in `server/bounded.test.ts`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { LIMITS } from "../server/limits.ts";
import { type Application, startApplication } from "../testing/application.ts";
import { COMPAT } from "../testing/compat.ts";
import { openSocket } from "../testing/open-socket.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask } from "../testing/question.ts";
import { rawExchange, rawRequest, rawStatus } from "../testing/raw.ts";

let application: Application;
let point: Point;

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  application = await startApplication();
  point = await startPoint(undefined, { ...COMPAT, OAUTH2_PROXY_UPSTREAMS: `${application.origin}/` });
});
afterAll(async () => {
  await point.close();
  await application.close();
});

const decide = async (lines: readonly string[], target = "/oauth2/auth") =>
  rawStatus(
    await rawExchange(point.port, rawRequest(`GET ${target}`, [`Cookie: ${point.cookie()}`, ...lines])),
  );

test.each([
  ["60 kB in one header", [`X-Big: ${"x".repeat(60_000)}`], 202],
  ["a header block over the limit", [`X-Big: ${"x".repeat(LIMITS.headerBytes)}`], 431],
  ["a cookie of 1 MiB", [`Cookie: a=${"x".repeat(1_048_576)}`], 431],
  ["500 headers", Array.from({ length: 500 }, (_, index) => `X-${index}: v`), 202],
  ["1001 headers", Array.from({ length: 1001 }, (_, index) => `X-${index}: v`), 431],
])("%s", async (_, lines, status) => {
  expect(await decide(lines)).toBe(status);
});

test("an address of 8 kB", async () => {
  expect(await decide([], `/oauth2/auth?${"q".repeat(8000)}`)).toBe(202);
});

test("what is refused is told in plain text, and the connection ends", async () => {
  const large = await rawExchange(point.port, rawRequest("GET /", [`X: ${"x".repeat(LIMITS.headerBytes)}`]));
  expect(large.text).toMatch(
    /^HTTP\/1\.1 431 [\s\S]*Connection: close\r\n[\s\S]*431 Request Header Fields Too Large$/,
  );
  expect(large.ending).not.toBe("open");
  const odd = await rawExchange(point.port, "no HTTP at all\r\n\r\n");
  expect(odd.text).toBe(
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request",
  );
});

test("a decision does not wait for an announced body, and ends the connection", async () => {
  for (const announced of ["Content-Length: 1000000", "Transfer-Encoding: chunked"]) {
    const lines = [`Cookie: ${point.cookie()}`, announced];
    const { text, ending } = await rawExchange(point.port, rawRequest("POST /oauth2/auth", lines));
    expect(text).toMatch(/^HTTP\/1\.1 202 [\s\S]*\r\nConnection: close\r\n/);
    expect(ending).toBe("end");
  }
});

test("pipelined decisions are answered in order", async () => {
  const one = rawRequest("GET /oauth2/auth", [`Cookie: ${point.cookie()}`]);
  const statuses = (text: string) => [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
  const { text } = await rawExchange(
    { port: point.port, until: (all) => statuses(all).length === 40 },
    `${one}${rawRequest("GET /oauth2/auth")}`.repeat(20),
  );
  expect(statuses(text)).toEqual(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? "202" : "401")));
});

/** Opens connections, says something on each, and keeps them. */
function hold(port: number, count: number, bytes: string): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ port, host: "127.0.0.1" });
      await once(socket, "connect");
      socket.on("error", () => undefined);
      socket.write(bytes);
      return socket;
    }),
  );
}

test("10 000 connections, idle or with half a request, take nothing from others", async () => {
  const { port, fd, close } = await openSocket();
  const child = spawn(join(import.meta.dirname, "..", "bin", "oauth2-proxy"), [], {
    env: {
      PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
      ...COMPAT,
      OAUTH2_PROXY_HTTP_ADDRESS: "fd:3",
      OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
    },
    stdio: ["ignore", "ignore", "inherit", fd],
  });
  close();
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    child.kill("SIGKILL");
  });
  expect((await ask(port, "/ping")).status).toBe(200);
  for (let wave = 0; wave < 20; wave++)
    sockets.push(...(await hold(port, 500, wave % 2 === 0 ? "" : "GET / HTTP/1.1\r\nX-Slow: ")));
  expect(sockets.filter(({ readyState }) => readyState === "open").length).toBe(10_000);
  const from = performance.now();
  expect((await ask(port, "/oauth2/auth")).status).toBe(401);
  expect(performance.now() - from).toBeLessThan(2000);
});

/** Bytes of what can still be reached. */
function bytesInUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

test("anonymous requests leave nothing behind in the process", async () => {
  for (let index = 0; index < 50; index++) await ask(point.port, `/x${index}`, ["Accept", "text/html"]);
  const before = bytesInUse();
  for (let index = 0; index < 500; index++) await ask(point.port, `/y${index}`, ["Accept", "text/html"]);
  expect(bytesInUse() - before).toBeLessThan(8 * 1024 * 1024);
});
