import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { JujuModel } from "charmed-iap/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** Notes its arguments and prints what a file of the command's name says. */
const JUJU = `#!/bin/sh
dir=$(dirname "$0")
printf '%s|' "$@" >> "$dir/calls"; echo >> "$dir/calls"
[ -e "$dir/$1.out" ] && { cat "$dir/$1.out"; exit "$(cat "$dir/$1.code" 2>/dev/null || echo 0)"; }
echo "ERROR $1 was refused" >&2; exit 1
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "juju-model-"));
  writeFileSync(path.join(folder, "juju"), JUJU, { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true }));

const prints = (command: string, text: unknown, code = 0) => {
  writeFileSync(path.join(folder, `${command}.out`), typeof text === "string" ? text : JSON.stringify(text));
  writeFileSync(path.join(folder, `${command}.code`), String(code));
};
const calls = () => readFileSync(path.join(folder, "calls"), "utf8").trimEnd().split("\n");
const model = (timeoutMs = 10_000) =>
  new JujuModel({
    juju: path.join(folder, "juju"),
    model: "c:m",
    charms: { web: "./web.charm" },
    quietMs: 30,
    timeoutMs,
  });

const unit = (agent: string, workload = "active", message = "") => ({
  "workload-status": { current: workload, message },
  "juju-status": { current: agent },
});
const status = (units: object, more: object = {}) => ({
  applications: { web: { "application-status": { current: "active", message: "m" }, units, ...more } },
});

describe("JujuModel", () => {
  test("its verbs are command lines of Juju", async () => {
    for (const command of "deploy integrate remove-relation remove-application scale-application config trust".split(
      " ",
    ))
      prints(command, "");
    const juju = model();
    await juju.deploy("web", "front", { config: { a: "b c", n: 1, f: false }, units: 2, trust: true });
    await juju.deploy("postgresql-k8s");
    await juju.integrate("front:db", "postgresql-k8s:database");
    await juju.removeRelation("front:db", "postgresql-k8s:database");
    await juju.scale("front", 3);
    await juju.setConfig("front", { a: "x=y" });
    await juju.resetConfig("front", ["a", "n"]);
    await juju.trust("front");
    await juju.trust("front", false);
    await juju.removeApplication("front");
    expect(calls()).toEqual([
      "deploy|-m|c:m|./web.charm|front|--config|a=b c|--config|n=1|--config|f=false|-n|2|--trust|",
      "deploy|-m|c:m|postgresql-k8s|postgresql-k8s|",
      "integrate|-m|c:m|front:db|postgresql-k8s:database|",
      "remove-relation|-m|c:m|front:db|postgresql-k8s:database|",
      "scale-application|-m|c:m|front|3|",
      "config|-m|c:m|front|a=x=y|",
      "config|-m|c:m|front|--reset|a,n|",
      "trust|-m|c:m|front|",
      "trust|-m|c:m|front|--remove|",
      "remove-application|-m|c:m|--no-prompt|front|",
    ]);
  });

  test("what Juju refuses is told without the arguments, which may be secret", async () => {
    const running = model().setConfig("web", { password: "hunter22" });
    await expect(running).rejects.toThrow(/^juju config: ERROR config was refused$/);
  });

  test("statuses are those of applications, units and their subordinates", async () => {
    const beside = { "agent/0": unit("idle", "blocked", "b") };
    prints("status", status({ "web/0": { ...unit("idle"), subordinates: beside } }));
    expect(await model().status()).toEqual({ web: "active: m" });
    expect(await model().unitStatus("agent/0")).toBe("blocked: b");
    await expect(model().unitStatus("web/9")).rejects.toThrow('Cannot find unit "web/9"');
  });

  test.each<[string, object, string]>([
    [
      "a hook has failed",
      status({ "web/0": unit("idle", "error", 'hook failed: "start"') }),
      'web/0: hook failed: "start"',
    ],
    ["an agent works", status({ "web/0": unit("executing") }), "web/0 is executing"],
    ["a unit is missing", status({ "web/0": unit("idle") }, { scale: 2 }), "web has 1 of 2 units"],
    ["an application goes", status({}, { life: "dying" }), "web is dying"],
  ])("settle() does not end well while %s", async (_what, said, fault) => {
    prints("status", said);
    await expect(model(100).settle()).rejects.toThrow(fault);
  });

  test("settle() ends when nothing changes any more; an empty model is at rest", async () => {
    prints("status", status({ "web/0": unit("idle") }, { scale: 1 }));
    await model().settle();
    prints("status", { applications: null });
    await model().settle();
  });

  test("parameters of an action are JSON, and one that fails is an answer", async () => {
    prints(
      "run",
      { "web/0": { id: "2", status: "failed", message: "no", results: { "return-code": 0 } } },
      1,
    );
    const task = await model().run("web/0", "act", { a: "on", b: { c: [1, "x"] }, d: true });
    expect(task).toMatchObject({ status: "failed", message: "no", log: [] });
    expect(calls()[0]).toBe('run|-m|c:m|web/0|act|a="on"|b.c=[1,"x"]|d=true|--wait|10000ms|--format|json|');
    prints("run", "", 1);
    await expect(model().run("web/0", "act")).rejects.toThrow("juju run: ");
  });
});
