import { decode, encode } from "charmed-iap/interface";
import { describe, expect, test } from "vitest";
import { forwardAuth, protects, split } from "./index.ts";

const { provider, requirer } = forwardAuth.sides;
const valid = { decisions_address: "http://auth.test:4180", app_names: '["a"]', headers: "[]" };

describe("split()", () => {
  test("puts an application in one list only, in the order asked", () => {
    expect(split(["b", "a", "b", "c"], ["c", "b"])).toEqual({ routed: ["b", "c"], unrouted: ["a"] });
  });

  test("compares whole names: spark is not spark-history", () => {
    expect(split(["spark"], ["spark-history"])).toEqual({ routed: [], unrouted: ["spark"] });
  });
});

test("protects() compares whole names", () => {
  expect([
    protects({ app_names: ["spark-history"] }, "spark"),
    protects({ app_names: ["spark"] }, "spark"),
  ]).toEqual([false, true]);
});

describe("provider databag", () => {
  test.each([
    ["4180", "decisions_address"],
    ["ftp://auth.test", "decisions_address"],
    ["http://auth.test/ x", "decisions_address"],
    ["http://user:secret@auth.test", "decisions_address"],
    ["http://auth.test\\@evil.test", "decisions_address"],
  ])("refuses the address %j", (decisions_address, path) => {
    const read = decode(provider.app, { ...valid, decisions_address });
    expect(read).toMatchObject({ state: "invalid", issues: [{ path: [path] }] });
  });

  test.each([
    { app_names: "null" },
    { app_names: '["a"' },
    { app_names: "[1]" },
    { headers: '["X\\r\\nSet-Cookie: a"]' },
  ])("is invalid with %j", (wrong) => {
    expect(decode(provider.app, { ...valid, ...wrong }).state).toBe("invalid");
  });

  test("is invalid without a list of names: a half-filled databag opens nothing", () => {
    expect(decode(provider.app, { decisions_address: valid.decisions_address }).state).toBe("invalid");
  });

  test("always writes headers, which older readers demand", () => {
    expect(encode(provider.app, { decisions_address: "http://a.test:1", app_names: [] })).toEqual({
      app_names: "[]",
      decisions_address: "http://a.test:1",
      headers: "[]",
    });
  });
});

test("a gateway's names are read as JSON or as one bare name", () => {
  const read = (ingress_app_names: string) => decode(requirer.app, { ingress_app_names });
  expect(read('["b","a"]')).toEqual({ state: "ready", data: { ingress_app_names: ["b", "a"] } });
  expect(read("spark")).toEqual({ state: "ready", data: { ingress_app_names: ["spark"] } });
});
