import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "../../../charmcraft/bundle.ts";
import { sourceStack } from "./source-stack.ts";

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "stack-"));
  await writeFile(path.join(folder, "package.json"), "{}");
  await writeFile(path.join(folder, "main.ts"), '\n\nconsole.log(new Error("a bug").stack);\n');
  await bundle(path.join(folder, "main.ts"), path.join(folder, "main.cjs"));
});
afterAll(() => rm(folder, { recursive: true }));

test("names the place in the source", async () => {
  const { stdout } = await run(process.execPath, [path.join(folder, "main.cjs")]);
  expect(stdout).toContain("main.cjs:");
  expect(sourceStack(stdout)).toMatch(/^Error: a bug\n +at .*\(main\.ts:3:13\)/);
});

test.each([
  ["a bundle without a map", "Error: x\n    at y (/nowhere/main.cjs:1:2)"],
  ["other programs", "Error: x\n    at y (node:net:3:4)\n    at z (/a/b.py:1:2)"],
])("leaves %s as it is", (_name, stack) => expect(sourceStack(stack)).toBe(stack));

test("a map that is broken leaves the stack as it is", async () => {
  await writeFile(path.join(folder, "broken.cjs.map"), "{");
  const stack = `Error: x\n    at y (${path.join(folder, "broken.cjs")}:1:2)`;
  expect(sourceStack(stack)).toBe(stack);
});
