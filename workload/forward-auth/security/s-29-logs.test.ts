/** S-29: a log line is one line and holds no secret, whatever was sent. */
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Play } from "../golden/play.ts";
import { type Stage, type Subject, startStage, startSubject } from "../golden/stage.ts";
import { createKeys } from "../golden/tokens.ts";
import type { RequestLine } from "../log/line.ts";
import { createLog, type LogOptions } from "../log/log.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask } from "../testing/question.ts";
import { rawExchange, rawRequest } from "../testing/raw.ts";

/** Anything but a line break at the very end that begins a new line, moves a cursor, or turns the direction of writing. */
const DANGEROUS = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\n(?!$)/;

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    'a"\n[2026/01/01 00:00:00] [oauthproxy.go:1] fake',
    "\u001b[2K\u001b[1A",
    "\u009b2J",
    "x\r\n127.0.0.1 - - admin",
    "\u202egnp.exe",
    '","user":"root',
    "{{.Message}}",
    "\ud800",
  ),
  fc.constant("x".repeat(100_000)),
);

const line: fc.Arbitrary<RequestLine> = fc.record({
  id: hostile,
  client: hostile,
  user: fc.option(hostile, { nil: undefined }),
  host: hostile,
  method: hostile,
  uri: hostile,
  protocol: fc.constant("HTTP/1.1"),
  agent: fc.option(hostile, { nil: undefined }),
  status: fc.integer({ min: 100, max: 599 }),
  size: fc.nat(),
  seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
  upstream: fc.option(hostile, { nil: undefined }),
  trace: fc.constant(undefined),
});

function kept(options: Partial<LogOptions>) {
  const lines: string[] = [];
  const all = { request_logging: true, auth_logging: true, standard_logging: true };
  return { lines, log: createLog({ ...all, ...options }, { write: (text) => void lines.push(text) }) };
}

describe.each(["text", "json"])("%s", (log_format) => {
  test("whatever fields hold, each event is one line without control characters, and not long", () => {
    const { log, lines } = kept({ log_format });
    fc.assert(
      fc.property(line, hostile, hostile, (request, message, value) => {
        lines.length = 0;
        log.request(request);
        log.auth(message, { user: value, id: value, client: value, reason: value, list: [value] });
        log.error(message, { reason: value });
        expect(lines).toHaveLength(3);
        for (const text of lines) {
          expect(text).not.toMatch(DANGEROUS);
          expect(text.endsWith("\n")).toBe(true);
          expect(text.length).toBeLessThan(60_000);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test("JSON lines are JSON, and a value stays in its field", () => {
  const { log, lines } = kept({ log_format: "json" });
  fc.assert(
    fc.property(line, (request) => {
      lines.length = 0;
      log.request(request);
      const read = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
      expect(read["log"]).toBe("request");
      if (
        request.user !== undefined &&
        request.user !== "" &&
        request.user.length < 1000 &&
        request.user.isWellFormed()
      )
        expect(read["user"]).toBe(request.user);
    }),
    { numRuns: 300 },
  );
});

describe("a running program", () => {
  let point: Point;
  afterEach(() => point.close());
  const start = async (format: string) => {
    point = await startPoint(undefined, { ...COMPAT, OAUTH2_PROXY_LOG_FORMAT: format });
  };
  const last = () => point.log.at(-1) ?? "";

  test.each(["text", "json"])("hostile heads in %s", async (format) => {
    await start(format);
    await ask(point.port, "/oauth2/auth", ["X-Request-Id", 'a" [2026/01/01 00:00:00] [fake] x']);
    expect(last()).not.toContain("[fake]");
    await ask(point.port, "/oauth2/auth", ["X-Request-Id", "x".repeat(129)]);
    expect(last()).not.toContain("xxx");
    await ask(point.port, "/oauth2/auth", ["User-Agent", 'a"b\\c']);
    expect(last()).toContain('a\\"b\\\\c');
    await ask(point.port, "/oauth2/a%0d%0auth?x=%0a%1b[2J");
    expect(last()).not.toMatch(DANGEROUS);
    await rawExchange(point.port, rawRequest("GET /caf\u00e9\u009b2J", ["Host: h]x [fake]"]));
    expect(last()).not.toMatch(DANGEROUS);
  });

  test.each(["text", "json"])("a user whose address holds a line break, in %s", async (format) => {
    await start(format);
    await ask(point.port, "/oauth2/auth", [
      "Cookie",
      point.cookie({ email: "a\n127.0.0.1 - - admin@x.example" }),
    ]);
    expect(last()).toContain("a\\n127.0.0.1");
    expect(last()).not.toMatch(DANGEROUS);
  });
});

describe("a whole sign-in in mode compat", () => {
  let stage: Stage;
  let subject: Subject;
  beforeAll(async () => {
    stage = await startStage(createKeys());
  });
  afterEach(() => subject.close());
  afterAll(() => stage.close());

  const BASE = {
    PROVIDER: "oidc",
    OIDC_ISSUER_URL: `$\{OP}`,
    CLIENT_ID: "c1",
    CLIENT_SECRET: "s1",
    COOKIE_SECRET: `$\{SECRET}`,
    EMAIL_DOMAINS: "*",
    UPSTREAMS: `$\{UP}/`,
    PASS_ACCESS_TOKEN: "true",
    SHOW_DEBUG_ON_ERROR: "true",
  };

  test.each(["text", "json"])("leaves no token, cookie, code or state in %s lines", async (format) => {
    subject = await startSubject(stage, BASE, { env: { LOG_FORMAT: format } });
    const play = new Play(stage, subject, { cookies: {}, tokens: {} });
    await play.send({ target: "/oauth2/start?rd=%2Fafter" });
    const { code, state } = play.authorize();
    const query = `code=${code}&state=${encodeURIComponent(state)}`;
    const answers = [await play.send({ target: `/oauth2/callback?${query}`, jar: true })];
    for (const target of [
      `/oauth2/callback?${query}`,
      "/oauth2/callback?error=x&state=s3cret-state",
      "/after",
      "/oauth2/sign_out",
    ])
      answers.push(await play.send({ target, jar: true }));
    const cookies = answers.flatMap(({ headers }) =>
      headers.flatMap(([name, value]) =>
        name.toLowerCase() === "set-cookie" ? [/=([^;]{20,})/.exec(value)?.[1] ?? ""] : [],
      ),
    );
    expect(cookies.filter((value) => value !== "").length).toBeGreaterThan(0);
    const lines = [...subject.log, ...subject.errors].join("");
    expect(lines).toContain("alice@example.com");
    for (const secret of [
      code,
      state.slice(0, 20),
      "s3cret-state",
      "eyJ",
      's1"',
      ...cookies.filter((value) => value !== ""),
    ])
      expect(lines).not.toContain(secret);
  });
});
