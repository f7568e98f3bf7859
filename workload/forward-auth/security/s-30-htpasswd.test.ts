/** S-30: local users and their passwords. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashSync } from "bcryptjs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHtpasswd } from "../htpasswd/file.ts";
import { BcryptThread, MOST_COST, readStored } from "../htpasswd/passwords.ts";
import { Browser, type CompatWorld, startCompat } from "../testing/compat-world.ts";
import { ask } from "../testing/question.ts";

const folder = mkdtempSync(join(tmpdir(), "htpasswd-"));
const file = join(folder, "users");
/** SHA-1 of `secret`. */
const SHA = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";
let world: CompatWorld;
beforeAll(async () => {
  writeFileSync(file, `ada:${hashSync("right", 4)}\nbob:${SHA}\n# none\n`);
  world = await startCompat({ OAUTH2_PROXY_HTPASSWD_FILE: file });
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

const FORM = ["Content-Type", "application/x-www-form-urlencoded"];
const form = (user: string, password: string, headers: readonly string[] = []) => {
  const body = new URLSearchParams({ username: user, password }).toString();
  const sent = ["Host", "app.example.com", ...FORM, "Content-Length", String(body.length), ...headers];
  return ask(world.point.port, "/oauth2/sign_in", sent, "POST", body);
};
const basic = (user: string, password: string) =>
  ask(world.point.port, "/oauth2/auth", [
    "Authorization",
    `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
  ]);

test("S-30 who knows the password is in, who does not is not", async () => {
  expect((await form("ada", "right")).headers.get("set-cookie")).toMatch(/^_oauth2_proxy=[^;]{40,}/);
  expect([(await form("ada", "wrong")).status, (await form("nobody", "right")).status]).toEqual([401, 401]);
  expect([(await basic("bob", "secret")).status, (await basic("bob", "Secret")).status]).toEqual([202, 401]);
});

test("S-30 a password in a header makes no session", async () => {
  expect((await basic("ada", "right")).headers.has("set-cookie")).toBe(false);
});

test("S-30 a form on another site signs nobody in", async () => {
  expect((await form("ada", "right", ["Origin", "https://evil.example"])).status).toBe(403);
  expect((await form("ada", "right", ["Sec-Fetch-Site", "cross-site"])).status).toBe(403);
  expect((await form("ada", "right", ["Origin", "https://app.example.com"])).status).toBe(302);
});

test("S-30 an unknown user costs what a known one costs", async () => {
  const thread = new BcryptThread();
  const time = async (hash: string) => {
    const started = performance.now();
    await thread.compare("password", hash);
    return performance.now() - started;
  };
  const stored = readStored("$2b$10$abcdefghijklmnopqrstuuJUtXPv7vmF8GFGJBRWTtTDZ3ZbkzI9m");
  expect(stored?.kind).toBe("bcrypt");
  if (stored?.kind !== "bcrypt") return;
  await time(stored.hash);
  expect(await time(stored.hash)).toBeGreaterThan(5);
  await thread.close();
});

test("S-30 passwords are computed beside the loop, which goes on answering", async () => {
  writeFileSync(file, `ada:${hashSync("right", 4)}\nslow:$2b$12$${"a".repeat(53)}\nbob:${SHA}\n`);
  await world.point.serving.context.htpasswd?.check();
  const waiting = form("slow", "guess");
  const pings = await Promise.all(Array.from({ length: 20 }, () => ask(world.point.port, "/ping")));
  expect(pings.every(({ status }) => status === 200)).toBe(true);
  const first = await Promise.race([
    waiting.then(() => "password"),
    ask(world.point.port, "/ping").then(() => "ping"),
  ]);
  expect(first).toBe("ping");
  expect((await waiting).status).toBe(401);
});

test("S-30 guesses at one user are stopped, and nobody else is", async () => {
  for (let turn = 0; turn < 12; turn++) await form("bob", `guess-${turn}`);
  expect((await form("bob", "secret")).status).toBe(401);
  expect((await form("ada", "right")).status).toBe(302);
});

test.each([
  `a:b:${SHA}`,
  "a\u0001b:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
  `:${SHA}`,
  "a:plain",
  "a:",
  "a",
  `a:$2b$31$${"a".repeat(53)}`,
  `a:$2b$${MOST_COST + 1}$${"a".repeat(53)}`,
  "a:$apr1$x$y",
  "a:{SHA}short",
])("S-30 the line %j does not count, and its content is told to nobody", (line) => {
  const { users, issues } = readHtpasswd(`${line}\ngood:${SHA}\n`);
  expect([...users.keys()]).toEqual(["good"]);
  expect(issues).toHaveLength(1);
  expect(issues.join()).not.toContain(line.slice(2) || "\u0000");
});

test("S-30 of equal users the last counts; unsalted ones are noted", () => {
  const { users, weak } = readHtpasswd(`a:${SHA}\na:${hashSync("x", 4)}\n`);
  expect([users.get("a")?.kind, weak, readHtpasswd(`a:${SHA}\n`).weak]).toEqual(["bcrypt", false, true]);
});

test("S-30 any text is read without a throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
      for (const user of readHtpasswd(text).users.keys()) expect(user).not.toMatch(/[:\x00-\x1f\x7f]/);
    }),
    { numRuns: 300 },
  );
});

test("S-30 the form is shown with what browsers need to keep passwords", async () => {
  const { body } = await new Browser(world.point.port).get("/oauth2/sign_in");
  expect(body).toMatch(/autocomplete="current-password"/);
});
