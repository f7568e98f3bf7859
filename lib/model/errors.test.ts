import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");
const codes = (text: string) => [...new Set(text.match(/\bERR_[A-Z_]+\b/g))].sort();

describe("ModelErrorCode", () => {
  test("has a row in the README for each code, and no other", () => {
    const table = read("README.md")
      .split("\n")
      .filter((line) => line.startsWith("| `ERR_"))
      .join("\n");
    expect(codes(table)).toEqual(codes(read("errors.ts")));
  });
});
