import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RequestLine } from "./line.ts";
import { createLog, type LogOptions } from "./log.ts";
import { DEFAULT_FORMATS, logTemplate } from "./text.ts";

const ALL = {
  request_logging: true,
  auth_logging: true,
  standard_logging: true,
  logging_local_time: false,
};
const AT = Date.UTC(2026, 10, 26, 15, 4, 5, 6);

const LINE: RequestLine = {
  id: "rid-1",
  client: "203.0.113.9",
  user: "alice@example.com",
  host: "app.example.com",
  method: "GET",
  uri: '/app?x="1"',
  protocol: "HTTP/1.1",
  agent: 'a"b\\c',
  status: 200,
  size: 574,
  seconds: 0.0121,
  upstream: "/",
  trace: "0af7651916cd43dd8448eb211c80319c",
  decision: "allow",
  reason: "session",
};

/** A log that keeps its lines. */
function kept(options: Partial<LogOptions>) {
  const [out, err]: [string[], string[]] = [[], []];
  const sinks = {
    output: { write: (line: string) => void out.push(line) },
    errors: { write: (line: string) => void err.push(line) },
  };
  return { log: createLog({ ...ALL, ...options }, sinks, () => AT), out, err };
}

describe("text", () => {
  test("lines are oauth2-proxy's", () => {
    const { log, out, err } = kept({});
    log.request(LINE);
    log.request({
      ...LINE,
      user: undefined,
      agent: undefined,
      upstream: undefined,
      uri: "/oauth2/auth",
      status: 401,
    });
    log.auth("Authenticated via OAuth2", {
      status: "AuthSuccess",
      id: "r",
      client: "127.0.0.1:1",
      user: "alice@example.com",
    });
    log.info("Performing OIDC Discovery...", { file: "provider.go:55" });
    log.error("it broke", { code: 7, why: "no idea", list: ["a", "b"] });
    expect(out).toEqual([
      '203.0.113.9 - rid-1 - alice@example.com [2026/11/26 15:04:05] app.example.com GET / "/app?x=\\"1\\"" HTTP/1.1 "a\\"b\\\\c" 200 574 0.012\n',
      '203.0.113.9 - rid-1 - - [2026/11/26 15:04:05] app.example.com GET - "/oauth2/auth" HTTP/1.1 "" 401 574 0.012\n',
      "127.0.0.1:1 - r - alice@example.com [2026/11/26 15:04:05] [AuthSuccess] Authenticated via OAuth2\n",
      "[2026/11/26 15:04:05] [provider.go:55] Performing OIDC Discovery...\n",
    ]);
    expect(err).toEqual(['[2026/11/26 15:04:05] [forward-auth] it broke code=7 why="no idea" list="a; b"\n']);
  });

  test("a line that needs no care is the same as one that is put together with care", () => {
    const fast = kept({});
    // The same text by a template that is not oauth2-proxy's own.
    const careful = kept({ request_logging_format: `${DEFAULT_FORMATS.request}{{if .TraceID}}{{end}}` });
    const odd = fc.constantFrom(
      "",
      '"',
      "\\",
      "\n",
      "\u001b",
      "é",
      "\u2028",
      "a b",
      "x",
      "-",
      "l".repeat(1030),
    );
    const text = fc.array(odd, { maxLength: 3 }).map((parts) => parts.join(""));
    const maybe = fc.option(text, { nil: undefined });
    const fields = {
      client: text,
      host: text,
      id: text,
      method: text,
      uri: text,
      agent: maybe,
      user: maybe,
      upstream: maybe,
    };
    fc.assert(
      fc.property(fc.record(fields), (line) => {
        for (const { log } of [fast, careful]) log.request({ ...LINE, ...line });
        expect(fast.out.at(-1)).toBe(careful.out.at(-1));
      }),
      { numRuns: 500 },
    );
  });

  test("a template of ours has the trace id", () => {
    const { log, out } = kept({
      request_logging_format: "{{.TraceID}} {{if ge .StatusCode 400}}bad{{else}}good{{end}}",
    });
    log.request(LINE);
    expect(out).toEqual(["0af7651916cd43dd8448eb211c80319c good\n"]);
  });

  test("errors go to the other stream, or not", () => {
    const { log, out, err } = kept({ errors_to_info_log: true });
    log.error("x");
    expect([out.length, err.length]).toEqual([1, 0]);
  });

  test("each log can be turned off", () => {
    const { log, out, err } = kept({ request_logging: false, auth_logging: false, standard_logging: false });
    log.request(LINE);
    log.auth("x", {});
    log.info("x");
    log.error("x");
    expect([...out, ...err]).toEqual([]);
  });

  test("oauth2-proxy's templates are templates", () => {
    for (const kind of ["standard", "auth", "request"] as const)
      expect(logTemplate(kind, "")).toBeTypeOf("function");
    expect(Object.keys(DEFAULT_FORMATS)).toHaveLength(3);
  });
});

describe("JSON", () => {
  test("is the default of the modes that oauth2-proxy does not have", () => {
    expect(kept({ decision_mode: "forwarded" }).log.format).toBe("json");
    expect(kept({ decision_mode: "forwarded", log_format: "text" }).log.format).toBe("text");
    expect(kept({ log_format: "json" }).log.format).toBe("json");
    expect(kept({}).log.format).toBe("text");
  });

  test("a request has stable names, and no query", () => {
    const { log, out } = kept({ log_format: "json" });
    log.request(LINE);
    log.request({ ...LINE, original: { method: "POST", host: "h", path: "/o" } });
    expect(JSON.parse(out[0] ?? "")).toEqual({
      level: "info",
      time: "2026-11-26T15:04:05.006Z",
      log: "request",
      id: "rid-1",
      client: "203.0.113.9",
      method: "GET",
      host: "app.example.com",
      path: "/app",
      protocol: "HTTP/1.1",
      status: 200,
      size: 574,
      ms: 12.1,
      decision: "allow",
      reason: "session",
      user: "alice@example.com",
      upstream: "/",
      agent: 'a"b\\c',
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      msg: "request",
    });
    expect(JSON.parse(out[1] ?? "")).toMatchObject({ method: "POST", host: "h", path: "/o" });
  });

  test("the other lines", () => {
    const { log, out, err } = kept({ log_format: "json" });
    log.auth("signed in", { status: "AuthSuccess", user: "u", trace: "t" });
    log.info("hello", { file: "x.go:1", count: 2 });
    log.error("it broke");
    expect(out.map((line) => JSON.parse(line))).toEqual([
      {
        level: "info",
        time: expect.any(String),
        log: "auth",
        status: "AuthSuccess",
        user: "u",
        trace_id: "t",
        msg: "signed in",
      },
      { level: "info", time: expect.any(String), log: "standard", count: 2, msg: "hello" },
    ]);
    expect(err.map((line) => JSON.parse(line))).toEqual([
      { level: "error", time: expect.any(String), log: "standard", msg: "it broke" },
    ]);
  });
});
