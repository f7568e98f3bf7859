/** The emitted Terraform modules in front of the real Terraform. Its provider for Juju is not at hand, so none is applied. */

import { globSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../outside.ts";
import { installedProgram } from "./installed.ts";

const root = path.resolve(import.meta.dirname, "../..");
const modules = globSync("charms/*/terraform", { cwd: root }).sort();
const terraform = await installedProgram("terraform", "HashiCorp's packages");

if ("missing" in terraform) {
  describe.skip(`terraform (skipped: ${terraform.missing})`, () => {
    test("", () => {});
  });
} else {
  describe("terraform", () => {
    test("there are modules to look at", () => expect(modules.length).toBeGreaterThan(4));

    test.each(modules)("%s parses, and is laid out as terraform fmt does", async (folder) => {
      // It prints the files that it would change, and fails on those that it cannot parse.
      expect(await run(root, terraform.program, "fmt", "-check", "-diff", folder)).toBe("");
    });
  });
}
