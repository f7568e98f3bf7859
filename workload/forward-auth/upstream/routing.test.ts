import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compileRewrite } from "./rewrite.ts";
import { Routing } from "./routing.ts";
import {
  cleanLocation,
  cleanPath,
  decodePath,
  encodePath,
  isUnclean,
  originForm,
  readTarget,
} from "./target.ts";

const upstream = (path: string, rewriteTarget = "") => ({ path, rewriteTarget });
const routing = new Routing([
  upstream("/"),
  upstream("/a/"),
  upstream("/a/b/"),
  upstream("/exact"),
  upstream("^/api/(.*)$", "/v2/$1"),
  upstream("^/a/(x|y)/longer$", "/z"),
]);
const found = (path: string) => {
  const route = routing.find(path, path);
  return route?.kind === "upstream" ? route.upstream.path : route?.kind;
};

test.each([
  ["/", "/"],
  ["/a", "/"],
  ["/a/", "/a/"],
  ["/a/b", "/a/"],
  ["/a/b/c", "/a/b/"],
  ["/exact", "/exact"],
  ["/exact/x", "/"],
  ["/api/x", "^/api/(.*)$"],
  ["/a/x/longer", "^/a/(x|y)/longer$"],
])("%s belongs to %s", (path, expected) => {
  expect(found(path)).toBe(expected);
});

test("without a catch-all, a path whose prefix is served goes to its prefix, anything else nowhere", () => {
  const few = new Routing([upstream("/base/"), upstream("/exact")]);
  expect(few.find("/base", "/base")).toEqual({ kind: "slash" });
  expect(few.find("/bas", "/bas")).toBeUndefined();
  expect(few.find("/exact/", "/exact/")).toBeUndefined();
});

test("with the raw path, escapes are part of the path", () => {
  const raw = new Routing([upstream("/a%2Fb/"), upstream("/")]);
  const path = (sent: string) => {
    const route = raw.find(sent, decodePath(sent));
    return route?.kind === "upstream" ? route.upstream.path : route?.kind;
  };
  expect([path("/a%2Fb/c"), path("/a/b/c")]).toEqual(["/a%2Fb/", "/"]);
});

test.each([
  ["^/api/(.*)$", "/v2/$1", "/api/x/y", "?z=1&a=2", "/v2/x/y?a=2&z=1"],
  ["^/api/(.*)$", "/v2/$1", "/api/a/b c", "?x=%2F;y", "/v2/a/b%20c"],
  ["^/api/(.*)$", "/v2/$1", "/api/\xe2\x82\xac", "?x", "/v2/%E2%82%AC?x="],
  ["^/api/(.*)$", "/v2/$1", "/api/\xff\xfe", "", "/v2/%FF%FE"],
  ["^/q/([^/]*)/(.*)$", `/qq/\${2}?first=$1&e=%20+b`, "/q/one/two", "?z=1", "/qq/two?e=++b&first=one&z=1"],
  ["^/(?P<name>.*)$", `/$name/$$1/$none/\${3}x`, "/n", "", "/n/$1//x"],
  ["^/(.*)$", "/$1x", "/n", "", "/"],
  ["b*", "-", "/abba", "", "/-/-a-a-"],
  ["^/api/(.*)$", "$1", "/api/x", "", "/x"],
  ["^/q(.*)$", "/$1?a=b&a=c;d&%zz", "/q!*", "?a=0&b c", "/%21%2A?a=b&a=0&b+c="],
])("%s → %s turns %s%s into %s", (expression, template, path, query, expected) => {
  expect(compileRewrite(expression, template).target(path, query)).toBe(expected);
});

test("look-around and back-references are refused; a hostile path costs linear time", () => {
  expect(() => compileRewrite("^/(?=x)", "/")).toThrow(RangeError);
  expect(() => compileRewrite("(", "/")).toThrow(RangeError);
  const rewrite = compileRewrite("^/(a+)+$", "/$1");
  const from = process.threadCpuUsage();
  expect(rewrite.matches(`/${"a".repeat(5000)}!`)).toBe(false);
  expect(process.threadCpuUsage(from).user / 1000).toBeLessThan(500);
});

test.each([
  ["/a/../b", "/b"],
  ["//x", "/x"],
  ["/a//b", "/a/b"],
  ["/a/./", "/a/"],
  ["/a/.", "/a"],
  ["/..", "/"],
  ["/a/b/../..//", "/"],
  ["*", "/%2A"],
])("%s is sent to %s", (path, expected) => {
  expect(cleanLocation(path, "")).toBe(expected);
  expect(cleanLocation(path, "y=//z")).toBe(`${expected}?y=//z`);
});

test("a clean path stays; a cleaned one is clean and has one slash in front", () => {
  for (const path of ["/", "/a", "/a/", "/a/..b/.c/...", "/%2e%2e/x", "/a%2F%2Fb"])
    expect(isUnclean(path)).toBe(false);
  const piece = fc.constantFrom("/", "//", ".", "..", "a", "%2e", "\\", "");
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const clean = cleanPath(`/${pieces.join("")}`);
      expect(isUnclean(clean)).toBe(false);
      expect(clean).toMatch(/^\/(?!\/)/);
    }),
  );
});

test("escapes go there and back, byte for byte", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString("latin1");
      expect(decodePath(encodePath(text))).toBe(text);
      expect(encodePath(text)).toMatch(/^[\x21-\x7e]*$/);
    }),
  );
});

test.each([
  ["/a?b?c", { host: undefined, path: "/a", query: "?b?c" }],
  ["http://h:1//x?y", { host: "h:1", path: "//x", query: "?y" }],
  ["HTTP://h", { host: "h", path: "/", query: "" }],
  ["http://h?x", { host: "h", path: "/", query: "?x" }],
  ["/%zz", undefined],
  ["/%4", undefined],
  ["http://u:p@h/", undefined],
  ["http:///x", undefined],
  ["ftp://h/", undefined],
  ["x", undefined],
  ["?x", undefined],
  ["", undefined],
])("target %s", (url, expected) => {
  expect(readTarget(url)).toEqual(expected);
});

test("an absolute target is its path for everybody who decides", () => {
  expect(originForm("http://h/x?y")).toEqual({ url: "/x?y", host: "h" });
  expect(originForm("//h/x")).toEqual({ url: "//h/x", host: undefined });
});
