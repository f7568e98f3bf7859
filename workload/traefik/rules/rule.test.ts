import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodedPath, parseTarget } from "../proxy/target.ts";
import { compileRule, type Matchable, RuleFault } from "./rule.ts";

const request = (over: Partial<Matchable> = {}): Matchable => ({
  method: "GET",
  host: "gw.test",
  path: "/m-app/x",
  query: new URLSearchParams("a=1"),
  header: () => [],
  clientIp: "192.0.2.1",
  ...over,
});

describe("compileRule()", () => {
  test.each([
    ["Path(`/m-app/x`)", true],
    ["PathPrefix(`/m-app/`) && Host(`gw.test`)", true],
    ["Path(`/y`) || (Method(`GET`) && !Host(`other.test`))", true],
    ["Query(`a`, `1`) && ClientIP(`192.0.2.0/24`)", true],
    ["PathRegexp(`^/m-[a-z]+/x$`)", true],
    ["Host(`other.test`)", false],
    ["!PathPrefix(`/m-app`)", false],
  ])("%s", (rule, fits) => {
    expect(compileRule(rule)(request())).toBe(fits);
  });

  test.each([
    "",
    "Path(",
    "Nope(`x`)",
    "Path(`x`)",
    "Path(`/a`) Path(`/b`)",
    "PathRegexp(`[`)",
    "toString(`/a`)",
    String.raw`Path("/\a")`,
  ])("refuses %j with its own fault", (rule) => {
    expect(() => compileRule(rule)).toThrow(RuleFault);
  });

  test("any text is a rule or a RuleFault", () => {
    const piece = fc.constantFrom(
      "Host",
      "Path",
      "(",
      ")",
      "`/a`",
      "`",
      '"',
      "\\",
      "!",
      "&&",
      "||",
      ",",
      " ",
      "x",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          compileRule(pieces.join(""))(request());
        } catch (error) {
          expect(error).toBeInstanceOf(RuleFault);
        }
      }),
    );
  });
});

describe("parseTarget()", () => {
  test.each([
    ["/m-app/../m-open/x", "/m-open/x"],
    ["/%2e%2e/%6D-app//x", "/m-app/x"],
    ["/a%2fb", "/a%2Fb"],
  ])("%s becomes %s", (target, path) => {
    expect(parseTarget(target)?.path).toBe(path);
  });

  test("a cleaned path has no dot segments and is clean already", () => {
    const piece = fc.constantFrom("/", ".", "..", "%2e", "%2E", "%2f", "%25", "a", "é", "?", "#", "%zz");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const target = parseTarget(`/${pieces.join("")}`);
        if (!target) return;
        expect(target.path.split("/")).not.toContain("..");
        expect(parseTarget(target.path)?.path).toBe(target.path);
        decodedPath(target.path);
      }),
    );
  });
});
