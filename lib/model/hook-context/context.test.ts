import { expect, test } from "vitest";
import { type HookCommit, type HookWorld, lateValue } from "../world.ts";
import { hookCommandNames } from "./commands/table.ts";
import { HookContext } from "./context.ts";
import { FlushError } from "./errors.ts";
import type { HookContextOptions, ImmediateCall } from "./types.ts";

const world: HookWorld = {
  model: { name: "m", uuid: "8419cd78-4993-4c3a-928e-c646226beeee", type: "caas" },
  unit: "web/0",
  leader: true,
  config: {},
  relations: [
    {
      id: 1,
      key: "web:db postgresql:database",
      endpoint: "db",
      role: "requirer",
      interface: "pgsql",
      "remote-app": "postgresql",
      members: ["postgresql/0"],
      data: { web: {}, "web/0": {}, postgresql: {}, "postgresql/0": {} },
    },
  ],
  secrets: [
    {
      id: "9m4e2mr0ui3e8a215n6g",
      owner: "",
      label: "",
      revision: 3,
      content: { "2": { pw: "b2xk" }, "3": { pw: "bmV3" } },
    },
  ],
  hook: { kind: "update-status" },
};

function contextOf(options: Partial<HookContextOptions> = {}) {
  const calls: ImmediateCall[] = [];
  const context = new HookContext({
    world,
    version: { major: 4, minor: 0 },
    newSecretId: () => "9m4e2mr0ui3e8a21001g",
    now: () => new Date("2026-01-02T03:04:05Z"),
    onImmediate: (call) => calls.push(call),
    ...options,
  });
  const run = (line: string, stdin?: Uint8Array) => {
    const [command = "", ...args] = line.split(" ");
    const answer = context.run(command, args, stdin, { dir: "/charm" });
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { ...answer, stdout: text(answer.stdout), stderr: text(answer.stderr) };
  };
  return { context, run, calls };
}

test("a hook that only reads asks for nothing", () => {
  const { context, run } = contextOf();
  run("config-get");
  run("relation-get -r 1 - postgresql/0");
  const commit: HookCommit | undefined = context.commit();
  expect(commit).toBeUndefined();
});

test.each(["smart", "json"])("text, bytes and value of an answer printed as %s are the same", (format) => {
  const { context } = contextOf();
  for (const args of [
    ["is-leader"],
    ["relation-list", "-r", "1"],
    ["relation-get", "-r", "1", "-", "web/0"],
  ]) {
    const [command = "", ...rest] = args;
    const answer = context.run(command, [`--format=${format}`, ...rest]);
    expect(answer.exitCode).toBe(0);
    expect(answer.text).not.toBe("");
    expect(new TextDecoder().decode(answer.stdout)).toBe(answer.text);
    expect(answer.json).toEqual(format === "json" ? JSON.parse(answer.text) : undefined);
  }
});

test("leadership once lost stays lost for this hook", () => {
  let leads = true;
  const { run } = contextOf({ leaderNow: () => leads });
  expect(run("is-leader").stdout).toBe("True\n");
  leads = false;
  expect(run("is-leader").stdout).toBe("False\n");
  leads = true;
  expect(run("is-leader").stdout).toBe("False\n");
  expect(run("relation-set -r 1 --app a=b").stderr).toBe("ERROR cannot write relation settings\n");
});

test("a status set after it was read is not seen; the application's is", () => {
  const { run, calls } = contextOf();
  run("status-get");
  run("status-set blocked b");
  run("status-set --application waiting w");
  expect(run("status-get").stdout).toBe("unknown\n");
  expect(run("status-get --application").stdout).toBe("waiting\n");
  expect(calls).toEqual([
    { kind: "unit-status", status: "blocked", message: "b" },
    { kind: "application-status", status: "waiting", message: "w" },
  ]);
});

test("what the host refuses to do at once is the command's error", () => {
  const { run } = contextOf({
    onImmediate: () => {
      throw new Error("model is read only");
    },
  });
  expect(run("application-version-set 1")).toMatchObject({
    exitCode: 1,
    stderr: "ERROR model is read only\n",
  });
});

test("the first read of a secret tracks the latest revision, a peek included", () => {
  const { run, calls } = contextOf();
  expect(run("secret-get 9m4e2mr0ui3e8a215n6g --peek").stdout).toBe("pw: new\n");
  run("secret-get 9m4e2mr0ui3e8a215n6g --label mine");
  expect(run("secret-get --label mine").stdout).toBe("pw: new\n");
  const read = { kind: "secret-read", id: "9m4e2mr0ui3e8a215n6g", revision: 3, refresh: false };
  expect(calls).toEqual([read, { ...read, label: "mine" }, read]);
});

test("a file comes from the caller's directory, or from standard input when there is some", () => {
  const files = { read: (path: string) => (path === "/charm/f.yaml" ? Buffer.from("a: 1\n") : undefined) };
  const { context, run } = contextOf({ files });
  expect(run("state-set --file f.yaml").exitCode).toBe(0);
  expect(run("state-set --file -")).toMatchObject({ needsStdin: true, exitCode: 1 });
  expect(run("state-set --file -", Buffer.from('{"b": " x "}')).exitCode).toBe(0);
  expect(run("state-set --file ../none").stderr).toBe("ERROR open /none: no such file or directory\n");
  expect(context.commit()?.["unit-state"]?.["charm-state"]).toEqual({ a: "1", b: " x " });
});

test("a refresh of a secret changed in this hook tracks the new revision from the commit on", () => {
  const owned = { ...lateValue(world.secrets ?? [])[0]!, owner: "unit-web-0", label: "mine", tracked: 2 };
  const { context, run } = contextOf({ world: { ...world, secrets: [owned] } });
  run(`secret-set ${owned.id} pwd=next`);
  expect(run("secret-get --label mine").stdout).toBe("pw: old\n");
  expect(run("secret-get --label mine --refresh").stdout).toBe("pwd: next\n");
  expect(context.commit()).toMatchObject({
    "secret-updates": [{ content: { data: { pwd: "bmV4dA==" } }, uri: `secret:${owned.id}` }],
    "secret-track-latest": [owned.id],
  });
});

test("keys named like parts of an object stay keys", () => {
  const { context, run } = contextOf();
  run("relation-set -r 1 __proto__=x constructor=y");
  expect(run("relation-get -r 1 - web/0 --format=json").stdout).toBe('{"__proto__":"x","constructor":"y"}\n');
  const [change] = context.commit()?.["relation-unit-settings"] ?? [];
  expect(Object.entries(change?.settings ?? {})).toEqual([
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
  expect(run("config-get constructor").stdout).toBe("");
});

test("both kinds of pod specification in one hook fail the flush", () => {
  const { context, run } = contextOf({ version: { major: 3, minor: 6 } });
  run("k8s-spec-set", Buffer.from("version: 3\ncontainers: [{name: a}]\n"));
  run("k8s-raw-set", Buffer.from("a: b"));
  expect(() => context.commit()).toThrow(FlushError);
});

test("results of an action nest, and a later value replaces what is in its way", () => {
  const { context, run } = contextOf({ world: { ...world, action: { name: "backup", id: "2" } } });
  run("action-set a=1 b.c=2 b.d=3");
  run("action-set a.x=4 b=5");
  expect(context.actionResult).toEqual({ results: { a: { x: "4" }, b: "5" } });
  run("action-fail");
  expect(context.actionResult.failed?.message).toBe(
    "action failed without reason given, check action for errors",
  );
});

test("every command has help, and each release its commands", () => {
  const { run } = contextOf({ version: { major: 3, minor: 6 } });
  const all = hookCommandNames({ major: 3, minor: 6 });
  expect(all).toHaveLength(49);
  expect(hookCommandNames({ major: 4, minor: 0 })).toHaveLength(38);
  for (const name of all) expect(run(`${name} --help`).stdout).toMatch(`Usage: ${name}`);
});
