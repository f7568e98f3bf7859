/** S-25 and what a sign-in page takes away: how large cookies are, and when they go. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask } from "../testing/question.ts";

let running: Point | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

const start = async (more: Readonly<Record<string, string>> = {}) => {
  const started = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_UPSTREAMS: "static://202",
    ...more,
  });
  running = started;
  return started;
};
const token = randomBytes(6000).toString("base64url");
const tokens = { accessToken: token, idToken: token, refreshToken: token };

test.each(["oauth2-proxy", "sealed"])(
  "S-25: no cookie is larger than browsers take, in %s",
  async (format) => {
    const point = await start({
      OAUTH2_PROXY_PASS_ACCESS_TOKEN: "true",
      OAUTH2_PROXY_SESSION_FORMAT: format,
    });
    const cookie = point.cookie(tokens);
    const parts = cookie.split("; ");
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(4096);
    const answer = await ask(point.port, "/oauth2/auth", ["Cookie", cookie]);
    expect([answer.status, answer.headers.has("set-cookie")]).toEqual([202, false]);
    expect((await ask(point.port, "/oauth2/auth", ["Cookie", parts.slice(1).join("; ")])).status).toBe(401);
  },
);

test("S-25: a session that is large is told in the log, one that is not is not", async () => {
  const point = await start({ OAUTH2_PROXY_PASS_ACCESS_TOKEN: "true" });
  point.cookie();
  const before = point.log.length;
  point.cookie(tokens);
  expect(point.log.length).toBeGreaterThan(before);
  expect(point.log.slice(before).join("")).not.toContain(token.slice(0, 20));
});

test("CVE-2026-34454, GHSA-f24x-5g9q-753f: the sign-in page ends the session, every part of it", async () => {
  const point = await start({ OAUTH2_PROXY_PASS_ACCESS_TOKEN: "true" });
  const cookie = point.cookie(tokens);
  const names = cookie.split("; ").map((part) => part.slice(0, part.indexOf("=")));
  const answer = await ask(point.port, "/oauth2/sign_in", ["Cookie", cookie, "Accept", "text/html"]);
  expect(answer.status).toBe(200);
  const ended = answer.headers.get("set-cookie")?.split("\n") ?? [];
  for (const name of names)
    expect(
      ended.some((text) => text.startsWith(`${name}=;`) && /Max-Age=0\b/.test(text)),
      name,
    ).toBe(true);
  expect((await ask(point.port, "/oauth2/auth")).status).toBe(401);
});

test("CVE-2026-24513, CVE-2025-1974, CVE-2025-24514: our Ingress example injects nothing and replaces no error", () => {
  const text = readFileSync(new URL("../examples/ingress-nginx/ingress.yaml", import.meta.url), "utf8");
  expect(text).toContain("nginx.ingress.kubernetes.io/auth-url");
  expect(text).not.toMatch(/snippet|custom-http-errors|default-backend|auth-tls-match-cn|mirror-/);
  for (const [, url = ""] of text.matchAll(/auth-(?:url|signin): (.*)/g))
    expect(url).toMatch(/^https?:\/\/[\w.:/-]+$/);
});
