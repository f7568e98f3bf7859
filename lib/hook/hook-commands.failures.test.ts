import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { answer, commandFolder, type Kind, type Respond, type Served, serve } from "./fixtures/agent.ts";
import {
  HookCommandError,
  type HookCommandReason,
  type HookCommands,
  HookOutputError,
  hookCommands,
  inProcess,
  isCharmError,
} from "./index.ts";

/** Juju's words, its exit code, and what they mean. Source: Juju 3.6.28 and 4.0.15. */
const failures: readonly (readonly [stderr: string, exitCode: number, reason: HookCommandReason])[] = [
  ["option provided but not defined: --foo", 2, "usage"],
  ['secret URI "x" not valid', 2, "usage"],
  ['invalid value "7" for option -r: relation not found', 2, "not-found"],
  ['invalid value "x" for option -r: invalid relation id', 2, "usage"],
  ['secret "9m4e2mr0ui3e8a215n4g" not found', 1, "not-found"],
  ["getting latest secret revision: secret not found", 1, "not-found"],
  ['secret URI for consumer label "l" not found', 1, "not-found"],
  ["relation unit not found", 1, "not-found"],
  ['no network config found for binding "x"', 1, "not-found"],
  ['no ingress address attached to space for binding "x"', 1, "not-found"],
  ["permission denied", 1, "permission-denied"],
  ["cannot access cloud credentials: getting model credentials: permission denied", 1, "permission-denied"],
  ["this unit is not the leader", 1, "not-leader"],
  ["finding application status: this unit is not the leader", 1, "not-leader"],
  ["cannot write leadership settings: cannot write settings: not the leader", 1, "not-leader"],
  ["cannot write relation settings", 1, "not-leader"],
  ['secret with label "l" already exists', 1, "conflict"],
  ['cannot open 80-90/tcp (unit "a/0"): port range conflicts with 80/tcp (unit "b/0")', 1, "conflict"],
  ['bad request: wrong context ID; got "x"', 1, "unreachable"],
  ["unexpected EOF", 1, "unreachable"],
  ["bad request: unknown command: secret-ids", 1, "unknown-command"],
  ["not running an action", 1, "other"],
];

let commands: string;
let temporary: string;
beforeAll(async () => {
  commands = await commandFolder();
  temporary = await mkdtemp(join(tmpdir(), "hook-secrets-"));
  vi.stubEnv("TMPDIR", temporary);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([commands, temporary].map((folder) => rm(folder, { recursive: true })));
});

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.fail(`gave ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

describe.each(["inProcess", "agentSocket", "executables"] satisfies Kind[])("%s", (kind) => {
  let respond: Respond;
  let served: Served;
  let juju: HookCommands;
  beforeAll(async () => {
    served = await serve(kind, (request) => respond(request), commands);
    juju = hookCommands(served.transport);
  });
  afterAll(() => served.close());

  test("a failed command is a typed error with command, code, text and reason", async () => {
    respond = () => answer("", 1, "ERROR this unit is not the leader\n");
    const error = await rejection(juju.secretGrant({ id: "secret:x", relation: 1 }));
    expect(isCharmError(error)).toBe(true);
    expect(error).toMatchObject({
      name: "HookCommandError",
      code: "ERR_HOOK_COMMAND",
      outcome: "fail",
      command: "secret-grant",
      exitCode: 1,
      stderr: "this unit is not the leader",
      reason: "not-leader",
      message: "Cannot run secret-grant: exit code 1: this unit is not the leader",
    });
  });

  test("secret content that Juju repeats is not in the error", async () => {
    respond = ({ args }) => answer("", 2, `ERROR key value "${args.at(-1)}" not valid\nhunter2\n`);
    const error = await rejection(juju.secretAdd({ content: { password: "hunter2" } }));
    expect(error).toBeInstanceOf(HookCommandError);
    expect(String(error)).not.toMatch(/hunter2|aHVudGVyMg==/);
  });

  test("files with secret content are gone, whether the command failed or not", async () => {
    respond = () => answer("", 1, "ERROR this unit is not the leader\n");
    await rejection(juju.secretAdd({ content: { password: "hunter2" } }));
    respond = () => answer("secret:1\n");
    await juju.secretAdd({ content: { password: "hunter2" } });
    expect((await readdir(temporary)).filter((name) => name.startsWith("hook-secret-"))).toEqual([]);
  });

  test("output that is no JSON is an error that does not repeat it", async () => {
    respond = () => answer("hunter2\n");
    const error = await rejection(juju.secretGet({ label: "l" }));
    expect(error).toBeInstanceOf(HookOutputError);
    expect(error).toMatchObject({ code: "ERR_HOOK_OUTPUT", command: "secret-get" });
    expect(String(error)).toBe("HookOutputError: Cannot read the output of secret-get: must be JSON");
  });

  test("output of another shape is an error that names the right one", async () => {
    respond = () => answer('{"a":1}\n');
    await expect(juju.relationGet({ relation: 1, target: "a/0" })).rejects.toThrow("must be a map of texts");
    await expect(juju.isLeader()).rejects.toThrow("must be a boolean");
    await expect(juju.openedPorts()).rejects.toThrow("must be a list of port ranges");
  });

  test("stateGet() gives undefined for a key that is not set", async () => {
    respond = () => answer("", 1, 'ERROR "k" not found\n');
    expect(await juju.stateGet("k")).toBeUndefined();
  });

  test("binary output and long input arrive whole", async () => {
    const long = "é".repeat(150_000);
    respond = ({ stdin }) =>
      stdin === undefined ? "needs stdin" : { exitCode: 0, stdout: stdin, stderr: Uint8Array.of(0xff) };
    const stdin = Buffer.from(long);
    const { stdout, stderr } = await served.transport.run({
      command: "state-set",
      args: ["--file", "-"],
      stdin,
    });
    expect([stdout.length, Buffer.from(stdout).equals(stdin)]).toEqual([stdin.length, true]);
    expect([...stderr]).toEqual([0xff]);
  });

  test("a command that reads standard input and is given none reads an empty one", async () => {
    respond = ({ stdin }) => (stdin === undefined ? "needs stdin" : answer(`${stdin.length}`));
    const { stdout } = await served.transport.run({ command: "relation-set", args: ["--file", "-"] });
    expect(new TextDecoder().decode(stdout)).toBe("0");
  });
});

test.each(failures)("%s (exit code %i) means %s", async (stderr, exitCode, reason) => {
  const juju = hookCommands(inProcess(() => answer("", exitCode, `ERROR ${stderr}\n`)));
  expect(await rejection(juju.configGet())).toMatchObject({ stderr, exitCode, reason });
});

test.each([
  ["Ab", "x", 'key "Ab" must be at least three lower case letters'],
  ["a--bc", "x", 'key "a--bc" must be'],
  ["abc", "", 'value of "abc" must not be empty'],
])("secretAdd() refuses %j=%j before anything is sent", async (key, value, message) => {
  const juju = hookCommands(inProcess(() => answer("secret:1\n")));
  await expect(juju.secretAdd({ content: { [key]: value } })).rejects.toThrow(message);
});

test("jujuLog() splits a message that no process could be given, at line ends where it has them", async () => {
  const sent: string[] = [];
  const juju = hookCommands(
    inProcess(({ args }) => {
      sent.push(args.at(-1) ?? "");
      return answer("");
    }),
  );
  await juju.jujuLog("INFO", "é".repeat(60_000));
  expect(sent).toEqual(["é".repeat(50_000), "é".repeat(10_000)]);
  sent.length = 0;
  await juju.jujuLog("INFO", `${"a".repeat(70_000)}\n${"b".repeat(70_000)}`);
  expect(sent).toEqual(["a".repeat(70_000), "b".repeat(70_000)]);
});
