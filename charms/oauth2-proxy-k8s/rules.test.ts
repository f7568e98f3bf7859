import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anonymousPath, type Protected, refusedEndpoints, rules, type Wishes } from "./rules.ts";

const wishes: Wishes = {
  protected_urls: ["https://gw.test:8443/iam-web"],
  allowed_endpoints: [],
  authenticated_emails: [],
  authenticated_email_domains: [],
};
const web: Protected = { name: "web", relationId: 1, wishes };

describe("rules()", () => {
  test("an application that has said nothing is there, and nobody passes", () => {
    expect(rules([{ name: "web", relationId: 1 }]).applications["web"]).toEqual({ routes: [], allow: {} });
  });

  test("without addresses and domains everyone who signed in passes", () => {
    expect(rules([web]).applications["web"]).toEqual({
      routes: [{ hosts: ["gw.test:8443"], paths: ["/iam-web"] }],
      allow: { everyone: true },
    });
  });

  test("one application's people, domains and open paths stay its own", () => {
    const other: Protected = {
      name: "other",
      relationId: 2,
      wishes: {
        protected_urls: ["https://gw.test:8443/iam-other"],
        allowed_endpoints: ["health"],
        authenticated_emails: ["b@x.test", "a@x.test"],
        authenticated_email_domains: ["y.test"],
      },
    };
    const { applications } = rules([web, other]);
    expect(applications["web"]?.allow).toEqual({ everyone: true });
    expect(applications["web"]?.anonymous_paths).toBeUndefined();
    expect(applications["other"]).toEqual({
      routes: [{ hosts: ["gw.test:8443"], paths: ["/iam-other"] }],
      allow: { emails: ["a@x.test", "b@x.test"], email_domains: ["y.test"] },
      anonymous_paths: ["^/iam-other/health$"],
    });
  });

  test("two applications that give the same name stay two", () => {
    const { applications } = rules([web, { ...web, relationId: 9 }]);
    expect(Object.keys(applications)).toEqual(["web:1", "web:9"]);
  });

  test("the order of relations makes no difference", () => {
    const a = { ...web, name: "a" };
    expect(JSON.stringify(rules([web, a]))).toBe(JSON.stringify(rules([a, web])));
  });
});

describe("anonymousPath()", () => {
  test.each([
    ["welcome", "^/iam-web/welcome$"],
    ["/about/app", "^/iam-web/about/app$"],
    ["static/*", "^/iam-web/static/.*$"],
    ["GET=^/api/v1$", "GET^/iam-web/api/v1$".replace("GET", "GET=")],
    ["a.b", "^/iam-web/a\\.b$"],
  ])("%s opens %s", (endpoint, pattern) => {
    expect(anonymousPath("/iam-web", endpoint)).toBe(pattern);
  });

  test.each(["", "/", "*", ".*", "^/.*$", "GET=.*", "//", "^"])(
    "%j is refused: it would open everything",
    (endpoint) => {
      expect(anonymousPath("/iam-web", endpoint)).toBeUndefined();
      expect(refusedEndpoints({ ...wishes, allowed_endpoints: [endpoint] })).toEqual([endpoint]);
    },
  );

  test("whatever an endpoint says, it opens nothing outside the application's own path", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (endpoint, path) => {
        const [, pattern] = /^(?:[A-Z]+!?=)?(.*)$/s.exec(anonymousPath("/iam-web", endpoint) ?? "") ?? [];
        if (!pattern) return;
        const full = `/${path}`;
        if (new RegExp(pattern, "s").test(full)) expect(full.startsWith("/iam-web/")).toBe(true);
      }),
    );
  });
});
