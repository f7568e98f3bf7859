import { describe, expect, test } from "vitest";
import { Bench, webCharm } from "./testdata/bench.ts";

const failing = (name: string) => (run: { name: string }) => (run.name === name ? 1 : 0);

function started(): Bench {
  const bench = new Bench();
  bench.model.deploy(webCharm());
  bench.settle();
  return bench;
}

function shown(bench: Bench): string {
  const { workload, agent } = bench.model.status().applications["web"]!.units!["web/0"]!;
  return `${workload.status} ${agent.status} ${workload.message}`;
}

describe("a hook that fails", () => {
  test("puts the unit in error and comes again after 5 s, doubling up to 5 min", () => {
    const bench = started();
    bench.model.setConfig("web", { text: "x" });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      bench.settle(failing("config-changed"));
      expect(shown(bench)).toBe('error idle hook failed: "config-changed"');
      waits.push((bench.model.nextWake()! - bench.time) / 1_000);
      bench.wake();
    }
    const around = [5, 10, 20, 40, 80, 160, 300, 300, 300];
    waits.forEach((wait, at) => {
      expect(Math.abs(wait / around[at]! - 1)).toBeLessThanOrEqual(0.2);
    });
    expect(bench.settle()).toEqual(["web/0 config-changed"]);
    expect(shown(bench)).toBe("unknown idle ");
  });

  test("changes nothing but what has effect at once", () => {
    const bench = started();
    bench.model.setConfig("web", { text: "x" });
    bench.settle((run, call) => {
      if (run.name !== "config-changed") return 0;
      call("status-set", "blocked", "now");
      call("state-set", "a=1");
      call("relation-set", "-r", "0", "k=v");
      call("secret-add", "abc=v");
      return 1;
    });
    const { units, relations, secrets } = bench.model.state;
    expect(units["web/0"]?.charmState).toEqual({});
    expect(relations[0]?.unitData["web/0"]).not.toHaveProperty("k");
    expect(secrets).toEqual({});
    expect(units["web/0"]?.workload.message).toBe("now");
  });

  test("is tried again at once by resolved, or taken for done", () => {
    const bench = started();
    bench.model.setConfig("web", { text: "x" });
    bench.settle(failing("config-changed"));
    bench.model.resolved("web/0");
    expect(bench.settle(failing("config-changed"))).toEqual(["web/0 config-changed"]);
    bench.model.resolved("web/0", { retry: false });
    expect(bench.settle()).toEqual([]);
    expect(() => bench.model.resolved("web/0")).toThrow('unit "web/0" is not in an error state');
  });

  test("lets actions run meanwhile, and no other hook", () => {
    const bench = started();
    bench.model.setConfig("web", { text: "x" });
    bench.settle(failing("config-changed"));
    bench.model.setConfig("web", { text: "y" });
    bench.model.enqueueAction("web/leader", "act");
    expect(bench.settle()).toEqual(["web/0 act"]);
    expect(shown(bench)).toBe('error idle hook failed: "config-changed"');
  });

  test("counts as failed when the agent dies in it", () => {
    const bench = started();
    bench.model.setConfig("web", { text: "x" });
    const run = bench.model.next("web/0")!;
    bench.model.unitAgentLost("web/0");
    run.finish({ exitCode: 0 });
    expect(shown(bench)).toContain("unknown lost agent lost");
    bench.model.unitRestarted("web/0", { podReplaced: false });
    bench.wake();
    expect(bench.settle()).toEqual(["web/0 config-changed", "web/0 start"]);
  });

  test("fails at the commit when leadership went away", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm(), { units: 2 });
    bench.settle();
    bench.model.setConfig("web", { text: "x" });
    bench.step("web/0", (_run, call) => {
      call("relation-set", "-r", "0", "--app", "a=b");
      bench.model.setLeader("web/1");
      return 0;
    });
    expect(bench.log.at(-1)?.message).toBe('awaiting error resolution for "config-changed" hook');
    expect(bench.log.at(-2)?.message).toContain('"web/0" is not leader of "web"');
  });
});

describe("the debug log", () => {
  test("has the agent's lines", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm());
    bench.settle((run) => (run.name === "leader-elected" && bench.log.length < 4 ? 1 : 0));
    expect(
      bench.log.slice(0, 4).map(({ level, module, message }) => `${level} ${module} ${message}`),
    ).toEqual([
      'INFO juju.worker.uniter.operation ran "install" hook (via hook dispatching script: dispatch)',
      'INFO juju.worker.uniter.operation ran "peers-relation-created" hook (via hook dispatching script: dispatch)',
      'ERROR juju.worker.uniter.operation hook "leader-elected" (via hook dispatching script: dispatch) failed: exit status 1',
      'INFO juju.worker.uniter awaiting error resolution for "leader-elected" hook',
    ]);
  });
});
