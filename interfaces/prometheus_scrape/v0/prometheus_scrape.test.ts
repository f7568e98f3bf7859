import { decode, encode } from "charmed-iap/interface";
import { describe, expect, test } from "vitest";
import { prometheusScrape, scrape, scrapeConfigs, scrapedUnit, topologyOf } from "./index.ts";

const { provider } = prometheusScrape.sides;
const topology = topologyOf(
  { model: "iam", modelUuid: "11111111-2222-4333-8444-555555555555", app: "web", unit: "web/0" },
  "web-k8s",
);

function read(jobs: Parameters<typeof scrape>[0]["jobs"]) {
  const decoded = decode(provider.app, encode(provider.app, scrape({ topology, jobs })));
  if (decoded.state !== "ready") throw new Error(JSON.stringify(decoded));
  return decoded.data;
}

const units = [
  ["web/0", { prometheus_scrape_unit_address: "10.0.0.1", prometheus_scrape_unit_fqdn: "web-0.x" }],
  ["web/1", { prometheus_scrape_host: "fd00::1", prometheus_scrape_unit_path: "/p" }],
  ["web/2", {}],
] as const;

test("wildcards become one job a unit, units without an address are left out", () => {
  const configs = scrapeConfigs(
    read([{ job_name: "m", static_configs: [{ targets: ["*:9090", "*"] }] }]),
    units,
  );
  expect(
    configs.map(({ job_name, metrics_path, static_configs }) => [
      job_name,
      metrics_path,
      static_configs.map(({ targets }) => targets),
    ]),
  ).toEqual([
    ["juju_iam_11111111_web_prometheus_scrape_m-0", "/metrics", [["10.0.0.1:9090"], ["10.0.0.1"]]],
    ["juju_iam_11111111_web_prometheus_scrape_m-1", "/p/metrics", [["[fd00::1]:9090"], ["[fd00::1]"]]],
  ]);
});

test("a target that names a unit is that unit's, another one is nobody's", () => {
  const configs = scrapeConfigs(read([{ static_configs: [{ targets: ["web-0.x:1", "db:2"] }] }]), units);
  expect(
    configs.map(({ job_name, static_configs }) => [job_name, static_configs[0]?.labels?.["juju_unit"]]),
  ).toEqual([
    ["juju_iam_11111111_web_prometheus_scrape-0", "web/0"],
    ["juju_iam_11111111_web_prometheus_scrape", undefined],
  ]);
});

test("an external URL gives host and path, and no name in the cluster", () => {
  expect(
    scrapedUnit({
      unit: "web/0",
      address: "10.0.0.1",
      fqdn: "web-0.x",
      externalUrl: "https://gw/iam-web-0/",
    }),
  ).toEqual({
    prometheus_scrape_unit_address: "gw",
    prometheus_scrape_unit_name: "web/0",
    prometheus_scrape_unit_path: "/iam-web-0",
  });
});

test("members that Prometheus' readers drop are not written, and no jobs are one with all defaults", () => {
  expect(scrape({ topology, jobs: [{ job_name: "m", x: 1 } as never] }).scrape_jobs).toEqual([
    { job_name: "m", metrics_path: "/metrics", static_configs: [{ targets: ["*:80"] }] },
  ]);
  expect(scrape({ topology, jobs: [], hostHealth: false })).toMatchObject({
    scrape_jobs: [{ metrics_path: "/metrics" }],
    alert_rules: { groups: [] },
  });
});

describe("what is no job", () => {
  test.each([
    ["x", "invalid"],
    ["{}", "invalid"],
    ['[{"metrics_path":1}]', "invalid"],
    ["[]", "ready"],
  ])("%s is %s", (scrape_jobs, state) => {
    expect(decode(provider.app, { scrape_jobs }).state).toBe(state);
  });
});
