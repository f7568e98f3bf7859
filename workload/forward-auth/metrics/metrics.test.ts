import { expect, test } from "vitest";
import { Counter, exposition, Histogram } from "./families.ts";
import { Metrics } from "./metrics.ts";

const lines = (metrics: Metrics) => metrics.scrape().split("\n");

test("oauth2-proxy's families, names, labels and limits", () => {
  const metrics = new Metrics();
  metrics.begin();
  metrics.begin();
  metrics.end("GET", 403, 0.3);
  metrics.scrape();
  expect(lines(metrics)).toEqual(
    expect.arrayContaining([
      "# HELP oauth2_proxy_requests_total Total number of requests by HTTP status code.",
      "# TYPE oauth2_proxy_requests_total counter",
      'oauth2_proxy_requests_total{code="403"} 1',
      "oauth2_proxy_requests_in_flight 1",
      'oauth2_proxy_response_duration_seconds_bucket{method="get",le="0.25"} 0',
      'oauth2_proxy_response_duration_seconds_bucket{method="get",le="0.5"} 1',
      'oauth2_proxy_response_duration_seconds_bucket{method="get",le="+Inf"} 1',
      'oauth2_proxy_response_duration_seconds_sum{method="get"} 0.3',
      'oauth2_proxy_response_duration_seconds_count{method="get"} 1',
      'promhttp_metric_handler_requests_total{code="200"} 1',
      "promhttp_metric_handler_requests_in_flight 1",
    ]),
  );
});

test("methods that nobody knows share a series", () => {
  const metrics = new Metrics();
  for (const method of ["BREW", "get", "", "constructor"]) metrics.end(method, 405, 0);
  expect(lines(metrics)).toContain('oauth2_proxy_response_duration_seconds_count{method="unknown"} 4');
});

test("ours: decisions, events, failures, the cache, providers, the store, lost lines", () => {
  const metrics = new Metrics(() => 7);
  metrics.decision("allow", "session");
  metrics.event("refresh", "success");
  metrics.signInFailed("unknown-login");
  metrics.signInFailed('"\n evil');
  metrics.cache(true);
  metrics.cache(false);
  metrics.providerAsked("oidc=c1", 0.2, true);
  metrics.storeAsked("redis", 20, false);
  expect(lines(metrics)).toEqual(
    expect.arrayContaining([
      'charmed_iap_decisions_total{decision="allow",reason="session"} 1',
      'charmed_iap_events_total{event="refresh",result="success"} 1',
      'charmed_iap_events_total{event="sign-in",result="failure"} 2',
      'charmed_iap_sign_in_failures_total{reason="unknown-login"} 1',
      'charmed_iap_sign_in_failures_total{reason="other"} 1',
      'charmed_iap_decision_cache_total{result="hit"} 1',
      'charmed_iap_provider_request_duration_seconds_bucket{provider="oidc=c1",result="answer",le="0.25"} 1',
      'charmed_iap_store_request_duration_seconds_bucket{store="redis",result="failure",le="10"} 0',
      'charmed_iap_store_request_duration_seconds_bucket{store="redis",result="failure",le="+Inf"} 1',
      "charmed_iap_log_lines_dropped_total 7",
    ]),
  );
});

test("the text is Prometheus's: each family once, with help and type, its series behind it", () => {
  const metrics = new Metrics();
  metrics.end("GET", 200, 0);
  metrics.decision("deny", 'a"b\\c\nd');
  const families = new Set<string>();
  let family = "";
  for (const line of metrics.scrape().trimEnd().split("\n")) {
    const [, declared] = /^# HELP (\S+) \S/.exec(line) ?? [];
    if (declared !== undefined) {
      expect(families.has(declared)).toBe(false);
      families.add(declared);
      family = declared;
    } else if (line.startsWith("#"))
      expect(line).toMatch(new RegExp(`^# TYPE ${family} (counter|gauge|histogram)$`));
    else
      expect(line).toMatch(
        new RegExp(`^${family}(_bucket|_sum|_count)?({(\\w+="(\\\\.|[^"\\\\\\n])*",?)+})? -?[\\d.e+-]+$`),
      );
  }
  for (const name of [
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
    "nodejs_version_info",
  ])
    expect(families).toContain(name);
});

test("nobody can grow the memory by inventing labels", () => {
  const counter = new Counter("c", "h", ["a"]);
  const histogram = new Histogram("h", "h", ["a"]);
  for (let index = 0; index < 1000; index++) {
    counter.add(`x${index}`);
    histogram.observe(1, `x${index}`);
  }
  const text = exposition([counter, histogram]);
  expect(text.match(/^c\{/gm)?.length).toBeLessThan(205);
  expect(text).toContain('c{a="other"} 800');
  expect(text).toContain('h_count{a="other"} 800');
});
