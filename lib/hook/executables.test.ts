import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { executables } from "./executables.ts";
import { answer, commandFolder, serve } from "./fixtures/agent.ts";
import { openTransport } from "./open-transport.ts";

/** Programs in the place of hook commands. */
const folder = mkdtempSync(join(tmpdir(), "programs-"));
const env = { PATH: `${folder}:/usr/bin:/bin` };
let commands: string;

beforeAll(async () => {
  commands = await commandFolder();
  const program = (name: string, text: string): void =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are the shell's.
  program("secret-add", 'for a; do f="${a#*#file=}"; stat -c "%a %F" "$f" "${f%/*}"; cat "$f"; done');
  program("meet", 'touch "$1"; until [ -e "$2" ]; do sleep 0.01; done; echo met');
  program("killed", "kill -9 $$");
  program("descriptors", "ls /proc/$$/fd");
  program("environment", "env; pwd");
  writeFileSync(join(folder, "not-executable"), "", { mode: 0o644 });
});
afterAll(() => {
  for (const made of [folder, commands]) rmSync(made, { recursive: true });
});

async function run(command: string, args: string[] = [], content?: Record<string, Uint8Array>) {
  const done = await executables({ env }).run({ command, args, ...(content ? { content } : {}) });
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { exitCode: done.exitCode, stdout: decode(done.stdout), stderr: decode(done.stderr) };
}

test("executables() hands secret content over in files that only the owner can read", async () => {
  const { stdout } = await run("secret-add", [], { password: Buffer.from("hunter2") });
  expect(stdout).toBe("600 regular file\n700 directory\nhunter2");
});

test.each([
  ["absent", 127, "ERROR absent: executable not found on PATH\n"],
  ["killed", 1, "ERROR killed: ended by SIGKILL\n"],
  ["not-executable", 126, "ERROR not-executable: cannot be started: EACCES\n"],
])("executables() says why %s gave no answer", async (command, exitCode, stderr) => {
  expect(await run(command)).toEqual({ exitCode, stdout: "", stderr });
});

test("executables() says that an argument is too long for a process", async () => {
  const { exitCode, stderr } = await run("environment", ["x".repeat(3_000_000)]);
  expect([exitCode, stderr]).toEqual([126, "ERROR environment: cannot be started: E2BIG\n"]);
});

test("executables() passes the given environment and nothing of this process", async () => {
  const transport = executables({ env: { ...env, ONLY: "this" }, dir: folder });
  const lines = Buffer.from((await transport.run({ command: "environment", args: [] })).stdout)
    .toString()
    .split("\n");
  expect(lines).toContain("ONLY=this");
  expect(lines).toContain(folder);
  expect(lines.some((line) => line.startsWith("HOME="))).toBe(false);
});

test("openTransport() speaks to the socket where Juju names one", async () => {
  const served = await serve("agentSocket", ({ command }) => answer(command));
  const transport = openTransport({ ...served.env, PATH: "" }, { dir: "/" });
  expect(Buffer.from((await transport.run({ command: "is-leader", args: [] })).stdout).toString()).toBe(
    "is-leader",
  );
  transport.close();
  await served.close();
});

test("openTransport() takes the executables when it is told to, and when there is no socket", async () => {
  const served = await serve("agentSocket", () => answer("socket"));
  const environments = [{ ...served.env, CHARMED_IAP_AGENT_SOCKET: "off" }, {}];
  for (const each of environments) {
    const transport = openTransport({ ...each, PATH: "" });
    expect((await transport.run({ command: "is-leader", args: [] })).exitCode).toBe(127);
    transport.close();
  }
  await served.close();
});

test("openTransport() falls back to the executables and says so once", async () => {
  const served = await serve("executables", ({ command }) => answer(command), commands);
  const notes: string[] = [];
  const transport = openTransport(
    { ...served.env, JUJU_AGENT_SOCKET_NETWORK: "tcp" },
    { debug: (message) => notes.push(message) },
  );
  // These commands speak unix only, too; what matters is that they were started.
  const { stderr } = await transport.run({ command: "is-leader", args: [] });
  expect(Buffer.from(stderr).toString()).toBe("ERROR dial tcp: unknown network tcp\n");
  expect(notes).toEqual(["agent socket not used, falling back to executables: network tcp is not supported"]);
  transport.close();
  await served.close();
});

test.skipIf(process.platform !== "linux")(
  "children do not inherit the socket (looked up in /proc)",
  async () => {
    const served = await serve("agentSocket", () => answer("x"));
    await served.transport.run({ command: "is-leader", args: [] });
    const { stdout } = await run("descriptors");
    // A shell may hold its script open at a number of its own choice.
    expect(
      stdout
        .trim()
        .split("\n")
        .map(Number)
        .filter((fd) => fd > 2 && fd < 10),
    ).toEqual([]);
    await served.close();
  },
);

test("executables() runs commands at the same time: each of these waits for the other", async () => {
  const [a, b] = [join(folder, "a"), join(folder, "b")];
  const answers = await Promise.all([run("meet", [a, b]), run("meet", [b, a])]);
  expect(answers.map(({ stdout }) => stdout)).toEqual(["met\n", "met\n"]);
});

test("executables() removes the secret content that a killed process of the same unit has left", async () => {
  const { existsSync, mkdirSync } = await import("node:fs");
  const place = (name: string) => join(tmpdir(), name);
  // No process has this number: it is above the largest that Linux gives.
  const [left, others] = [place("hook-secret-kept-0.4194305.x"), place("hook-secret-kept-1.4194305.x")];
  for (const made of [left, others]) mkdirSync(made, { recursive: true });
  const own = executables({ env: { ...env, JUJU_UNIT_NAME: "kept/0" } });
  await own.run({ command: "secret-add", args: [], content: { key: Buffer.from("value") } });
  expect([existsSync(left), existsSync(others)]).toEqual([false, true]);
  rmSync(others, { recursive: true });
});
