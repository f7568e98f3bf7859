/** S-23: addresses, domains and groups. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CompatWorld, startCompat } from "../testing/compat-world.ts";
import { ask } from "../testing/question.ts";

let world: CompatWorld;
let below: CompatWorld;
let groups: CompatWorld;
beforeAll(async () => {
  world = await startCompat({ OAUTH2_PROXY_EMAIL_DOMAINS: "company.com" });
  below = await startCompat({ OAUTH2_PROXY_EMAIL_DOMAINS: ".company.com" });
  groups = await startCompat({ OAUTH2_PROXY_ALLOWED_GROUPS: "admin" });
});
afterAll(() => Promise.all([world.close(), below.close(), groups.close()]));

const status = async (at: CompatWorld, session: Parameters<CompatWorld["point"]["cookie"]>[0], query = "") =>
  (await ask(at.point.port, `/oauth2/auth${query}`, ["Cookie", at.point.cookie(session)])).status;

test.each([
  "attacker@evil.com@company.com",
  '"a@evil.com"@company.com',
  "a@company.com.evil.com",
  "a@evilcompany.com",
  "@company.com",
  "company.com",
  "a@company.com ",
  "a@company.com\n",
  "a@comp\u0430ny.com",
  "a b@company.com",
  `${"a".repeat(4000)}@company.com`,
])("S-23 %j is nobody of company.com (CVE-2026-40574)", async (email) => {
  expect(await status(world, { email })).toBe(401);
  expect(await status(world, { email }, "?allowed_email_domains=company.com")).toBe(401);
});

test("S-23 domains have no case, and a leading dot means below", async () => {
  expect(await status(world, { email: "a@COMPANY.com" })).toBe(202);
  expect(await status(below, { email: "a@x.company.com" })).toBe(202);
  expect(await status(below, { email: "a@company.com" })).toBe(401);
});

test("S-23 a group is one element, whatever is in its name", async () => {
  expect(await status(groups, { groups: ["admin"] })).toBe(202);
  for (const name of ["admin,evil", "evil,admin", " admin", "admin\n", "ADMIN", ""])
    expect(await status(groups, { groups: [name] })).toBe(401);
  expect(await status(groups, { groups: ["admin", "a,b"] }, "?allowed_groups=a")).toBe(403);
});

test("S-23 names that could pass for others are not told", async () => {
  const cookie = groups.point.cookie({ groups: ["admin", "a,b", "x\r\nX-Evil: 1"] });
  const answer = await ask(groups.point.port, "/oauth2/auth", ["Cookie", cookie]);
  expect(answer.headers.get("x-auth-request-groups")).not.toContain("a,b");
  expect(answer.headers.has("x-evil")).toBe(false);
});

test("S-23 who may not sign in is signed out and never let through", async () => {
  const cookie = world.point.cookie({ email: "x@other.org" });
  const answer = await ask(world.point.port, "/oauth2/auth", ["Cookie", cookie]);
  expect([answer.status, answer.headers.get("set-cookie")]).toEqual([
    401,
    expect.stringMatching(/Max-Age=0/),
  ]);
  expect((await ask(world.point.port, "/app", ["Cookie", cookie])).status).toBe(403);
});
