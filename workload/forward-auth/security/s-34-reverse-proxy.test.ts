/** S-34: what is one request for us is one request for the application, and nothing leads around the decision. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Application, headerOf, startApplication } from "../testing/application.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { rawExchange, rawRequest, rawStatus } from "../testing/raw.ts";

let application: Application;
let point: Point;

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  application = await startApplication();
  point = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_UPSTREAMS: `${application.origin}/`,
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public/",
  });
});
afterAll(async () => {
  await point.close();
  await application.close();
});
beforeEach(() => void application.reached.splice(0));

const INNER = "GET /admin HTTP/1.1\r\nHost: app.example.com\r\n\r\n";
const CHUNKED = `0\r\n\r\n${INNER}`;
const last = () => application.reached.at(-1);

/** Sends a request to the open path with a second one hidden in it. */
const hide = (lines: readonly string[], body: string) =>
  rawExchange(point.port, rawRequest("POST /public/x", lines, body));

test.each([
  ["CL.TE", ["Content-Length: 60", "Transfer-Encoding: chunked"], CHUNKED],
  ["TE.CL", ["Transfer-Encoding: chunked", "Content-Length: 4"], CHUNKED],
  ["two lengths", ["Content-Length: 5", "Content-Length: 0"], `12345${INNER}`],
  ["a list of lengths", ["Content-Length: 5, 0"], `12345${INNER}`],
  ["a signed length", ["Content-Length: +5"], `12345${INNER}`],
  ["a negative length", ["Content-Length: -1"], INNER],
  ["a hexadecimal length", ["Content-Length: 0x5"], `12345${INNER}`],
  ["chunked, then identity", ["Transfer-Encoding: chunked, identity"], CHUNKED],
  ["identity", ["Transfer-Encoding: identity"], CHUNKED],
  ["two codings", ["Transfer-Encoding: chunked", "Transfer-Encoding: x"], CHUNKED],
  ["a misspelt coding", ["Transfer-Encoding: xchunked"], CHUNKED],
  ["a coding behind a vertical tab", ["Transfer-Encoding: \x0bchunked"], CHUNKED],
  ["a blank before the colon", ["Transfer-Encoding : chunked"], CHUNKED],
  ["a folded line", ["X-A: b", " Transfer-Encoding: chunked"], CHUNKED],
  ["a line break without carriage return", ["X-A: b\nTransfer-Encoding: chunked"], CHUNKED],
  ["a lone carriage return", ["X-A: b\rTransfer-Encoding: chunked"], CHUNKED],
  ["NUL in a value", ["X-A: b\0c"], ""],
  ["a blank in a name", ["X A: b"], ""],
  ["an empty name", [": b"], ""],
  ["a huge chunk", ["Transfer-Encoding: chunked"], `ffffffffffffffffff\r\n${INNER}`],
  ["a negative chunk", ["Transfer-Encoding: chunked"], `-1\r\n${INNER}`],
  ["a length behind the body", ["Transfer-Encoding: chunked"], `0\r\nContent-Length: 9\r\n\r\n${INNER}`],
  ["a chunk without line break", ["Transfer-Encoding: chunked"], `1\r\nxx0\r\n\r\n${INNER}`],
])("smuggling by %s is refused, and the hidden request is nobody's", async (_, lines, body) => {
  const { text, ending } = await hide(lines, body);
  expect(application.reached.map(({ url }) => url)).not.toContain("/admin");
  expect(text).not.toContain("reached /admin");
  expect(text).not.toMatch(/^HTTP\/1\.1 2/);
  expect(ending).not.toBe("open");
});

test("requests behind one another are decided one by one", async () => {
  const open = rawRequest("POST /public/x", ["Content-Length: 5"], "12345");
  const both = (text: string) => text.split("HTTP/1.1").length > 2;
  const { text } = await rawExchange({ port: point.port, until: both }, `${open}${rawRequest("GET /admin")}`);
  expect(text).toMatch(/reached \/public\/x[\s\S]*HTTP\/1\.1 403 /);
  expect(application.reached.map(({ url, body }) => [url, body])).toEqual([["/public/x", "12345"]]);
});

test("what the application is sent is framed by us", async () => {
  const chunked = `5;ext=1\r\nhello\r\n0\r\nX-Trailer: evil\r\n\r\n`;
  const { text } = await hide(["Transfer-Encoding: chunked", "Trailer: X-Trailer"], chunked);
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
  expect(last()?.body).toBe("hello");
  expect(headerOf(last(), "content-length")).toBeUndefined();
  expect(headerOf(last(), "trailer")).toBeUndefined();
  expect(headerOf(last(), "transfer-encoding")).toBe("chunked");
});

test.each([
  "GET http://app.example.com/admin",
  "GET http://evil.example/admin",
  "GET HTTP://evil.example/admin",
  "GET http://public/public/../admin",
  "GET //evil.example/public/x",
  "GET /public/..%2fadmin",
  "GET /public/%2e%2e/admin",
  "GET /public/x%23/../../admin",
  "GET /admin#/public/",
  "GET /admin?/public/x",
  "GET /admin;/public/x",
  "GET /public\\..\\admin",
  "GET *",
  "GET /%zz",
  "GET admin",
  "GET ?/public/x",
  "GET ftp://app.example.com/public/x",
  "GET http://u:p@app.example.com/public/x",
  "CONNECT app.example.com:443",
])("%s leads nowhere without a session", async (line) => {
  const { text } = await rawExchange(point.port, rawRequest(line));
  expect(application.reached).toEqual([]);
  expect(text).not.toMatch(/^HTTP\/1\.1 2/);
});

test("the host of an absolute target is the one that counts", async () => {
  await rawExchange(point.port, rawRequest("GET http://open.example/public/x"));
  expect([last()?.url, headerOf(last(), "host")]).toEqual(["/public/x", "open.example"]);
});

test.each([
  ["no host", "GET /public/x HTTP/1.1\r\n\r\n"],
  ["two hosts", rawRequest("GET /public/x", ["Host: other.example"])],
  ["a host with a path", "GET /public/x HTTP/1.1\r\nHost: a/b\r\n\r\n"],
  ["a host with a blank", "GET /public/x HTTP/1.1\r\nHost: a b\r\n\r\n"],
  ["a host with a user", "GET /public/x HTTP/1.1\r\nHost: u@a\r\n\r\n"],
])("%s: 400", async (_, bytes) => {
  expect(rawStatus(await rawExchange(point.port, bytes))).toBe(400);
  expect(application.reached).toEqual([]);
});

test("an answer with bytes that are no header is no answer", async () => {
  const answer = await rawExchange(point.port, rawRequest("GET /public/odd"));
  expect(rawStatus(answer)).toBe(502);
  expect(answer.text).not.toContain("X-A: b");
});

test("what frames an answer or sets a cookie is no trailer", async () => {
  const { text } = await rawExchange(point.port, rawRequest("GET /public/framing"));
  expect(text).toMatch(/\r\n0\r\n(?:X-Sum: 2\r\n)?\r\n$/i);
  expect(text).not.toMatch(/evil|Content-Length/);
});

test("a target for the application is the one that was decided, byte for byte", async () => {
  for (const path of [
    "/public/caf%C3%A9",
    "/public/a%20b;c=d,e",
    "/public/x?y=%00&z=//../",
    "/public/a.b/c..d",
  ]) {
    await rawExchange(point.port, rawRequest(`GET ${path}`));
    expect(last()?.url).toBe(path);
  }
});
