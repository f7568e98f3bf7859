/** Answers given again: S-31 of the threat model. Each case asks until the answer comes from memory, changes one thing, and asks again. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { type Point, startPoint } from "../testing/point.ts";
import { type Answer, ask } from "../testing/question.ts";

const folder = mkdtempSync(join(tmpdir(), "replay-"));
afterAll(() => rmSync(folder, { recursive: true }));
let point: Point | undefined;
afterEach(async () => {
  await point?.close();
});

const start = async (environment: Readonly<Record<string, string>> = {}) => {
  point = await startPoint(undefined, {
    OAUTH2_PROXY_OIDC_ISSUER_URL: "http://127.0.0.1:1",
    OAUTH2_PROXY_CLIENT_ID: "forward-auth",
    OAUTH2_PROXY_CLIENT_SECRET: "client-secret-0123456789",
    OAUTH2_PROXY_EMAIL_DOMAINS: "example.com",
    OAUTH2_PROXY_REVERSE_PROXY: "true",
    OAUTH2_PROXY_UPSTREAMS: "static://200",
    ...environment,
  });
  return point;
};
const auth = (at: Point, headers: readonly string[], path = "/oauth2/auth"): Promise<Answer> =>
  ask(at.port, path, headers);
/** Asks as often as it takes until an allow is kept. */
async function prime(at: Point, headers: readonly string[], path?: string): Promise<Answer> {
  await auth(at, headers, path);
  return auth(at, headers, path);
}
const comparable = ({ status, headers, body }: Answer) => ({
  status,
  headers: [...headers].filter(([name]) => name !== "date"),
  body,
});

test("an answer from memory is the answer", async () => {
  const at = await start();
  const cookie = ["Cookie", at.cookie()];
  const first = comparable(await prime(at, cookie));
  expect(at.serving.context.decisions?.size).toBe(1);
  expect(comparable(await auth(at, cookie))).toEqual(first);
  expect(first.status).toBe(202);
});

test("without a time to live nothing is kept", async () => {
  const at = await start({ OAUTH2_PROXY_DECISION_CACHE_TTL: "0" });
  expect((await auth(at, ["Cookie", at.cookie()])).status).toBe(202);
  expect(at.serving.context.decisions).toBeUndefined();
});

test("a sign-out counts at once", async () => {
  const at = await start();
  const cookie = ["Cookie", at.cookie()];
  await prime(at, cookie);
  const { sessions } = at.serving.context;
  const entry = await sessions.load(cookie[1]);
  if (entry !== undefined) await sessions.end(entry);
  expect((await auth(at, cookie)).status).toBe(401);
});

test("an address taken from the file counts at once", async () => {
  const file = join(folder, "emails");
  writeFileSync(file, "ada@example.com\n");
  const at = await start({
    OAUTH2_PROXY_EMAIL_DOMAINS: "none.example",
    OAUTH2_PROXY_AUTHENTICATED_EMAILS_FILE: file,
  });
  const cookie = ["Cookie", at.cookie()];
  expect((await prime(at, cookie)).status).toBe(202);
  writeFileSync(file, "bob@example.com\n");
  await expect.poll(async () => (await auth(at, cookie)).status).toBe(401);
});

test("the constraints of another query are asked anew", async () => {
  const at = await start();
  const cookie = ["Cookie", at.cookie()];
  expect((await prime(at, cookie, "/oauth2/auth?allowed_groups=ops")).status).toBe(202);
  expect((await auth(at, cookie, "/oauth2/auth?allowed_groups=root")).status).toBe(403);
  expect((await auth(at, cookie, "/oauth2/auth")).status).toBe(202);
});

test("a session that is let through on an open path only stays out elsewhere", async () => {
  const at = await start({ OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/open/" });
  const cookie = ["Cookie", at.cookie({ email: "eve@example.org" })];
  for (let turn = 0; turn < 3; turn++) {
    expect((await auth(at, [...cookie, "X-Forwarded-Uri", "/open/x"])).status).toBe(202);
    expect((await auth(at, [...cookie, "X-Forwarded-Uri", "/closed/x"])).status).toBe(401);
  }
});

test("a request with other faults is refused although its cookie is known", async () => {
  const at = await start();
  const cookie = ["Cookie", at.cookie()];
  await prime(at, cookie);
  expect((await auth(at, [...cookie, "X-Forwarded-Uri", "/a", "X-Forwarded-Uri", "/b"])).status).toBe(400);
});

test("a cookie that differs in one character is no session", async () => {
  const at = await start();
  const cookie = at.cookie();
  await prime(at, ["Cookie", cookie]);
  for (const index of [20, cookie.length - 60, cookie.length - 2]) {
    const other = cookie.slice(0, index) + (cookie[index] === "A" ? "B" : "A") + cookie.slice(index + 1);
    expect((await auth(at, ["Cookie", other])).status, `at ${index}`).toBe(401);
  }
});

test("an answer that sets cookies is for one browser and is not kept", async () => {
  const at = await start({ OAUTH2_PROXY_COOKIE_REFRESH: "1h" });
  const { sessions, decisions } = at.serving.context;
  const old = at.cookie();
  const entry = await sessions.load(old);
  if (entry === undefined) throw new Error("no session");
  const later = { ...entry.session, refreshedAt: entry.session.refreshedAt + 1 };
  expect(await sessions.replace(entry, later)).toBeDefined();
  expect((await prime(at, ["Cookie", old])).headers.get("set-cookie")).toContain("_oauth2_proxy=");
  expect(decisions?.size).toBe(0);
});
