import { decode, encode } from "charmed-iap/interface";
import { describe, expect, test } from "vitest";
import { appName, appNames, authProxy, headers } from "./index.ts";

const bag = authProxy.sides.requirer.app;

describe("appNames()", () => {
  test("has every relation, also those with an empty or broken databag", () => {
    const relations = [
      { remoteApp: "jimm", raw: {} },
      { remoteApp: "broken", raw: { protected_urls: "[", app_name: "../x" } },
      { remoteApp: "remote-0123", raw: { app_name: "spark" } },
    ];
    expect(appNames(relations)).toEqual(["broken", "jimm", "spark"]);
  });

  test.each(["", "../etc", "a\nb", "UPPER", "-x", '["a"]'])(
    "appName() falls back to the alias for %j",
    (app_name) => {
      expect(appName({ remoteApp: "alias", raw: { app_name } })).toBe("alias");
    },
  );
});

test("headers() is the sorted union", () => {
  expect(headers([{ headers: ["X-User"] }, { headers: ["X-Email", "X-User"] }])).toEqual([
    "X-Email",
    "X-User",
  ]);
});

describe("requirer databag", () => {
  test("writes the keys that either kind of proxy demands", () => {
    expect(encode(bag, { protected_urls: [], app_name: "a" })).toEqual({
      allowed_endpoints: "[]",
      app_name: "a",
      authenticated_email_domains: "[]",
      authenticated_emails: "[]",
      headers: "[]",
      protected_urls: "[]",
    });
  });

  test("reads the oathkeeper variant, which has neither people nor a name", () => {
    const read = decode(bag, { protected_urls: "[]", headers: '["X-User"]', allowed_endpoints: '["about"]' });
    expect(read).toMatchObject({ state: "ready", data: { headers: ["X-User"], authenticated_emails: [] } });
  });

  test("takes blanks and empty entries out of lists", () => {
    const read = decode(bag, { protected_urls: "[]", authenticated_emails: '[" a@b.test ","  ",""]' });
    expect(read).toMatchObject({ data: { authenticated_emails: ["a@b.test"] } });
  });

  test.each([
    { headers: '["X-Evil"]' },
    { protected_urls: '["javascript:alert(1)"]' },
    { allowed_endpoints: '["a"' },
  ])("is invalid with %j", (wrong) => {
    expect(decode(bag, { protected_urls: "[]", ...wrong }).state).toBe("invalid");
  });
});
