import { describe, expect, test } from "vitest";
import { Bench, webCharm } from "./testdata/bench.ts";

describe("status()", () => {
  test("reports a model in the words of the recorded inputs", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm(), { units: 2 });
    bench.settle((run, call) => {
      if (run.name === "start") call("status-set", "active", `here is ${run.unit}`);
      if (run.name === "start" && run.unit === "web/0") {
        call("open-port", "8080");
        call("open-port", "80");
        call("application-version-set", "1.2");
      }
      return 0;
    });
    const since = "2026-01-01T00:00:00Z";
    const report = bench.model.status();
    expect(report.model).toMatchObject({
      name: "iam",
      controller: "local",
      type: "k8s",
      version: "4.0.15",
      status: { status: "available", message: "", since },
    });
    expect(report.applications["web"]).toMatchObject({
      charm: "web",
      revision: 0,
      channel: "",
      origin: "local",
      base: "ubuntu@24.04",
      status: { status: "active", message: "here is web/0", since },
      scale: 2,
      exposed: false,
      version: "1.2",
      relations: { peers: ["web"] },
      units: {
        "web/0": {
          workload: { status: "active", message: "here is web/0", since },
          agent: { status: "idle", message: "", since },
          leader: true,
          ports: ["80/tcp", "8080/tcp"],
        },
        "web/1": { leader: false },
      },
    });
    expect(report.relations).toEqual([
      {
        id: 0,
        key: "web:peers",
        interface: "p",
        scope: "global",
        endpoints: [["web", "peers", "peer"]],
        status: { status: "joined", message: "", since },
      },
    ]);
  });

  test("an application shows its worst unit, unless its leader says otherwise", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm(), { units: 2 });
    bench.settle((run, call) => {
      if (run.name === "start") call("status-set", run.unit === "web/1" ? "blocked" : "active", run.unit);
      return 0;
    });
    const status = () => bench.model.status().applications["web"]?.status;
    expect(status()).toMatchObject({ status: "blocked", message: "web/1" });
    bench.model.setConfig("web", { text: "x" });
    bench.settle((run, call) => {
      if (run.unit === "web/0") call("status-set", "--application", "maintenance", "all");
      return 0;
    });
    expect(status()).toMatchObject({ status: "maintenance", message: "all" });
  });

  test("agents say what they run", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm());
    const agents: unknown[] = [];
    bench.settle(() => {
      const { workload, agent } = bench.model.status().applications["web"]!.units!["web/0"]!;
      agents.push(`${workload.status} ${workload.message} / ${agent.status} ${agent.message}`);
      return 0;
    });
    expect(agents.slice(0, 2)).toEqual([
      "maintenance installing charm software / executing running install hook",
      "maintenance installing charm software / executing running peers-relation-created hook",
    ]);
    expect(bench.model.status().applications["web"]?.units?.["web/0"]?.workload.status).toBe("unknown");
  });

  test("selectors are exact names", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm());
    bench.model.deploy(webCharm({ name: "db" }), { app: "db" });
    expect(Object.keys(bench.model.status(["db/0"]).applications)).toEqual(["db"]);
    expect(Object.keys(bench.model.status(["d"]).applications)).toEqual([]);
  });
});

describe("the environment", () => {
  test.each([
    ["4.0.15", "JUJU_CHARM_TRACE_CONFIG_HTTP", "JUJU_SLA"],
    ["3.6.28", "JUJU_SLA", "JUJU_CHARM_TRACE_CONFIG_HTTP"],
  ])("%s has %s, not %s, and nothing that Juju does not set", (version, present, absent) => {
    const bench = new Bench({ version });
    bench.model.deploy(webCharm());
    const { environment } = bench.model.next("web/0")!;
    expect(environment).toHaveProperty(present);
    expect(environment).not.toHaveProperty(absent);
    for (const name of ["HOME", "USER", "SHELL", "PWD", "TMPDIR"])
      expect(environment).not.toHaveProperty(name);
    expect(environment).toMatchObject({
      JUJU_VERSION: version,
      JUJU_UNIT_NAME: "web/0",
      JUJU_MACHINE_ID: "",
      JUJU_HOOK_NAME: "install",
      JUJU_DISPATCH_PATH: "hooks/install",
      JUJU_CHARM_DIR: "/var/lib/juju/agents/unit-web-0/charm",
    });
    expect(environment["JUJU_CONTEXT_ID"]).toMatch(/^web\/0-install-[0-9a-f]{32}$/);
  });

  test("proxies are exported from the model's configuration", () => {
    const bench = new Bench();
    bench.model.setModelConfig({ "http-proxy": "http://p:1", "juju-https-proxy": "http://q:2" });
    bench.model.deploy(webCharm());
    const { environment } = bench.model.next("web/0")!;
    expect(environment).toMatchObject({
      http_proxy: "http://p:1",
      HTTP_PROXY: "http://p:1",
      JUJU_CHARM_HTTPS_PROXY: "http://q:2",
    });
    expect(environment).not.toHaveProperty("https_proxy");
  });
});
