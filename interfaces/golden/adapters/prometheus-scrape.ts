import { decode } from "charmed-iap/interface";
import { parse } from "yaml";
import {
  type Job,
  prometheusScrape,
  type RuleFile,
  type Scraped,
  scrape,
  scrapeConfigs,
  scrapedUnit,
  type Topology,
} from "../../prometheus_scrape/v0/index.ts";
import { meaningOf } from "../compare.ts";
import { type Adapter, bag, type ReadCase, type WriteCase } from "../types.ts";
import { argumentOf } from "./calls.ts";

const { provider } = prometheusScrape.sides;

export const prometheusScrapeAdapter: Adapter = {
  readme: "prometheus_scrape/v0",
  sets: [],
  sides: () => prometheusScrape.sides,
  meaning,
  publish: scraped,
  understood: found,
};

/** The words of the two rules that every charm gets are each side's own. */
function meaning(key: string, text: string): unknown {
  if (key !== "alert_rules") return meaningOf(text);
  return JSON.parse(text, (_key, value) =>
    ["HostDown", "HostMetricsMissing"].includes(value?.alert) ? { ...value, annotations: {} } : value,
  );
}

/** The model that the recordings were made in. */
export function topologyOfCase({ given: { app, unit, model } }: WriteCase): Topology {
  return {
    model,
    model_uuid: "11111111-2222-4333-8444-555555555555",
    application: app,
    unit,
    charm_name: app,
  };
}

/** Rule files as the recorded charm had them. */
export function rulesOf(one: WriteCase, alone: string): Record<string, RuleFile> {
  const given = one.given.options?.["alert_rules"] ?? "none";
  if (given === "none") return {};
  const files = typeof given === "string" ? { [alone]: given } : (given as Record<string, string>);
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, parse(text) as RuleFile]));
}

function scraped(one: WriteCase) {
  const { unit, app, model, options } = one.given;
  const jobs = (argumentOf(one, "update_scrape_job_spec") ?? options?.["jobs"] ?? []) as Job[];
  const older = one.lib === "prometheus_scrape-0.47" || one.lib === "prometheus_scrape-0.42";
  const [, number] = unit.split("/");
  const external = options?.["external_url"] as string | undefined;
  const data = scrape({
    topology: topologyOfCase(one),
    jobs,
    rules: rulesOf(one, "hydra.rule"),
    hostHealth: !older,
  });
  return {
    app: data,
    unit: scrapedUnit({
      unit,
      address: "192.0.2.0",
      ...(older ? {} : { fqdn: `${app}-${number}.${app}-endpoints.${model}.svc.cluster.local` }),
      ...(external === undefined ? {} : { externalUrl: external }),
    }),
  };
}

interface Parsed {
  readonly jobs: readonly { job_name: string }[];
  readonly alerts: Record<string, unknown>;
}

function found(one: ReadCase) {
  const parsed = one.outcome.parsed as Parsed | null | undefined;
  if (parsed === null || parsed === undefined) return undefined;
  const app = decode(provider.app, bag(one.remote_app));
  const units = Object.entries(one.remote_unit ?? {}).flatMap(([unit, raw]) => {
    const read = decode(provider.unit, raw);
    return read.state === "ready" ? [[unit, read.data] as const] : [];
  });
  const known = app.state === "ready" && units.length > 0;
  return {
    ours: {
      jobs: known ? sorted(scrapeConfigs(app.data, units)) : [],
      alerts: known ? groups(app.data) : [],
    },
    theirs: { jobs: sorted(parsed.jobs), alerts: Object.values(parsed.alerts) },
  };
}

/** A relation without rules has no entry there. */
function groups({ alert_rules: rules }: Scraped): unknown[] {
  return rules.groups.length === 0 ? [] : [rules];
}

function sorted<T extends { job_name?: string | undefined }>(jobs: readonly T[]): T[] {
  return jobs.toSorted((a, b) => ((a.job_name ?? "") < (b.job_name ?? "") ? -1 : 1));
}
