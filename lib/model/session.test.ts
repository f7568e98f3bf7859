import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { replayExec } from "./golden-exec.ts";
import { replaySession } from "./golden-session.ts";

const folder = new URL("../../test/golden/session/", import.meta.url);
const text = (name: string) => readFileSync(new URL(name, folder), "utf8");

describe("replaySession()", () => {
  const report = replaySession(JSON.parse(text("events-4.0.json")));

  test("delivers the hooks that Juju 4.0.15 delivered, with the same variables and answers", () => {
    const { hooks, tools } = report;
    console.log(
      `session: ${hooks.matched} of ${hooks.expected} hooks (${hooks.merged} merged, ${hooks.moved} moved), ` +
        `${tools.matched} of ${tools.expected} hook commands (${tools.excused} excused)`,
    );
    expect(report.faults).toEqual([]);
    expect(hooks.matched + hooks.merged).toBe(hooks.expected);
  });

  test.each(report.outcomes)("the operator sees the recorded text after %s", (step, outcome) => {
    const block = text("session-4.0.txt")
      .split(/^\$ juju /m)
      .find((part) => part.startsWith(`${step}\n`));
    expect(block).toContain(outcome);
  });
});

describe("replayExec()", () => {
  test("answers and refuses as Juju 4.0.15 did", () => {
    const report = replayExec(JSON.parse(text("exec-4.0.json")).results);
    console.log(
      `exec: ${report.matched} of ${report.expected} commands, ${report.leftOut.length} need a machine`,
    );
    expect(report.faults).toEqual([]);
    expect(report.matched).toBe(report.expected);
    expect(report.leftOut.length).toBeLessThanOrEqual(2);
  });
});
