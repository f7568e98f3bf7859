import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;
let kept: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "start-"));
  kept = path.join(folder, ".compiled/main.code");
  copyFileSync(path.join(import.meta.dirname, "start.cjs"), path.join(folder, "start.cjs"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string) => writeFileSync(path.join(folder, "main.cjs"), text);

/** What the program prints; it must say nothing else, and end well. */
async function start(...flags: string[]): Promise<string> {
  const { stdout, stderr } = await execa(process.execPath, [...flags, path.join(folder, "start.cjs")]);
  expect(stderr).toBe("");
  return stdout;
}

const ONE = 'function say() { return "one"; } console.log(say());\n';
const TWO = 'function say() { return "two"; } console.log(say());\n';

test("the first run leaves the code, the next ones run it and leave it as it is", async () => {
  write(ONE);
  expect(await start()).toBe("one");
  const { mtimeMs, mode } = statSync(kept);
  expect(mode & 0o777).toBe(0o600);
  expect(readdirSync(path.dirname(kept))).toEqual(["main.code"]);
  expect(await start()).toBe("one");
  expect(statSync(kept).mtimeMs).toBe(mtimeMs);
});

test("it is the code that runs: that of another text of the same length would be taken for this one", async () => {
  write(TWO);
  await start();
  const bytes = readFileSync(kept);
  write(ONE);
  writeFileSync(kept, Buffer.concat([bytes.subarray(0, bytes.length - TWO.length), Buffer.from(ONE)]));
  expect(await start()).toBe("two");
});

test("after an upgrade the new text runs, be it as long as the old one, and leaves its own code", async () => {
  write(ONE);
  await start();
  write(TWO);
  expect(await start()).toBe("two");
  expect(readFileSync(kept).toString("latin1")).toContain(TWO);
  expect(await start()).toBe("two");
});

describe("code that is not whole is not run, and made again", () => {
  const half = (bytes: Buffer) => (bytes.length - ONE.length) / 2;
  test.each<[string, (bytes: Buffer) => Buffer]>([
    [
      "one byte is another",
      (bytes) => bytes.fill(bytes[half(bytes) >> 1]! ^ 1, half(bytes) >> 1, (half(bytes) >> 1) + 1),
    ],
    ["a block is empty", (bytes) => bytes.fill(0, 64, 512)],
    ["all of it is empty", (bytes) => bytes.fill(0)],
    ["there is none", (bytes) => bytes.subarray(2 * half(bytes))],
    ["the end is missing", (bytes) => bytes.subarray(0, bytes.length - 2)],
    ["there is nothing", () => Buffer.alloc(0)],
  ])("%s", async (_what, harm) => {
    write(ONE);
    await start();
    const whole = readFileSync(kept);
    writeFileSync(kept, harm(Buffer.from(whole)));
    expect(await start()).toBe("one");
    expect(readFileSync(kept).length).toBe(whole.length);
    expect(await start()).toBe("one");
  });
});

test("code of other flags is refused and removed, and the next run leaves its own", async () => {
  write(ONE);
  await start("--no-opt");
  expect(await start()).toBe("one");
  expect(readdirSync(path.dirname(kept))).toEqual([]);
  expect(await start()).toBe("one");
  expect(await start()).toBe("one");
  expect(readdirSync(path.dirname(kept))).toEqual(["main.code"]);
});

test("where nothing can be left, nothing is", async () => {
  write(ONE);
  writeFileSync(path.join(folder, ".compiled"), "a file");
  expect(await start()).toBe("one");
  expect(await start()).toBe("one");
});

test("the program is a CommonJS module in its own folder, and its stacks name its places", async () => {
  const text =
    'console.log(require("./late.cjs"), module.exports === exports, this === exports, __filename, __dirname); console.log(new Error("x").stack.split("\\n")[1]);';
  write(text);
  writeFileSync(path.join(folder, "late.cjs"), 'module.exports = "late";');
  const file = path.join(folder, "main.cjs");
  for (const _run of ["first", "next"]) {
    expect((await start()).split("\n")).toEqual([
      `late true true ${file} ${folder}`,
      expect.stringContaining(`${file}:1:${text.indexOf("new Error") + 1}`),
    ]);
  }
});

test("a program that cannot be compiled fails with its place", async () => {
  write("const a = ;");
  const { stderr, exitCode } = await execa(process.execPath, [path.join(folder, "start.cjs")], {
    reject: false,
  });
  expect({ stderr, exitCode }).toMatchObject({ stderr: expect.stringContaining("main.cjs:1"), exitCode: 1 });
  expect(readdirSync(path.dirname(kept))).toEqual([]);
});
