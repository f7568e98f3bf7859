import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compareSessions, describeComparison } from "./golden.ts";
import { replaySession } from "./golden-session.ts";

const folder = new URL("../../test/golden/session/", import.meta.url);
const text = (name: string) => readFileSync(new URL(name, folder), "utf8");

describe("compareSessions()", () => {
  test("the same hooks, variables, answers and refusals as a running Juju 4.0.15", async () => {
    const comparisons = await compareSessions(fileURLToPath(folder));
    for (const comparison of comparisons) console.log(describeComparison(comparison));
    expect(comparisons.flatMap((comparison) => comparison.faults)).toEqual([]);
    expect(comparisons.map(({ expected, matched }) => [matched, expected])).toEqual([
      [56, 56],
      [207, 208],
      [55, 55],
    ]);
  });
});

describe("replaySession()", () => {
  const recorded = JSON.parse(text("events-4.0.json"));
  const report = replaySession(recorded);

  test("lets only what Juju leaves open differ", () => {
    expect(report.hooks).toEqual({ expected: 56, matched: 54, merged: 2, moved: 1 });
  });

  test.each(report.outcomes)("the operator sees the recorded text after %s", (step, outcome) => {
    const block = text("session-4.0.txt")
      .split(/^\$ juju /m)
      .find((part) => part.startsWith(`${step}\n`));
    expect(block).toContain(outcome);
  });

  test.each([
    ["a hook is missing", (events: unknown[]) => events.toSpliced(4, 1)],
    [
      "a variable differs",
      (events: unknown[]) => JSON.parse(JSON.stringify(events).replace('"peers:2"', '"peers:7"')),
    ],
    [
      "an answer differs",
      (events: unknown[]) => JSON.parse(JSON.stringify(events).replace("ingress-address", "address")),
    ],
    [
      "two hooks of a unit change places",
      (events: unknown[]) => events.with(6, events[8]).with(8, events[6]),
    ],
  ])("notices when %s", (_name, change) => {
    expect(replaySession({ events: change(recorded.events) as never }).faults).not.toEqual([]);
  });
});
