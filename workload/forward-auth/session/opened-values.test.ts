import { expect, test } from "vitest";
import { OpenedValues } from "./opened-values.ts";
import type { Entry } from "./store.ts";

const entry = (name: string): Entry => ({ headers: [name], endsAt: 0 }) as unknown as Entry;
const value = (name: string, signature = name) => `${name.padEnd(80, "v")}|${signature.padStart(60, "s")}`;

test("a value is found again, another under the same signature is not", () => {
  const opened = new OpenedValues();
  opened.set(value("ada"), entry("ada"));
  for (let turn = 0; turn < 3; turn++) {
    expect(opened.get(value("eve", "ada"))).toBeUndefined();
    expect(opened.get(value("ada"))?.headers).toEqual(["ada"]);
  }
  expect(opened.get(value("bob"))).toBeUndefined();
  expect(opened.get("")).toBeUndefined();
});

test("the newer session of a value counts", () => {
  const opened = new OpenedValues();
  opened.set(value("ada"), entry("old"));
  opened.get(value("ada"));
  opened.set(value("ada"), entry("new"));
  expect(opened.get(value("ada"))?.headers).toEqual(["new"]);
});

test("values that come once or twice displace none that came more often", () => {
  const opened = new OpenedValues();
  opened.set(value("ada"), entry("ada"));
  for (let turn = 0; turn < 2; turn++) opened.get(value("ada"));
  for (let user = 0; user < 10_000; user++) {
    opened.set(value(`user-${user}`), entry("other"));
    opened.get(value(`user-${user}`));
  }
  expect(opened.get(value("ada"))?.headers).toEqual(["ada"]);
  expect(opened.get(value("user-0"))).toBeUndefined();
  expect(opened.get(value("user-9999"))).toBeDefined();
});
