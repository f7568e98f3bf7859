/** What real proxies asked, recorded by `test/peers/points/record.ts`, read again: each question is about the user's request. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { forwardedOriginal, type Original, type OriginalFault } from "../decision/original.ts";
import { readHead } from "../server/head.ts";
import { readCheck } from "./grpc/check-request.ts";
import { decodeCheck } from "./grpc/messages.ts";
import { ENVOY_GRPC, ENVOY_HTTP, type PointPath, readPointPath } from "./point.ts";
import { tellOriginal } from "./told.ts";

interface Recorded {
  readonly sent: { readonly method: string; readonly target: string; readonly host: string };
  /** Status of the proxy's own refusal. */
  readonly refused?: number;
  readonly asked?:
    | { readonly method: string; readonly url: string; readonly headers: readonly string[] }
    | { readonly check: string };
  /** What reached the application. */
  readonly arrived?: { readonly method: string; readonly url: string };
}

interface Fixture {
  readonly proxy: string;
  readonly version: string;
  readonly cases: Readonly<Record<string, Recorded>>;
}

const folder = join(import.meta.dirname, "fixtures");
const fixtures = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Fixture,
);

/** The question's path; without a prefix of its own, the listener's mode says whose it is. */
function pathOf(proxy: string, url: string): PointPath {
  const path =
    proxy === "envoy-http-no-prefix"
      ? { point: ENVOY_HTTP, rest: url }
      : readPointPath(url, "/oauth2/authz/");
  if (path === undefined || path === "unknown") throw new Error(`no enforcement point: ${url}`);
  return path;
}

/** The original request as a decision has it. */
function reading(proxy: string, asked: NonNullable<Recorded["asked"]>): Original | OriginalFault {
  if ("check" in asked) {
    const check = readCheck(decodeCheck(Buffer.from(asked.check, "base64")), "127.0.0.1");
    const { method = "", url = "", rawHeaders } = check.asked;
    expect(check.fault).toBeUndefined();
    const { mode } = ENVOY_GRPC;
    return forwardedOriginal(tellOriginal(readHead(rawHeaders), { method, url }, { mode, secure: true }));
  }
  const { point, rest } = pathOf(proxy, asked.url);
  const head = readHead(asked.headers);
  expect(head.fault).toBeUndefined();
  const line = { method: asked.method, url: rest };
  return forwardedOriginal(tellOriginal(head, line, { mode: point.mode, secure: true }));
}

/** Targets that are never decided about, by proxies that pass them on as they came. */
const HOSTILE = /\/(?:\.|%2e){2}(?:\/|$)/i;

describe.each(fixtures.map((fixture) => [`${fixture.proxy} ${fixture.version}`, fixture] as const))(
  "%s",
  (_name, { proxy, cases }) => {
    const asked = Object.entries(cases).flatMap(([name, { asked: question, ...rest }]) =>
      question === undefined ? [] : [{ name, question, ...rest }],
    );

    test("was asked about nearly every case", () => {
      expect(asked.length).toBeGreaterThanOrEqual(Object.keys(cases).length - 2);
    });

    test.each(asked)("$name", ({ question, sent, arrived }) => {
      const original = reading(proxy, question);
      const target = arrived?.url ?? sent.target;
      if (HOSTILE.test(target)) return expect(original).toBe("bad-forwarded-uri");
      // The beginning of HTTP/2, taken for a request: nothing reached the application.
      if (typeof original === "string")
        return expect([original, arrived]).toEqual([expect.any(String), undefined]);
      expect({ method: original.method, host: original.hostText, uri: original.uri }).toEqual({
        method: sent.method,
        host: sent.host,
        uri: target,
      });
      expect(original.scheme).toBe("http");
    });
  },
);

test("every kind of proxy is here, with every case", () => {
  const names = fixtures.map(({ proxy }) => proxy).sort();
  expect(names).toEqual([
    "caddy",
    "envoy-grpc",
    "envoy-http",
    "envoy-http-no-prefix",
    "haproxy",
    "ingress-nginx",
    "nginx",
    "traefik",
    "traefik-trust-absent",
    "traefik-trust-true",
  ]);
  for (const { cases } of fixtures) expect(Object.keys(cases)).toHaveLength(15);
});
