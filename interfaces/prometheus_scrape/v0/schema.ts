import { databag } from "charmed-iap/interface";
import * as v from "valibot";
import { ruleGroups, ruleGroupsCodec, topology } from "../../alert-rules.ts";

const text = v.string("must be text");
const count = v.pipe(v.number("must be a number"), v.integer("must be a whole number"));
const settings = v.record(v.string(), v.unknown());

/** One job in the words of Prometheus' `scrape_config`; members that are not listed are dropped, on both sides. */
export const job = v.object({
  job_name: v.optional(text),
  metrics_path: v.optional(text, "/metrics"),
  /** A target `*` or `*:<port>` means every unit. */
  static_configs: v.optional(
    v.array(v.object({ targets: v.array(text), labels: v.optional(v.record(v.string(), text)) })),
    [{ targets: ["*:80"] }],
  ),
  /** Go duration. */
  scrape_interval: v.optional(text),
  /** Go duration. */
  scrape_timeout: v.optional(text),
  proxy_url: v.optional(text),
  relabel_configs: v.optional(v.array(settings)),
  metric_relabel_configs: v.optional(v.array(settings)),
  sample_limit: v.optional(count),
  label_limit: v.optional(count),
  label_name_length_limit: v.optional(count),
  label_value_length_limit: v.optional(count),
  scheme: v.optional(text),
  /** Travels in plain text. */
  basic_auth: v.optional(settings),
  tls_config: v.optional(settings),
  /** Travels in plain text. */
  authorization: v.optional(settings),
  params: v.optional(settings),
});

const provider = v.object({
  scrape_metadata: v.optional(topology),
  scrape_jobs: v.array(job),
  alert_rules: v.optional(ruleGroups, { groups: [] }),
});

const unit = v.object({
  /** Host that the unit is scraped at. */
  prometheus_scrape_unit_address: v.optional(text),
  /** Prefix of the metrics' path, with a leading slash. */
  prometheus_scrape_unit_path: v.optional(text),
  prometheus_scrape_unit_name: v.optional(text),
  prometheus_scrape_unit_fqdn: v.optional(text),
  /** What the address was called once. Never written. */
  prometheus_scrape_host: v.optional(text),
});

/** What a scraper found wrong with jobs or rules. */
const verdict = v.object({
  valid: v.optional(v.boolean()),
  errors: v.optional(text),
  scrape_job_errors: v.optional(text),
});

/** The application databag of whoever is scraped. */
export const providerApp = databag.json(provider, {
  codecs: { alert_rules: ruleGroupsCodec },
  awaits: ["scrape_jobs"],
});

/** The unit databag of whoever is scraped. */
export const providerUnit = databag(unit);

/** The scraper's application databag. */
export const requirerApp = databag.json(v.object({ event: v.optional(v.nullable(verdict)) }));
