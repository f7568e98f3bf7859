import fc from "fast-check";
import { expect, test } from "vitest";
import { isAlias, readHead } from "./head.ts";

test("reads what decides, whatever the case", () => {
  expect(
    readHead([
      "X-FORWARDED-URI",
      "/x",
      "x-forwarded-host",
      "h",
      "Cookie",
      "a=1",
      "cookie",
      "b=2",
      "X-Other",
      "y",
    ]),
  ).toEqual({
    "x-forwarded-uri": "/x",
    "x-forwarded-host": "h",
    cookie: "a=1; b=2",
  });
});

test.each([
  "Host",
  "Authorization",
  "X-Forwarded-Method",
  "X-Forwarded-Proto",
  "X-Forwarded-Host",
  "X-Forwarded-Uri",
])("%s twice is a fault", (name) => {
  expect(readHead([name, "a", name.toLowerCase(), "a"]).fault).toBe("duplicate-header");
});

test.each([
  "X_Forwarded_Uri",
  "x-forwarded_host",
  "X.Auth.Request.Email",
  "X_Auth_Request_User",
  "X-Auth_Request-Groups",
  "Gap_Auth",
  "X_Real_IP",
  "X_Forwarded_User",
])("%s is an alias", (name) => {
  expect(isAlias(name)).toBe(true);
  expect(readHead([name, "x"]).fault).toBe("alias-header");
});

test.each(["X-Auth-Request-Email", "X-Forwarded-User", "some_header", "X.Custom", "Gap-Auth"])(
  "%s is none",
  (name) => {
    expect(isAlias(name)).toBe(false);
    expect(readHead([name, "x"]).fault).toBeUndefined();
  },
);

test("forwarded addresses are joined in order", () => {
  expect(readHead(["X-Forwarded-For", "1.1.1.1", "X-Forwarded-For", "2.2.2.2"])["x-forwarded-for"]).toBe(
    "1.1.1.1, 2.2.2.2",
  );
});

test("no list of headers makes it throw or reaches a prototype", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "cookie", "host"))),
      (raw) => {
        const head = readHead(raw);
        expect(Object.getPrototypeOf(head)).toBeNull();
      },
    ),
  );
});
