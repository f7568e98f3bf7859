import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { HOOK_COMMANDS } from "./command-names.ts";
import { HookCommandError, type HookErrorCode, HookOutputError, isCharmError } from "./errors.ts";
import { sensitive } from "./sensitive.ts";

/** Complete by its type: a code that is missing here does not compile. */
const codes: Readonly<Record<HookErrorCode, { outcome: string; name: string }>> = {
  ERR_HOOK_COMMAND: new HookCommandError({ command: "x", exitCode: 1, stderr: "", reason: "other" }),
  ERR_HOOK_OUTPUT: new HookOutputError("x", "JSON"),
};

test("the README has one row for each error code, with class and outcome", () => {
  const readme = readFileSync(new URL("./README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| `(ERR_\w+)` +\| `(\w+)` +\| (\w+) +\|/gm)].map((row) => row.slice(1));
  expect(rows).toEqual(Object.entries(codes).map(([code, { name, outcome }]) => [code, name, outcome]));
});

test("isCharmError() knows errors of another copy of the package by their mark", () => {
  const foreign = Object.assign(new Error("x"), { [Symbol.for("charmed-iap.error")]: true });
  expect(isCharmError(foreign)).toBe(true);
  expect(isCharmError(new Error("x"))).toBe(false);
  expect(isCharmError({ [Symbol.for("charmed-iap.error")]: true })).toBe(false);
});

test("a sensitive value does not print, in any of the usual ways", () => {
  const value = sensitive("hunter2");
  const printed = [
    `${value}`,
    String(value),
    `${[value]}`,
    JSON.stringify({ value }),
    inspect({ value }, { showHidden: true }),
  ];
  for (const text of printed) {
    expect(text).toContain("***");
    expect(text).not.toContain("hunter2");
  }
  expect(value.reveal()).toBe("hunter2");
});

test("HOOK_COMMANDS has Juju's 49 commands of 3.6, of which 4.x removed 11", () => {
  expect(HOOK_COMMANDS["3.6"]).toHaveLength(49);
  expect(HOOK_COMMANDS["4.x"]).toHaveLength(38);
  expect([...HOOK_COMMANDS["3.6"]].sort()).toEqual(HOOK_COMMANDS["3.6"]);
  expect(HOOK_COMMANDS["4.x"].every((name) => HOOK_COMMANDS["3.6"].includes(name))).toBe(true);
});
