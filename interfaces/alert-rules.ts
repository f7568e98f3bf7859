/**
 * Alert rules that charms hand to Prometheus and Loki: named and labelled so that a reader knows whose they are.
 *
 * Source: canonical/cos-lib: src/cosl/rules.py, src/cosl/juju_topology.py
 *
 * @module
 */

import { type Codec, canonicalJson, json } from "charmed-iap/interface";
import * as v from "valibot";

const text = v.string("must be text");
const texts = v.record(v.string(), text);

/** One rule in Prometheus' words: `alert` or `record` names it. */
const rule = v.looseObject({
  expr: text,
  alert: v.optional(text),
  record: v.optional(text),
  for: v.optional(text),
  labels: v.optional(texts),
  annotations: v.optional(texts),
});

/** Rules as they travel; readers see no groups where there are none. */
export const ruleGroups = v.pipe(
  v.nullable(v.object({ groups: v.optional(v.array(v.object({ name: text, rules: v.array(rule) })), []) })),
  v.transform((given) => given ?? { groups: [] }),
);

/** Who speaks: the charm's place in Juju, as labels and metadata tell it. */
export const topology = v.object({
  model: text,
  /** Readers refuse what is no version 4 UUID in lower case. */
  model_uuid: v.pipe(
    text,
    v.regex(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
      "must be a UUID of version 4",
    ),
  ),
  application: text,
  unit: v.optional(v.nullable(text)),
  charm_name: v.optional(v.nullable(text)),
});

/** A charm's place in Juju. */
export type Topology = v.InferOutput<typeof topology>;
/** One rule. */
export type AlertRule = v.InferOutput<typeof rule>;
/** Groups of rules as they travel. */
export type RuleGroups = v.InferOutput<typeof ruleGroups>;
/** What one rule file holds: one rule, or groups. */
export type RuleFile =
  | AlertRule
  | { readonly groups: readonly { name: string; rules: readonly AlertRule[] }[] };

/** JSON with sorted keys; no groups are an empty object, as Python writes them. */
export const ruleGroupsCodec: Codec = {
  decode: json.decode,
  encode: (value) => {
    const { groups } = (value ?? {}) as { readonly groups?: readonly unknown[] };
    return canonicalJson(groups === undefined || groups.length === 0 ? {} : { groups });
  },
};

/**
 * Where a charm is, from what a handler sees.
 *
 * @param charm Name of the charm, not of the application.
 */
export function topologyOf(
  context: {
    readonly model: string;
    readonly modelUuid: string;
    readonly app: string;
    readonly unit: string;
  },
  charm: string,
): Topology {
  const { model, modelUuid, app, unit } = context;
  return { model, model_uuid: modelUuid, application: app, unit, charm_name: charm };
}

/** The labels that say whose a series, a line or a rule is. */
export function jujuLabels({ model, model_uuid, application, charm_name }: Topology): Record<string, string> {
  return {
    juju_model: model,
    juju_model_uuid: model_uuid,
    juju_application: application,
    ...(typeof charm_name === "string" ? { juju_charm: charm_name } : {}),
  };
}

/** `<model>_<first 8 of its UUID>_<application>`. */
export function identifier({ model, model_uuid, application }: Topology): string {
  return `${model}_${model_uuid.slice(0, 8)}_${application}`;
}

/**
 * Rules of a charm as they travel: group names say whose they are, each rule has Juju's labels unless it sets them
 * itself, and `%%juju_topology%%` is taken out for the reader to put its own matchers there.
 *
 * @param files By path below the charm's folder of rules, whose folders become part of the names; read in order of path.
 * @param language In LogQL a selector must not be empty, so there the place holder becomes `job=~".+"`.
 *
 * @example
 * ```ts
 * alertRules({ "down.rule": { alert: "Down", expr: "up{%%juju_topology%%} < 1" } }, topology, "promql");
 * ```
 */
export function alertRules(
  files: Readonly<Record<string, RuleFile>>,
  topology: Topology,
  language: "promql" | "logql",
): RuleGroups {
  const paths = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  const groups = paths.flatMap(([path, file]) => {
    const parts = path.split("/");
    const stem = (parts.pop() ?? "").replace(/\.[^.]*$/, "");
    const found = isGroups(file) ? file.groups : [{ name: stem, rules: [file] }];
    return found.map(({ name, rules }) => ({
      name: groupName(name, [identifier(topology), ...parts]),
      rules: rules.map((one) => labelled(one, topology, language)),
    }));
  });
  return { groups };
}

function isGroups(file: RuleFile): file is Extract<RuleFile, { readonly groups: unknown }> {
  return "groups" in file;
}

/** A name that has been through here before stays. */
function groupName(name: string, prefix: readonly string[]): string {
  const whole = /_[\da-f]{8}_.*_rules$/.test(name)
    ? name
    : [...prefix, name.replace(/_rules$/, ""), "rules"].join("_");
  return whole.replaceAll(/[^\w:]/g, "_");
}

function labelled(one: AlertRule, topology: Topology, language: "promql" | "logql"): AlertRule {
  const expr =
    language === "promql"
      ? one.expr.replaceAll(/%%juju_topology%%,?/g, "")
      : one.expr.replaceAll("%%juju_topology%%", 'job=~".+"');
  return { ...one, expr, labels: { ...jujuLabels(topology), ...one.labels } };
}
