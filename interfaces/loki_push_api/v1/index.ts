/**
 * The `loki_push_api` relation: Loki says where logs are pushed to, the other side hands over alert rules.
 *
 * On the wire: the address is in the databag of each unit of Loki; the requirer's leader writes JSON into its application
 * databag. Versions 0 and 1 of the Python library write the same.
 *
 * Source: canonical/loki-operators: lib/charms/loki_k8s/v1/loki_push_api.py
 *
 * @module
 */

import { defineInterface, type In, type Out } from "charmed-iap/interface";
import { alertRules, jujuLabels, type RuleFile, type Topology } from "../../alert-rules.ts";
import { providerApp, providerUnit, requirerApp } from "./schema.ts";

export { type AlertRule, type RuleFile, type Topology, topologyOf } from "../../alert-rules.ts";

/** `loki_push_api`, version 1. The provider is Loki, the requirer sends logs. */
export const lokiPushApi = defineInterface({
  name: "loki_push_api",
  version: 1,
  provider: { app: providerApp, unit: providerUnit },
  requirer: requirerApp,
});

/** What a sender publishes. */
export type Sender = In<typeof requirerApp.schema>;
/** What one unit of Loki publishes. */
export type Endpoint = Out<typeof providerUnit.schema>;

/**
 * What a sender's leader publishes.
 *
 * @param rules Rule files in LogQL by path, see {@link alertRules}.
 */
export function sender(topology: Topology, rules: Readonly<Record<string, RuleFile>> = {}): Sender {
  return { metadata: topology, alert_rules: alertRules(rules, topology, "logql") };
}

/**
 * What each unit of Loki publishes.
 *
 * @param base URL of this unit, without the path of the API.
 */
export function endpoint(base: string, address?: string): In<typeof providerUnit.schema> {
  const url = `${base.replace(/\/+$/, "")}/loki/api/v1/push`;
  return { endpoint: { url }, ...(address === undefined ? {} : { public_address: address }) };
}

/** One unit of Loki, as far as it has said where it is. */
export type KnownUnit = {
  readonly unit: string;
  readonly state: "ready" | "pending" | "invalid";
  readonly data?: Endpoint;
};

/**
 * Addresses to push to, in order of units, without repeats. Units that have said nothing yet, or nonsense, are left out:
 * upstream's forwarder then sends nothing at all.
 */
export function pushUrls(units: Iterable<KnownUnit>): string[] {
  return [...new Set(ready(units).map(([, url]) => url))];
}

/**
 * Pebble's log targets for one container: the lines of all its services go to every unit of Loki, labelled as upstream's
 * charms label them. Give them as a plan's `log-targets` whatever the relation's state: targets that are gone from
 * there are switched off.
 *
 * @example
 * ```ts
 * const targets = logging.state === "missing" ? {} : logTargets(logging.units, topologyOf(context, "web-k8s"));
 * await containers.web.apply({ services, "log-targets": targets });
 * ```
 */
export function logTargets(units: Iterable<KnownUnit>, topology: Topology): Record<string, LogTarget> {
  const { juju_charm: charm, ...juju } = jujuLabels(topology);
  const labels = {
    product: "Juju",
    ...(charm === undefined ? {} : { charm }),
    ...juju,
    ...(typeof topology.unit === "string" ? { juju_unit: topology.unit } : {}),
  };
  return Object.fromEntries(
    ready(units).map(([unit, location]) => [unit, { type: "loki", location, services: ["all"], labels }]),
  );
}

/** A log target of Pebble. */
export interface LogTarget {
  readonly type: "loki";
  readonly location: string;
  readonly services: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

function ready(units: Iterable<KnownUnit>): [unit: string, url: string][] {
  return Array.from(units)
    .sort((a, b) => (a.unit < b.unit ? -1 : 1))
    .flatMap(({ unit, state, data }) =>
      state === "ready" && data !== undefined ? [[unit, data.endpoint.url] as [string, string]] : [],
    );
}
