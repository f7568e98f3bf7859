import { describe, expect, test } from "vitest";
import { alertRules, type RuleFile, topologyOf } from "./alert-rules.ts";

const topology = topologyOf(
  { model: "iam", modelUuid: "11111111-2222-4333-8444-555555555555", app: "web", unit: "web/1" },
  "web-k8s",
);
const down: RuleFile = { alert: "Down", expr: "up{%%juju_topology%%, job='x'} < 1" };
const names = (files: Record<string, RuleFile>) =>
  alertRules(files, topology, "promql").groups.map(({ name }) => name);

test("names say whose the rules are, and hold only what Prometheus allows", () => {
  const one = { groups: [{ name: "é one", rules: [] }] };
  expect(names({ "z.rule": down, "a/b/c.yaml": one })).toEqual([
    "iam_11111111_web_a_b___one_rules",
    "iam_11111111_web_z_rules",
  ]);
});

test("a name that ends in rules, or was made before, is not made longer", () => {
  const named = (name: string) => names({ "x.rules": { groups: [{ name, rules: [] }] } });
  expect(named("mine_rules")).toEqual(["iam_11111111_web_mine_rules"]);
  expect(named("iam_22222222_other_mine_rules")).toEqual(["iam_22222222_other_mine_rules"]);
});

test("a rule keeps the labels that it sets", () => {
  const [group] = alertRules(
    { "d.rule": { ...down, labels: { juju_model: "mine" } } },
    topology,
    "promql",
  ).groups;
  expect(group?.rules[0]?.labels).toEqual({
    juju_model: "mine",
    juju_model_uuid: topology.model_uuid,
    juju_application: "web",
    juju_charm: "web-k8s",
  });
});

describe("the place holder", () => {
  test.each([
    ["promql", "up{ job='x'} < 1"],
    ["logql", `up{job=~".+", job='x'} < 1`],
  ] as const)("in %s becomes %s", (language, expr) => {
    expect(alertRules({ "d.rule": down }, topology, language).groups[0]?.rules[0]?.expr).toBe(expr);
  });
});
