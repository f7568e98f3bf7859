import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeEach, expect, test } from "vitest";
import { RotatingFile } from "./rotating-file.ts";

const root = mkdtempSync(join(tmpdir(), "rotating-"));
afterAll(() => rmSync(root, { recursive: true }));

let folder = "";
let count = 0;
beforeEach(() => {
  folder = join(root, String(count++), "deep");
});

const NOW = Date.UTC(2026, 10, 26, 15, 4, 5, 6);
const MEGABYTE = 1_048_576;

const open = (more: Partial<ConstructorParameters<typeof RotatingFile>[0]> = {}) =>
  new RotatingFile({
    path: join(folder, "proxy.log"),
    maxSize: 1,
    maxAge: 7,
    maxBackups: 0,
    compress: false,
    localTime: false,
    now: () => NOW,
    ...more,
  });

const block = Buffer.alloc(MEGABYTE / 2 + 1, "x");

test("a full file is set aside under its time", () => {
  const file = open();
  file.write(block);
  file.write(block);
  file.close();
  expect(readdirSync(folder).sort()).toEqual(["proxy-2026-11-26T15-04-05.006.log", "proxy.log"]);
  expect(statSync(join(folder, "proxy.log")).size).toBe(block.length);
  expect(statSync(join(folder, "proxy.log")).mode & 0o777).toBe(0o600);
});

test("what is there already is continued", () => {
  const first = open();
  first.write(Buffer.from("one\n"));
  first.close();
  const second = open();
  second.write(Buffer.from("two\n"));
  second.close();
  expect(readFileSync(join(folder, "proxy.log"), "utf8")).toBe("one\ntwo\n");
});

test("old files are deleted by age and by number, others are left alone", async () => {
  open().close();
  for (const name of [
    "proxy-2026-11-01T00-00-00.000.log",
    "proxy-2026-11-24T00-00-00.000.log",
    "proxy-2026-11-25T00-00-00.000.log.gz",
    "proxy-notes.log",
    "other-2026-11-01T00-00-00.000.log",
  ])
    writeFileSync(join(folder, name), "");
  const file = open({ maxBackups: 1 });
  await file.settled;
  file.close();
  expect(readdirSync(folder).sort()).toEqual([
    "other-2026-11-01T00-00-00.000.log",
    "proxy-2026-11-25T00-00-00.000.log.gz",
    "proxy-notes.log",
    "proxy.log",
  ]);
});

test("old files are packed on demand", async () => {
  const file = open({ compress: true });
  file.write(block);
  file.write(block);
  await file.settled;
  file.close();
  const packed = join(folder, "proxy-2026-11-26T15-04-05.006.log.gz");
  expect(existsSync(packed.replace(".gz", ""))).toBe(false);
  expect(gunzipSync(readFileSync(packed)).equals(block)).toBe(true);
});
