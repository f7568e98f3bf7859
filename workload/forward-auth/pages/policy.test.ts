import { expect, test } from "vitest";
import { contentPolicy, pageHeaders } from "./policy.ts";

test("a page with a form of ours tells us, and nobody else, where it comes from", () => {
  expect(pageHeaders("x").at(-1)).toBe("no-referrer");
  expect(pageHeaders("x", true).at(-1)).toBe("same-origin");
});

test.each([
  [{ plain: true }, "form-action 'self' https: http:"],
  [{ plain: false }, "form-action 'self' https:;"],
  [{ pictures: ["https://cdn.example"] }, "img-src https://cdn.example;"],
  [{ foreign: true }, "style-src 'unsafe-inline'; img-src https: data:;"],
])("%j: %s", (needs, part) => {
  const policy = contentPolicy({ style: "", pictures: [], foreign: false, plain: false, ...needs });
  expect(policy).toContain(part);
  expect(policy.startsWith("default-src 'none'; ")).toBe(true);
  expect(policy).not.toContain("script-src");
});
