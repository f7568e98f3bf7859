import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { installedFrom } from "./installed-from.ts";

/** A package that npm has installed in `<work>/charms`, from where it says. */
function installed(resolved?: string) {
  const work = mkdtempSync(path.join(tmpdir(), "installed-"));
  onTestFinished(() => rmSync(work, { recursive: true }));
  const modules = path.join(work, "charms", "node_modules");
  const home = path.join(modules, "framework");
  mkdirSync(home, { recursive: true });
  const list = JSON.stringify({ packages: { "node_modules/framework": { resolved } } });
  if (resolved !== undefined) writeFileSync(path.join(modules, ".package-lock.json"), list);
  return { work, home };
}

test("an archive is named from the new package's folder", () => {
  const { work, home } = installed("file:../downloads/framework-1.tgz");
  expect(installedFrom(home, path.join(work, "charms", "web"))).toBe("file:../../downloads/framework-1.tgz");
});

test.each([["https://registry.npmjs.org/framework/-/framework-1.tgz"], [undefined]])(
  "installed from %s, it is named by its version",
  (resolved) => {
    const { work, home } = installed(resolved);
    expect(installedFrom(home, path.join(work, "web"))).toBeUndefined();
  },
);
