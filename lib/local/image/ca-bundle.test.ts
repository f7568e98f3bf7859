import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ADDED_BUNDLE, BUNDLE, systemAuthorities, updateAuthorities } from "./ca-bundle.ts";
import { imageFolder, updateProgram } from "./image.ts";

const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "iap-root-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function add(name: string, text: string): void {
  const path = join(root, "usr/local/share/ca-certificates", name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

test("updateAuthorities() adds every .crt, in folders too, behind the machine's, and says what changed", () => {
  add("b.crt", `words\n${pem("B")}\n${pem("B2")}`);
  add("charm/a.crt", pem("A"));
  add("c.pem", pem("C"));
  add("junk.crt", "no certificate");
  expect(updateAuthorities(root)).toEqual({ added: 3, removed: 0 });
  expect(readFileSync(join(root, ADDED_BUNDLE), "utf8")).toBe(`${pem("B")}\n${pem("B2")}\n${pem("A")}\n`);
  const all = readFileSync(join(root, BUNDLE), "utf8");
  expect(all.startsWith(systemAuthorities().trimEnd())).toBe(true);
  expect(all.endsWith(`${pem("A")}\n`)).toBe(true);
  rmSync(join(root, "usr/local/share/ca-certificates/b.crt"));
  expect(updateAuthorities(root)).toEqual({ added: 0, removed: 2 });
});

test("the container's update-ca-certificates changes the container", () => {
  const program = join(root, "update-ca-certificates");
  writeFileSync(program, updateProgram(root), { mode: 0o755 });
  add("a.crt", pem("A"));
  expect(execFileSync(program, { encoding: "utf8" })).toContain("1 added, 0 removed; done.");
  expect(readFileSync(join(root, ADDED_BUNDLE), "utf8")).toBe(`${pem("A")}\n`);
});

test("imageFolder() takes a folder with a bin, else a local image, else nothing", () => {
  mkdirSync(join(root, "bin"));
  expect(imageFolder(root, "whoami")).toBe(root);
  expect(() => imageFolder(join(root, "bin"), undefined)).toThrow('it has no folder "bin"');
  const whoami = imageFolder("ghcr.io/traefik/whoami:1", "whoami");
  expect(statSync(join(whoami ?? "", "bin")).isDirectory()).toBe(true);
  expect(imageFolder("../..", undefined)).toBeUndefined();
  expect(imageFolder(undefined, "no-such-image")).toBeUndefined();
});
