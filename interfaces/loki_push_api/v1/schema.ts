import { databag } from "charmed-iap/interface";
import * as v from "valibot";
import { ruleGroups, ruleGroupsCodec, topology } from "../../alert-rules.ts";
import { httpUrl, line } from "../../checks.ts";

/** Written by each unit of Loki. */
const unit = v.object({
  /** The whole address to push to, `/loki/api/v1/push` included. */
  endpoint: v.object({ url: httpUrl() }),
  public_address: v.optional(line()),
});

/** Written by Loki's leader. */
const provider = v.object({
  /** For clients that bring their own agent: architecture → where it is. Passed on as it is. */
  promtail_binary_zip_url: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
  /** What Loki found wrong with the rules. */
  event: v.optional(v.nullable(v.object({ valid: v.optional(v.boolean()), errors: v.optional(v.string()) }))),
});

/** Written by the charm whose logs arrive. */
const requirer = v.object({
  metadata: v.optional(topology),
  alert_rules: v.optional(ruleGroups, { groups: [] }),
});

/** The application databag of Loki. */
export const providerApp = databag.json(provider);

/** The databag of each unit of Loki. */
export const providerUnit = databag(unit, { json: ["endpoint"], awaits: ["endpoint"] });

/** The application databag of whoever sends logs. */
export const requirerApp = databag.json(requirer, {
  codecs: { alert_rules: ruleGroupsCodec },
  awaits: ["alert_rules"],
});
