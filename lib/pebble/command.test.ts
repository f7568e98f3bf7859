import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPebble, type EmbeddedPebble } from "./server/index.ts";

const folder = mkdtempSync(path.join(tmpdir(), "pebble-command-"));
const socket = path.join(folder, "p.sock");
const program = fileURLToPath(new URL("./command.ts", import.meta.url));
let pebble: EmbeddedPebble;

beforeAll(async () => {
  pebble = await createPebble({ root: path.join(folder, "root"), image: "/", startGraceMs: 1 });
  await pebble.listen(socket);
});
afterAll(async () => {
  await pebble.close();
  rmSync(folder, { recursive: true });
});

/** Runs the command as a person would. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env["PATH"], PEBBLE_SOCKET: socket } };
    const node = ["--conditions=charmed-iap:source", "--disable-warning=ExperimentalWarning", program];
    execFile(process.execPath, [...node, ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

test("exec gives the command's output and exit code", async () => {
  expect(await run("exec", "--env", "A=b", "--", "/bin/sh", "-c", "echo $A; exit 3")).toEqual({
    code: 3,
    stdout: "b\n",
    stderr: "",
  });
});

test("exec without a command, an unknown command and a bad duration are errors", async () => {
  expect(await run("exec")).toMatchObject({ code: 1, stderr: expect.stringContaining("no command") });
  expect(await run("dance")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('unknown command "dance"'),
  });
  expect((await run("exec", "--timeout", "soon", "--", "true")).code).toBe(1);
});

test("services are a table", async () => {
  expect((await run("services")).stdout).toBe("Service  Startup  Current\n");
});
