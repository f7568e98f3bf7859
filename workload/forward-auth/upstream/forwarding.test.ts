/** Reverse-proxy mode as a client and an application see it. */
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Application, headerOf, startApplication } from "../testing/application.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask } from "../testing/question.ts";
import { rawExchange, rawRequest, rawStatus } from "../testing/raw.ts";

let application: Application;
let point: Point;

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  application = await startApplication();
  point = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_UPSTREAMS: `${application.origin}/,http://127.0.0.1:1/dead/`,
    OAUTH2_PROXY_LOG_FORMAT: "json",
    OAUTH2_PROXY_UPSTREAM_TIMEOUT: "200ms",
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public/",
    OAUTH2_PROXY_REVERSE_PROXY: "true",
  });
});
afterAll(async () => {
  await point.close();
  await application.close();
});
beforeEach(() => void application.reached.splice(0));

const cookie = () => ["Cookie", point.cookie()];
const last = () => application.reached.at(-1);

test("an allowed request reaches the application as it was sent", async () => {
  const answer = await ask(point.port, "/a%2Fb%20c;d=1?x=%2F&y", [...cookie(), "X-One", "1", "x-one", "2"]);
  expect([answer.status, answer.body]).toEqual([200, "reached /a%2Fb%20c;d=1?x=%2F&y"]);
  expect(answer.headers.get("gap-auth")).toBe("ada@example.com");
  expect(headerOf(last(), "x-one")).toBe("1\n2");
  expect(headerOf(last(), "x-forwarded-user")).toBe("sub-1");
  expect(headerOf(last(), "x-forwarded-for")).toBe("127.0.0.1");
  expect(headerOf(last(), "host")).toBe(`127.0.0.1:${point.port}`);
});

test("without a session nothing reaches the application", async () => {
  expect((await ask(point.port, "/a")).status).toBe(403);
  expect((await ask(point.port, "/a", ["Cookie", "_oauth2_proxy=forged"], "POST", "body")).status).toBe(403);
  expect(application.reached).toEqual([]);
});

test("bodies are streamed, with and without a length", async () => {
  const large = "x".repeat(300_000);
  expect(
    (await ask(point.port, "/up", [...cookie(), "Content-Length", String(large.length)], "POST", large))
      .status,
  ).toBe(200);
  expect([last()?.body.length, headerOf(last(), "content-length")]).toEqual([300_000, "300000"]);
  await ask(point.port, "/up", [...cookie(), "Transfer-Encoding", "chunked"], "PUT", large);
  expect([last()?.body.length, headerOf(last(), "transfer-encoding")]).toEqual([300_000, "chunked"]);
  await ask(point.port, "/up", [...cookie(), "Content-Length", "3"], "DELETE", "abc");
  expect(last()?.body).toBe("abc");
});

test("the first byte of a body reaches the application before the last was sent", async () => {
  const outgoing = httpRequest({
    port: point.port,
    method: "POST",
    path: "/up",
    headers: { Cookie: point.cookie() },
  });
  outgoing.write("first");
  await expect.poll(() => last()?.body).toBe("first");
  outgoing.end("last");
  const [incoming] = await once(outgoing, "response");
  incoming.resume();
  await once(incoming, "end");
  expect(last()?.body).toBe("firstlast");
});

test("the first byte of an answer reaches the client before the last is there", async () => {
  const outgoing = httpRequest({ port: point.port, path: "/stream", headers: { Cookie: point.cookie() } });
  outgoing.end();
  const [incoming] = await once(outgoing, "response");
  expect(incoming.headers["content-type"]).toBe("text/event-stream");
  incoming.on("error", () => undefined);
  outgoing.on("error", () => undefined);
  outgoing.destroy();
  await expect.poll(() => last()?.aborted).toBe(true);
});

test("an answer that breaks off does not look whole", async () => {
  const { text, ending } = await rawExchange(
    point.port,
    rawRequest("GET /half", [`Cookie: ${point.cookie()}`]),
  );
  expect(text).toContain("Content-Length: 100\r\n");
  expect(text.endsWith("half")).toBe(true);
  expect(ending).not.toBe("open");
});

test.each([
  ["/dead/x", "unreachable"],
  ["/drop", "closed"],
  ["/never", "timeout"],
  ["/odd", "malformed"],
])("%s is answered 502: %s", async (path, reason) => {
  const answer = await ask(point.port, path, cookie());
  expect(answer.status).toBe(502);
  expect(answer.body).toContain("There was a problem connecting to the upstream server.");
  expect(answer.body).not.toMatch(/127\.0\.0\.1|ECONN|UND_/);
  expect(point.log.join("")).toContain(reason);
});

test("a request without a body is sent again when a kept connection was closed; others are not", async () => {
  await ask(point.port, "/drop", cookie());
  expect(application.reached.map(({ url }) => url)).toEqual(["/drop", "/drop"]);
  application.reached.splice(0);
  await ask(point.port, "/drop", [...cookie(), "Content-Length", "1"], "POST", "x");
  expect(application.reached.length).toBe(1);
});

test("connections to the application are kept", async () => {
  await ask(point.port, "/warm", cookie());
  const before = application.connections();
  for (let index = 0; index < 5; index++) await ask(point.port, "/a", cookie());
  expect(application.connections()).toBe(before);
});

test("what only we asked to be packed is unpacked", async () => {
  const plain = await ask(point.port, "/gzip", cookie());
  expect([plain.body, plain.headers.get("content-encoding")]).toEqual(["unpacked", undefined]);
  expect(headerOf(last(), "accept-encoding")).toBe("gzip");
  const packed = await ask(point.port, "/gzip", [...cookie(), "Accept-Encoding", "gzip"]);
  expect(packed.headers.get("content-encoding")).toBe("gzip");
});

test("HEAD has headers only; trailers and several cookies arrive; headers of one hop do not", async () => {
  const head = await ask(point.port, "/utf8", cookie(), "HEAD");
  expect([head.status, head.body]).toEqual([200, ""]);
  expect(head.headers.get("x-name")).toBe(Buffer.from("Zoë 日本").toString("latin1"));
  const { text } = await rawExchange(point.port, rawRequest("GET /trailer", [`Cookie: ${point.cookie()}`]));
  expect(text).toMatch(/\r\nTrailer: X-Sum\r\n[\s\S]*\r\n0\r\nX-Sum: 4\r\n/i);
  const hop = await ask(point.port, "/hop", cookie());
  expect([hop.headers.get("x-hop"), hop.headers.get("x-end")]).toEqual([undefined, "2"]);
  expect(hop.headers.get("set-cookie")).toBe("a=1\nb=2");
});

test("early hints reach the client, whatever is none does not", async () => {
  const get = (path: string) =>
    rawExchange(point.port, rawRequest(`GET ${path}`, [`Cookie: ${point.cookie()}`]));
  expect((await get("/hinted")).text).toMatch(
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload; as=style\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
  );
  expect((await get("/hinted/bad")).text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

test("HTTP/1.0 is answered, without a host too, as health checks ask", async () => {
  expect((await rawExchange(point.port, "GET /ping HTTP/1.0\r\n\r\n")).text).toMatch(
    /^HTTP\/1\.1 200 [\s\S]*OK$/,
  );
  const { text, ending } = await rawExchange(
    point.port,
    `GET /x HTTP/1.0\r\nCookie: ${point.cookie()}\r\n\r\n`,
  );
  expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*reached \/x$/);
  expect(text).not.toMatch(/^transfer-encoding/im);
  expect(ending).toBe("end");
});

test("a client may wait for permission to send its body, which a denied one never gets", async () => {
  const lines = ["Expect: 100-continue", "Content-Length: 5"];
  const allowed = await rawExchange(
    point.port,
    rawRequest("POST /up", [...lines, `Cookie: ${point.cookie()}`]),
    "hello",
  );
  expect(allowed.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  expect(last()?.body).toBe("hello");
  const denied = await rawExchange(point.port, rawRequest("POST /up", lines));
  expect(denied.text).toMatch(/^HTTP\/1\.1 403 /);
});

test("an answer before the end of the request ends the connection", async () => {
  const { text } = await rawExchange(
    point.port,
    rawRequest("POST /early", [`Cookie: ${point.cookie()}`, "Content-Length: 100000"], "some"),
  );
  expect(text).toMatch(/^HTTP\/1\.1 413 [\s\S]*\r\nConnection: close\r\n/i);
});

test("a client that goes away ends its request at the application", async () => {
  const socket = connect({ port: point.port, host: "127.0.0.1" });
  socket.write(rawRequest("POST /up", [`Cookie: ${point.cookie()}`, "Content-Length: 100"], "some"));
  await expect.poll(() => last()?.body).toBe("some");
  socket.destroy();
  await expect.poll(() => last()?.aborted).toBe(true);
});

test("a client that goes away while it is decided about leaves nothing behind", async () => {
  const { sessions } = point.serving.context;
  let decide: (() => void) | undefined;
  const load = sessions.load.bind(sessions);
  vi.spyOn(sessions, "load").mockImplementationOnce(async (header) => {
    await new Promise<void>((resolve) => {
      decide = resolve;
    });
    return load(header);
  });
  const socket = connect({ port: point.port, host: "127.0.0.1" });
  socket.write(rawRequest("GET /gone", [`Cookie: ${point.cookie()}`]));
  await expect.poll(() => decide).toBeDefined();
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  decide?.();
  await expect.poll(() => point.log.join("")).toMatch(/\/gone[^\n]*"status":499/);
  expect(application.reached).toEqual([]);
});

test("our own line decides, not a header, when we hand the request on ourselves", async () => {
  expect((await ask(point.port, "/admin", ["X-Forwarded-Uri", "/public/x"])).status).toBe(403);
  expect((await ask(point.port, "/public/x", ["X-Forwarded-Uri", "/admin"])).status).toBe(200);
  expect((await ask(point.port, "/public/%2e%2e/admin")).status).toBe(403);
  expect(application.reached.map(({ url }) => url)).toEqual(["/public/x"]);
});

test("a target in absolute form goes on as its path, to the host that it names", async () => {
  const { text } = await rawExchange(
    point.port,
    rawRequest("GET http://other.example/app?x", [`Cookie: ${point.cookie()}`]),
  );
  expect(text).toContain("reached /app?x");
  expect(headerOf(last(), "host")).toBe("other.example");
  expect(rawStatus(await rawExchange(point.port, rawRequest("GET http://public.example/admin")))).toBe(403);
});
