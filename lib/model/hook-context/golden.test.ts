import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeResult, type HookToolsGolden, replayHookTools } from "./golden.ts";

const file = new URL("../../../test/golden/hook-tools.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as HookToolsGolden;

/** The commands that charms of this project call; all their cases must agree. */
const covered = new Set(
  `config-get relation-ids relation-list relation-get relation-set is-leader status-get status-set juju-log
  secret-add secret-get secret-grant secret-info-get secret-set secret-remove open-port close-port
  opened-ports network-get state-get state-set state-delete action-get action-set action-log action-fail
  application-version-set goal-state resource-get credential-get`.split(/\s+/),
);

const results = replayHookTools(golden);

test("recorded calls of the covered commands get the recorded answers", () => {
  const chosen = results.filter((result) => covered.has(result.command));
  console.log(count("covered commands", chosen));
  expect(chosen.length).toBeGreaterThan(3000);
  expect(chosen.filter((result) => result.difference).map(describeResult)).toEqual([]);
});

test("recorded calls of the other commands get the recorded answers", () => {
  const rest = results.filter((result) => !covered.has(result.command));
  console.log(count("other commands", rest));
  expect(rest.length).toBeGreaterThan(300);
  expect(rest.filter((result) => result.difference).map(describeResult)).toEqual([]);
});

const otherValue: Readonly<Record<string, unknown>> = {
  stdout: "other\n",
  stderr: "ERROR other\n",
  code: 7,
  "asked-stdin": false,
  commit: { tag: "unit-other-0" },
  "controller-calls": [],
  log: [],
};

test.each(Object.keys(otherValue))("a recording with another %s is noticed", (field) => {
  const recorded = golden.cases.find((one) => Object.hasOwn(one, field));
  const wrong = { ...golden, cases: [{ ...recorded!, [field]: otherValue[field] }] };
  const noticed = replayHookTools(wrong as unknown as HookToolsGolden);
  expect(noticed[0]?.difference?.what ?? "").toContain(field === "controller-calls" ? "calls" : field);
});

function count(what: string, list: typeof results): string {
  const agree = list.filter((result) => result.difference === undefined).length;
  return `hook-tools.json, ${what}: ${agree} of ${list.length} replays agree (a case once per version)`;
}
