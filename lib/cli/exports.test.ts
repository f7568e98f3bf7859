import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
  exports: Record<string, string | Record<string, string>>;
};
const modules = Object.entries(exports).filter(([, target]) => typeof target !== "string");

test.each(modules)("%s is one module: its source, and what dist.ts makes of it", (_, target) => {
  const source = (target as Record<string, string>)["charmed-iap:source"] ?? "";
  expect(existsSync(path.join(root, source))).toBe(true);
  const built = `./dist/${source.slice(2).replace(/\.ts$/, "")}`;
  // The order counts: the first that fits is taken.
  expect(Object.entries(target)).toEqual([
    ["charmed-iap:source", source],
    ["types", `${built}.d.ts`],
    ["default", `${built}.js`],
  ]);
});
