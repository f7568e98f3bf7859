/** S-06: paths that pass without login are those that nobody reads differently. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { skipRoute } from "../rules/skip-route.ts";
import { type CompatWorld, startCompat } from "../testing/compat-world.ts";
import { ask } from "../testing/question.ts";

/** With the rule `^/public/`. */
const CLOSED = [
  "/public/../admin",
  "/public/%2e%2e/admin",
  "/public/.%2e/admin",
  "/public/%2E./admin",
  "/public/..%2fadmin",
  "/public/%2e%2e%2fadmin",
  "/public/..%5cadmin",
  "/public/..\\admin",
  "/public/;/../../admin",
  "/public/..;/admin",
  "/public;a=b/../admin",
  "//admin/public/x",
  "//x/public/../admin",
  "///public/x",
  "/x//public/",
  "/./public/x",
  "/admin%23/public/",
  "/admin#/public/",
  "/admin%3f/public/",
  "/public/%252e%252e/admin",
  "/public/%c0%ae%c0%ae/admin",
  "/public/%u002e%u002e/admin",
  "/public/%00/../admin",
  "/public/%0a",
  "/public/%zz",
  "/public/\u00e9",
  "/admin?x=/public/",
  "/admin?/public/",
  "/admin;/public/",
  "http://h/public/x",
  "*",
  "public/x",
  "/PUBLIC/x",
  "/public",
  "/public/x\ty",
];
const OPEN = [
  "/public/",
  "/public/a%20b",
  "/public/caf%C3%A9",
  "/public/a.b/c..d",
  "/public/a;v=1",
  "/public/?x=/../admin",
];

let world: CompatWorld;
let negated: CompatWorld;
beforeAll(async () => {
  const gateway = { OAUTH2_PROXY_REVERSE_PROXY: "true" };
  world = await startCompat({ ...gateway, OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/public/" });
  negated = await startCompat({ ...gateway, OAUTH2_PROXY_SKIP_AUTH_ROUTES: "GET!=^/admin" });
});
afterAll(() => Promise.all([world.close(), negated.close()]));

const told = async (at: CompatWorld, uri: string) =>
  (await ask(at.point.port, "/oauth2/auth", ["X-Forwarded-Uri", uri])).status;

test.each(CLOSED)("S-06 %j, as a gateway tells it, needs a login", async (uri) => {
  expect([400, 401]).toContain(await told(world, uri));
});

test.each(OPEN)("S-06 %j is open", async (uri) => {
  expect(await told(world, uri)).toBe(202);
});

test.each(CLOSED.filter((uri) => /^\/[\x21-\x7e]*$/.test(uri) && !uri.includes("#")))(
  "S-06 %j on our own request line needs a login",
  async (uri) => {
    const { status, headers } = await ask(world.point.port, uri);
    expect([301, 400, 403]).toContain(status);
    if (status === 301) expect(headers.get("location")).toMatch(/^\/(?!\/)/);
  },
);

test.each(["/admin", "/x/%2e%2e/admin", "/..%2fadmin", "//h/x", "/x%00", "/x%zz"])(
  "S-06 %j is not opened by a rule for everything else",
  async (uri) => {
    expect([400, 401]).toContain(await told(negated, uri));
  },
);

test("S-06 a rule for everything else opens plain paths", async () => {
  expect(await told(negated, "/other")).toBe(202);
});

test("S-06 an expression decides in linear time", () => {
  const route = skipRoute("^/(a+)+$");
  const started = performance.now();
  for (let turn = 0; turn < 20; turn++) expect(route.matches("GET", `/${"a".repeat(50)}!`)).toBe(false);
  expect((performance.now() - started) / 20).toBeLessThan(20);
});

test.each(["(?=x)", "(?<!x)y", "(a)\\1", "(?>a)", "[", "(", "a{1001}", "\\8"])(
  "S-06 %j is no expression",
  (text) => {
    expect(() => skipRoute(text)).toThrow(RangeError);
  },
);
