import { expect, test } from "vitest";
import { routeExpression } from "./expression.ts";

const holds = (text: string, method: string, path: string) => routeExpression(text).matches(method, path);

test("a method narrows an expression; a negated one takes the other paths of that method", () => {
  expect(holds("^/health$", "POST", "/health")).toBe(true);
  expect(holds("GET=^/health$", "GET", "/health")).toBe(true);
  expect(holds("get=^/health$", "GET", "/health")).toBe(true);
  expect(holds("GET=^/health$", "get", "/health")).toBe(false);
  expect(holds("GET=^/health$", "POST", "/health")).toBe(false);
  expect(holds("GET!=^/admin", "GET", "/x")).toBe(true);
  expect(holds("GET!=^/admin", "GET", "/admin/x")).toBe(false);
  expect(holds("GET!=^/admin", "POST", "/x")).toBe(false);
});

test("a sign inside the expression is part of it", () => {
  expect(holds("^/x=1$", "GET", "/x=1")).toBe(true);
  expect(holds("GET=^/a!=b$", "GET", "/a!=b")).toBe(true);
});

test.each(["", "(", "(?=x)", "(a)\\1", "x".repeat(1025), "GET="])("%j is no expression", (text) => {
  expect(() => routeExpression(text)).toThrow(RangeError);
});

test("takes linear time", () => {
  const expression = routeExpression("^/(a+)+$");
  const before = process.threadCpuUsage();
  expect(expression.matches("GET", `/${"a".repeat(5000)}!`)).toBe(false);
  expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(500);
});
