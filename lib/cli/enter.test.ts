import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";

test("node_modules that is a link is left alone: npm ci would empty the folder that it leads to", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "enter-"));
  try {
    const room = path.join(folder, "lib", "cli");
    mkdirSync(room, { recursive: true });
    cpSync(path.join(import.meta.dirname, "enter.mjs"), path.join(room, "enter.mjs"));
    for (const file of ["lib/cli/main.ts", "package.json", "package-lock.json"]) {
      writeFileSync(path.join(folder, file), "{}\n");
    }
    mkdirSync(path.join(folder, "shared"));
    writeFileSync(path.join(folder, "shared", "keep"), "");
    symlinkSync("shared", path.join(folder, "node_modules"));
    const { exitCode, stderr } = await execa(process.execPath, ["lib/cli/enter.mjs", "lib/cli/main.ts"], {
      cwd: folder,
      reject: false,
    });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/^Cannot find the pinned Node.js/),
    });
    expect(readdirSync(path.join(folder, "shared"))).toEqual(["keep"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
