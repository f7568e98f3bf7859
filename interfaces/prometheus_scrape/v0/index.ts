/**
 * The `prometheus_scrape` relation: a charm tells Prometheus, or a collector, what to scrape, and hands over alert rules.
 *
 * On the wire: JSON in the application databag of the provider, plain text in its units'. The requirer answers
 * only to say what is wrong.
 *
 * Source: canonical/prometheus-k8s-operator: lib/charms/prometheus_k8s/v0/prometheus_scrape.py
 *
 * @module
 */

import { defineInterface, type In, type Out } from "charmed-iap/interface";
import * as v from "valibot";
import {
  type AlertRule,
  alertRules,
  identifier,
  jujuLabels,
  type RuleFile,
  type Topology,
} from "../../alert-rules.ts";
import { job, providerApp, providerUnit, requirerApp } from "./schema.ts";

export { type AlertRule, type RuleFile, type Topology, topologyOf } from "../../alert-rules.ts";

/** `prometheus_scrape`, version 0. The provider has metrics, the requirer scrapes them. */
export const prometheusScrape = defineInterface({
  name: "prometheus_scrape",
  version: 0,
  provider: { app: providerApp, unit: providerUnit },
  requirer: requirerApp,
});

/** One job as a charm writes it: what is left out gets Prometheus' words for port 80 of every unit. */
export type Job = v.InferInput<typeof job>;
/** What a scraper reads of an application. */
export type Scraped = Out<typeof providerApp.schema>;
/** What a scraper reads of a unit. */
export type ScrapedUnit = Out<typeof providerUnit.schema>;

/** What a charm has to say about its metrics. */
export interface Metrics {
  readonly topology: Topology;
  /** None means one job with all defaults. */
  readonly jobs: readonly Job[];
  /** Rule files by path, see {@link alertRules}. */
  readonly rules?: Readonly<Record<string, RuleFile>>;
  /** Whether to add the rules that watch the scraping itself. Default true. */
  readonly hostHealth?: boolean;
}

/**
 * What the leader publishes.
 *
 * @example
 * ```ts
 * metrics.publish(scrape({ topology: topologyOf(context, "web-k8s"), jobs: [{ static_configs: [{ targets: ["*:9090"] }] }] }));
 * ```
 */
export function scrape({
  topology,
  jobs,
  rules = {},
  hostHealth = true,
}: Metrics): In<typeof providerApp.schema> {
  const health = hostHealth ? alertRules({ HostHealth: HOST_HEALTH }, topology, "promql").groups : [];
  return {
    scrape_metadata: topology,
    scrape_jobs: (jobs.length === 0 ? [{}] : jobs).map(completed),
    alert_rules: { groups: [...alertRules(rules, topology, "promql").groups, ...health] },
  };
}

/** With what readers demand and without what they drop; a job that is no job is refused when it is published. */
function completed(one: Job): Job {
  const read = v.safeParse(job, one);
  return read.success ? read.output : one;
}

/** Where one unit is scraped. */
export interface UnitAddress {
  /** `web/0`. */
  readonly unit: string;
  /** IP address or host name; ignored with an external URL. */
  readonly address: string;
  /** Full name of the unit in the cluster. */
  readonly fqdn?: string;
  /** URL under which a scraper outside reaches the unit, or a host name: host and path are published. */
  readonly externalUrl?: string;
}

/** What each unit publishes. */
export function scrapedUnit({
  unit,
  address,
  fqdn,
  externalUrl,
}: UnitAddress): In<typeof providerUnit.schema> {
  const url =
    externalUrl === undefined ? null : (URL.parse(externalUrl) ?? URL.parse(`http://${externalUrl}`));
  const path = url?.pathname.replace(/\/+$/, "") ?? "";
  return {
    prometheus_scrape_unit_address: url?.hostname ?? address,
    prometheus_scrape_unit_name: unit,
    ...(path === "" ? {} : { prometheus_scrape_unit_path: path }),
    ...(url === null && fqdn !== undefined ? { prometheus_scrape_unit_fqdn: fqdn } : {}),
  };
}

/** A unit of the scraped application, by the name that Juju gives it. */
export type KnownUnit = readonly [unit: string, data: ScrapedUnit];

/** A job as Prometheus' configuration takes it. */
export type ScrapeConfig = Scraped["scrape_jobs"][number];

/**
 * Prometheus' `scrape_configs` for one relation: wildcard targets become one job for each unit, and every series gets
 * Juju's labels. Without units there is nothing to scrape; without metadata jobs stay as they are, as upstream has it.
 */
export function scrapeConfigs(app: Scraped, units: Iterable<KnownUnit>): ScrapeConfig[] {
  const located = Array.from(units, ([unit, data]) => locate(unit, data)).filter((one) => one !== undefined);
  if (located.length === 0) return [];
  const { scrape_metadata: topology } = app;
  if (topology === undefined) return app.scrape_jobs;
  return app.scrape_jobs.flatMap((one) => expanded(one, topology, located));
}

interface LocatedUnit {
  readonly unit: string;
  readonly host: string;
  readonly fqdn: string | undefined;
  readonly path: string;
}

function locate(unit: string, data: ScrapedUnit): LocatedUnit | undefined {
  const host = data.prometheus_scrape_unit_address ?? data.prometheus_scrape_host;
  if (host === undefined) return undefined;
  return {
    unit: data.prometheus_scrape_unit_name ?? unit,
    host: host.includes(":") && !host.startsWith("[") ? `[${host}]` : host,
    fqdn: data.prometheus_scrape_unit_fqdn,
    path: data.prometheus_scrape_unit_path ?? "",
  };
}

/** A target that names one of the units counts as that unit's. */
function expanded(one: ScrapeConfig, topology: Topology, units: readonly LocatedUnit[]): ScrapeConfig[] {
  const name = `juju_${identifier(topology)}_prometheus_scrape${one.job_name === undefined ? "" : `_${one.job_name}`}`;
  const targets = one.static_configs.flatMap(({ targets, labels }) =>
    targets.map((target) => ({ target, labels })),
  );
  const ofUnits = units.flatMap((unit) => {
    const own = targets.flatMap(({ target, labels }) => {
      const [host = "", port] = split(target);
      if (host === "*")
        return [{ targets: [port === undefined ? unit.host : `${unit.host}:${port}`], labels }];
      return host === unit.host || host === unit.fqdn ? [{ targets: [target], labels }] : [];
    });
    if (own.length === 0) return [];
    const labels = { ...jujuLabels(topology), juju_unit: unit.unit };
    return [configOf(one, `${name}-${unit.unit.split("/").at(-1)}`, unit.path, own, labels)];
  });
  const foreign = targets.filter(({ target }) => {
    const [host] = split(target);
    return host !== "*" && !units.some((unit) => host === unit.host || host === unit.fqdn);
  });
  const rest = foreign.map(({ target, labels }) => ({ targets: [target], labels }));
  return rest.length === 0 ? ofUnits : [...ofUnits, configOf(one, name, "", rest, jujuLabels(topology))];
}

type StaticConfig = { readonly targets: string[]; readonly labels: Record<string, string> | undefined };

function configOf(
  one: ScrapeConfig,
  job_name: string,
  path: string,
  configs: readonly StaticConfig[],
  labels: Record<string, string>,
): ScrapeConfig {
  const told = Object.keys(labels).filter((label) => label !== "juju_charm");
  return {
    ...one,
    job_name,
    metrics_path: `${path}${one.metrics_path}`,
    static_configs: configs.map((config) => ({
      targets: config.targets,
      labels: { ...config.labels, ...labels },
    })),
    relabel_configs: [
      ...(one.relabel_configs ?? []),
      { source_labels: told, separator: "_", target_label: "instance", regex: "(.*)" },
    ],
  };
}

/** Host and port of `host:port`; IPv6 stands in brackets. */
function split(target: string): readonly [host: string, port?: string] {
  const found = /^(.*?):(\d+)$/.exec(target);
  return found === null ? [target] : [found[1] ?? "", found[2] ?? ""];
}

/** Rules that watch the scraping itself, for every charm. */
const HOST_HEALTH: RuleFile = {
  groups: [
    {
      name: "HostHealth",
      rules: [
        {
          alert: "HostDown",
          expr: "up < 1",
          for: "5m",
          labels: { severity: "critical" },
          annotations: {
            summary: "{{ $labels.instance }} cannot be scraped.",
            description:
              "For five minutes no metrics came from {{ $labels.instance }} of {{ $labels.juju_application }} in model {{ $labels.juju_model }}.",
          },
        },
        {
          alert: "HostMetricsMissing",
          expr: "absent(up)",
          for: "5m",
          labels: { severity: "warning" },
          annotations: {
            summary: "{{ $labels.juju_application }} sends no metrics.",
            description:
              "For five minutes nobody has tried to scrape {{ $labels.juju_application }} in model {{ $labels.juju_model }}, or nothing was written: look at the unit, and at the collector between.",
          },
        },
      ] satisfies readonly AlertRule[],
    },
  ],
};
