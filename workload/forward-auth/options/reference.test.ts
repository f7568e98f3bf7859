import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readRules } from "../rules/schema.ts";
import { reference } from "./reference.ts";

const rules = readFileSync(new URL("../docs/rules.md", import.meta.url), "utf8");

/** Rows without the padding that the formatter adds. */
const rows = (text: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith("| `OAUTH2_PROXY_"))
    .map((line) => line.replace(/ +/g, " ").replaceAll("\\*", "*"));

test("OPTIONS.md is the program's: run options/reference.ts --write", () => {
  const written = readFileSync(new URL("../OPTIONS.md", import.meta.url), "utf8");
  expect(rows(written)).toEqual(rows(reference()));
});

test("the rules file of the documentation is one", () => {
  const [, example = ""] = /```json\n([\s\S]+?)```/.exec(rules) ?? [];
  expect(readRules(example)).toMatchObject({ ok: true, issues: [] });
});
