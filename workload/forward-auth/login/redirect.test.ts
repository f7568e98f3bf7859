import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hostPattern } from "../rules/host.ts";
import { type RedirectPolicy, readRedirect } from "./redirect.ts";

const vectors = JSON.parse(readFileSync(new URL("../testdata/redirects.json", import.meta.url), "utf8")) as {
  readonly rejected: readonly string[];
  readonly accepted: readonly string[];
  readonly acceptedBeyondUpstream: readonly string[];
};

const WHITELIST = [
  "foo.bar",
  ".bar.foo",
  "port.bar:8080",
  ".sub.port.bar:8080",
  "anyport.bar:*",
  ".sub.anyport.bar:*",
  "*.wildcard.bar",
  "*.wildcard.sub.port.bar:8080",
  "*.wildcard.sub.anyport.bar:*",
].map((text) => hostPattern(text, { apex: true }));

const policy: RedirectPolicy = {
  origin: "https://app.example.com",
  allows: (host, scheme) => WHITELIST.some((pattern) => pattern?.matches(host, scheme) === true),
};

test.each(vectors.rejected)("refuses %j", (target) => {
  expect(readRedirect(target, policy)).toBeUndefined();
});

test.each([...vectors.accepted, ...vectors.acceptedBeyondUpstream])("follows %j", (target) => {
  const location = readRedirect(target, policy);
  expect(location).toBeDefined();
  expect(new URL(location ?? "", policy.origin).href).toBe(new URL(target, policy.origin).href);
});

test("the own origin needs no entry", () => {
  expect(readRedirect("https://app.example.com/x?y", policy)).toBe("https://app.example.com/x?y");
  expect(readRedirect("https://app.example.com:443/x", policy)).toBe("https://app.example.com/x");
  expect(readRedirect("https://app.example.com.evil.example/x", policy)).toBeUndefined();
});

/** Text made of what confuses parsers of addresses. */
const pieces = [
  "/",
  "\\",
  ".",
  "..",
  "@",
  ":",
  "x",
  "?",
  "#",
  "%2f",
  "%5c",
  "%09",
  "\t",
  "\n",
  " ",
  "http",
  "https:",
  "//",
  "evil.example",
  "foo.bar",
  "a",
  "\u200b",
  ";",
];
const hostile = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(""));

test("what is followed stays on the own origin or an allowed host, as a browser reads it", () => {
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string(), fc.webUrl()), (target) => {
      const location = readRedirect(target, policy);
      if (location === undefined) return;
      const url = new URL(location, policy.origin);
      const own = url.origin === policy.origin;
      const port = url.port === "" ? undefined : Number(url.port);
      expect(own || policy.allows({ name: url.hostname, port }, url.protocol.slice(0, -1))).toBe(true);
      expect(location).toMatch(/^[\x21-\x7e]+$/);
    }),
    { numRuns: 3000 },
  );
});

test("what is followed without a look at it is what every parser of URLs leaves as it is", () => {
  const piece = fc.constantFrom(
    "/",
    ".",
    "..",
    "a",
    "~",
    "-",
    "_",
    "9",
    "?",
    "=",
    "&",
    "%2e",
    "%2F",
    ":",
    "#",
    "x.y",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const target = `/${pieces.join("")}`;
      const location = readRedirect(target, policy);
      if (location === undefined) return;
      const { origin, pathname, search, hash } = new URL(target, policy.origin);
      expect([origin, location]).toEqual([policy.origin, pathname + search + hash]);
    }),
    { numRuns: 2000 },
  );
  expect(readRedirect("/app/~me/x.y/?a=b.c&d", policy)).toBe("/app/~me/x.y/?a=b.c&d");
});
