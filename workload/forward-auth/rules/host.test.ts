import fc from "fast-check";
import { expect, test } from "vitest";
import { hostPattern, readHost } from "./host.ts";

test.each([
  ["GW.localhost:8443", { name: "gw.localhost", port: 8443 }],
  ["app", { name: "app", port: undefined }],
  ["[::1]:80", { name: "[::1]", port: 80 }],
  ["127.0.0.1", { name: "127.0.0.1", port: undefined }],
])("reads %j", (text, host) => {
  expect(readHost(text)).toEqual(host);
});

test.each([
  "",
  "a.example, b.example",
  "a.example:99999",
  "a.example:0",
  "a.example/..",
  "[::1",
  "a.example@b",
  "a..b",
  "a.",
  "-a",
  "a b",
  "a%2eb",
  "a:1:2",
  "é",
  "x".repeat(300),
])("%j is no host", (text) => {
  expect(readHost(text)).toBeUndefined();
});

const covers = (pattern: string, host: string, scheme = "https", apex = false) =>
  hostPattern(pattern, { apex })?.matches(readHost(host) ?? { name: "", port: undefined }, scheme);

test("a pattern names hosts and ports exactly", () => {
  expect(covers("app.example.com", "app.example.com:443")).toBe(true);
  expect(covers("app.example.com", "APP.example.com")).toBe(true);
  expect(covers("app.example.com", "app.example.com:8443")).toBe(false);
  expect(covers("app.example.com:443", "app.example.com")).toBe(true);
  expect(covers("app.example.com:443", "app.example.com", "http")).toBe(false);
  expect(covers("app.example.com:*", "app.example.com:1")).toBe(true);
  expect(covers("*.example.com", "a.b.example.com")).toBe(true);
  expect(covers("*.example.com", "example.com")).toBe(false);
  expect(covers(".example.com", "example.com", "https", true)).toBe(true);
  expect(covers(".example.com", "evilexample.com", "https", true)).toBe(false);
});

test.each(["*", "https://a", "a.example/*", "a:*:*", "a:1:*", "*.", "."])("%j is no pattern", (text) => {
  expect(hostPattern(text, { apex: false })).toBeUndefined();
});

test("whatever is sent, a host is lower case and free of separators", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webAuthority()), (text) => {
      const host = readHost(text);
      if (host !== undefined) expect(host.name).toMatch(/^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/);
    }),
    { numRuns: 2000 },
  );
});
