import { describe, expect, test } from "vitest";
import { paramFaults } from "./charm-params.ts";
import { Bench, webCharm } from "./testdata/bench.ts";

function started(version = "4.0.15"): Bench {
  const bench = new Bench({ version });
  bench.model.deploy(webCharm());
  bench.settle();
  return bench;
}

describe("actions", () => {
  test("run first in, first out, with defaults and their own variables", () => {
    const bench = started();
    const tasks = [
      bench.model.enqueueAction("web/leader", "act"),
      bench.model.enqueueAction("web/0", "act", { n: 5 }),
    ];
    const seen: unknown[] = [];
    bench.settle((run, call) => {
      const { JUJU_ACTION_NAME, JUJU_ACTION_TAG, JUJU_HOOK_NAME, JUJU_DISPATCH_PATH } = run.environment;
      seen.push([
        JUJU_ACTION_NAME,
        JUJU_ACTION_TAG,
        JUJU_HOOK_NAME,
        JUJU_DISPATCH_PATH,
        call("action-get", "n"),
      ]);
      call("action-set", "a.b=1");
      call("action-log", "working");
      return 0;
    });
    expect(tasks.map((task) => [task.operation, task.id])).toEqual([
      ["0", "1"],
      ["2", "3"],
    ]);
    expect(seen).toEqual([
      ["act", "action-1", "", "actions/act", "3"],
      ["act", "action-3", "", "actions/act", "5"],
    ]);
    const task = bench.model.task("1");
    expect(task).toMatchObject({
      status: "completed",
      message: "",
      results: { a: { b: "1" }, "return-code": 0 },
    });
    expect(task.log).toEqual([{ time: bench.time, message: "working" }]);
  });

  test.each([
    [
      "exits 1",
      { exitCode: 1, stderr: "oh\n" },
      { message: "exit status 1", results: { "return-code": 1, stderr: "oh\n" } },
    ],
    ["is killed", { exitCode: -1, signal: "SIGKILL" }, { message: "signal: kill" }],
    ["is missing", { exitCode: 0, missing: true }, { message: 'action not implemented on unit "web/0"' }],
    [
      "prints bytes",
      { exitCode: 1, stdout: new Uint8Array([255]) },
      { results: { stdout: "/w==", "stdout-encoding": "base64" } },
    ],
  ])("fails when the program %s", (_name, result, expected) => {
    const bench = started();
    const { id } = bench.model.enqueueAction("web/0", "act");
    bench.model.next("web/0")!.finish(result);
    expect(bench.model.task(id)).toMatchObject({ status: "failed", ...expected });
  });

  test("action-fail fails it with exit code 0", () => {
    const bench = started();
    const { id } = bench.model.enqueueAction("web/0", "act");
    bench.settle((_run, call) => {
      call("action-fail", "no");
      return 0;
    });
    expect(bench.model.task(id)).toMatchObject({
      status: "failed",
      message: "no",
      results: { "return-code": 0 },
    });
  });

  test("4.0 enqueues parameters that do not fit and its agent refuses them; 3.6 schedules nothing", () => {
    const four = started();
    const { id } = four.model.enqueueAction("web/0", "act", { n: "x", z: 1 });
    expect(four.settle()).toEqual([]);
    expect(four.model.task(id)).toMatchObject({
      status: "error",
      message:
        'cannot run "act" action: validation failed: (root) : additional property "z" is not allowed, given {"n":"x","z":1}; (root).n : must be of type integer, given "x"',
    });
    const three = started("3.6.28").model.enqueueActions(["web/0"], "act", { n: "x", z: 1 });
    expect(three.tasks).toEqual([]);
    expect(three.errors).toEqual(['validation failed: (root).n : must be of type integer, given "x"']);
  });

  test("an unknown action, unit or leader", () => {
    const { model } = started();
    expect(() => model.enqueueAction("web/0", "nope")).toThrow(
      'action "nope" not defined for unit "web/0". (not found)',
    );
    expect(() => model.enqueueAction("web/9", "act")).toThrow('unit "web/9" not found');
    expect(() => model.enqueueAction("db/leader", "act")).toThrow('could not determine leader for "db"');
    expect(started("3.6.28").model.enqueueActions(["web/0"], "nope").errors).toEqual([
      'action "nope" not defined on unit "web/0"',
    ]);
  });

  test("cancel: pending ones never run, running ones are aborted", () => {
    const bench = started();
    const [first, second] = [
      bench.model.enqueueAction("web/0", "act"),
      bench.model.enqueueAction("web/0", "act"),
    ];
    const run = bench.model.next("web/0")!;
    bench.model.cancelTask(first.id);
    bench.model.cancelTask(second.id);
    expect(bench.model.task(first.id).status).toBe("aborting");
    run.finish({ exitCode: -1, signal: "SIGKILL" });
    expect(bench.settle()).toEqual([]);
    expect([first, second].map(({ id }) => bench.model.task(id).status)).toEqual(["aborted", "cancelled"]);
  });

  test("a commit that is refused fails the task and tells why on standard error", () => {
    const bench = started();
    const { id } = bench.model.enqueueExec("web/0", "storage-add data=1");
    const run = bench.model.next("web/0")!;
    expect([run.kind, run.command, run.dispatchPath]).toEqual(["exec", "storage-add data=1", undefined]);
    run.context.run("storage-add", ["data=1"]);
    run.finish({ exitCode: 0, stderr: "warning" });
    const { results, ...task } = bench.model.task(id);
    expect(task).toMatchObject({ status: "failed", message: "committing requested changes failed" });
    expect(results?.["stderr"]).toMatch(
      /^warning\npreparing storage additions: .* storage name not supported$/,
    );
  });

  test("a restart of the model ends a running task", () => {
    const bench = started();
    const { id } = bench.model.enqueueAction("web/0", "act");
    bench.model.next("web/0");
    bench.model.unitAgentLost("web/0");
    expect(bench.model.task(id)).toMatchObject({ status: "failed", message: "action terminated" });
  });
});

describe("paramFaults()", () => {
  test.each([
    [{ minimum: 1, exclusiveMinimum: true }, 1, "must be greater than 1"],
    [{ maximum: 1, exclusiveMaximum: true }, 1, "must be lower than 1"],
    [{ multipleOf: 5 }, 7, "must be a multiple of 5"],
    [{ minItems: 2 }, [1], "array must have at least 2 items"],
    [{ maxItems: 1 }, [1, 2], "array must have at the most 1 items"],
    [
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      "array items must be unique",
    ],
    [{ anyOf: [{ type: "string" }, { type: "boolean" }] }, 1, "must validate at least one schema (anyOf)"],
    [
      { oneOf: [{ type: "number" }, { type: "integer" }] },
      1,
      "must validate one and only one schema (oneOf)",
    ],
    [{ allOf: [{ type: "number" }, { type: "string" }] }, 1, "must validate all the schemas (allOf)"],
    [{ not: { type: "number" } }, 1, "must not validate the schema (not)"],
  ])("%j refuses %j", (schema, value, text) => {
    expect(paramFaults({ properties: { x: schema } }, { x: value }, false)).toContain(text);
  });

  test.each([
    [{ minimum: 1, exclusiveMinimum: true }, 2],
    [{ anyOf: [{ type: "string" }, { type: "number" }] }, 1],
    [{ oneOf: [{ type: "number" }, { type: "string" }] }, 1],
    [{ allOf: [{ type: "number" }, { minimum: 1 }] }, 1],
    [{ not: { type: "string" } }, 1],
    [{ uniqueItems: true, minItems: 1, maxItems: 2 }, [1, 2]],
  ])("%j accepts %j", (schema, value) => {
    expect(paramFaults({ properties: { x: schema } }, { x: value }, true)).toBeUndefined();
  });
});
