import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readRules } from "../rules/schema.ts";
import { optionsTable } from "./reference.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Rows without the padding that the formatter adds. */
const rows = (text: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith("| `OAUTH2_PROXY_"))
    .map((line) => line.replace(/ +/g, " ").replaceAll("\\*", "*"));

test("the README's table of options is the program's", () => {
  expect(rows(readme)).toEqual(rows(optionsTable()));
});

test("the README's rules file is one", () => {
  const [, example = ""] = /```json\n([\s\S]+?)```/.exec(readme) ?? [];
  expect(readRules(example)).toMatchObject({ ok: true, issues: [] });
});
