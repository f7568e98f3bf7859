import { describe, expect, test } from "vitest";
import { copiedHeaders, type DecisionPoint, remember, treatment } from "./protection.ts";

const point: DecisionPoint = { relationId: 3, address: "http://auth:4180", apps: ["a"], headers: ["X-Own"] };

describe("remember()", () => {
  test("takes every name that is listed", () => {
    expect(remember({}, { ...point, apps: ["b", "a"] })).toEqual({ a: 3, b: 3 });
  });

  test("keeps a name when the relation is gone", () => {
    expect(remember({ a: 3 }, undefined)).toEqual({ a: 3 });
  });

  test("lets a name go when the relation that named it lists others", () => {
    expect(remember({ a: 3, b: 3 }, { ...point, apps: ["b"] })).toEqual({ b: 3 });
  });

  test("keeps a name that another relation named: a new decision point with an empty list opens nothing", () => {
    expect(remember({ a: 3 }, { ...point, relationId: 9, apps: [] })).toEqual({ a: 3 });
  });

  test("a new decision point takes over what it lists", () => {
    expect(remember({ a: 3 }, { ...point, relationId: 9 })).toEqual({ a: 9 });
  });
});

describe("treatment()", () => {
  const names = ["a", "remote-1"];
  test.each([
    ["a protected application is asked about", { required: false, remembered: { a: 3 }, point }, "ask"],
    ["the name on this side counts too", { required: false, remembered: { "remote-1": 3 }, point }, "ask"],
    [
      "without a decision point it is closed",
      { required: false, remembered: { a: 3 }, point: undefined },
      "closed",
    ],
    [
      "one that must not be open is closed until it is named",
      { required: true, remembered: {}, point },
      "closed",
    ],
    ["and then asked about", { required: true, remembered: { a: 3 }, point }, "ask"],
    ["any other is open", { required: false, remembered: { b: 3 }, point }, "open"],
    [
      "a name like an object's property is none",
      { required: false, remembered: {}, point: undefined },
      "open",
    ],
  ] as const)("%s", (_title, options, expected) => {
    expect(treatment({ names, ...options })).toBe(expected);
  });

  test("names of built-in properties are not protected by accident", () => {
    expect(treatment({ names: ["constructor"], required: false, remembered: {}, point })).toBe("open");
  });
});

test("copiedHeaders() names every identity header once, so that none can be forged", () => {
  const headers = copiedHeaders({ ...point, headers: ["x-auth-request-user", "X-Own", "bad header"] });
  expect(headers).toContain("x-auth-request-user");
  expect(headers).not.toContain("X-Auth-Request-User");
  expect(headers).toContain("X-Auth-Request-Email");
  expect(headers).toContain("X-Own");
  expect(headers).not.toContain("bad header");
});
