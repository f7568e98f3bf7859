import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadContract, loadProgram } from "./load.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "load-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a charm that cannot be loaded", () => {
  test("says which folder or file is missing", async () => {
    const nowhere = path.join(folder, "nowhere");
    await expect(loadContract(nowhere)).rejects.toThrow(`Cannot load ${nowhere}: there is no such folder`);
    for (const [load, name] of [
      [loadContract, "contract.ts"],
      [loadProgram, "charm.ts"],
    ] as const) {
      await expect(load(folder)).rejects.toThrow(`Cannot load ${path.join(folder, name)}: there is none`);
    }
  });

  test("says where something is thrown", async () => {
    const file = path.join(folder, "contract.ts");
    writeFileSync(file, '// one\n\nthrow new Error("not today");\n');
    await expect(loadContract(folder)).rejects.toThrow(`Cannot load ${file}:3: not today`);
  });

  test("says what an export lacks", async () => {
    writeFileSync(path.join(folder, "contract.ts"), "export const other = 1;\n");
    await expect(loadContract(folder)).rejects.toThrow('contract.ts: it must export "contract"');
    writeFileSync(path.join(folder, "charm.ts"), "export const other = 1;\n");
    await expect(loadProgram(folder)).rejects.toThrow("charm.ts: its default export must be the charm");
  });
});
