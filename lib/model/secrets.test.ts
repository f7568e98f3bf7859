import { describe, expect, test } from "vitest";
import { Bench, webCharm } from "./testdata/bench.ts";

/** `db` owns a secret and shares it with `web`. */
function shared(o: { rotate?: string; units?: number } = {}): { bench: Bench; id: string } {
  const bench = new Bench();
  bench.model.deploy(webCharm(), { units: o.units ?? 1 });
  bench.model.deploy(webCharm({ name: "db" }), { app: "db" });
  const { id } = bench.model.integrate("web:back", "db:site");
  bench.settle((run, call) => {
    if (run.unit === "db/0" && run.name === "site-relation-created") {
      const uri = call("secret-add", "pass=one", "--label", "pw", "--rotate", o.rotate ?? "never");
      call("secret-grant", uri, "-r", String(id));
      call("relation-set", "-r", String(id), "--app", `uri=${uri}`);
    }
    return 0;
  });
  return { bench, id: Object.keys(bench.model.state.secrets)[0]! };
}

/** Runs one config-changed of a unit in which it calls hook commands. */
function within(bench: Bench, unit: string, ...argv: string[]): string {
  let answer = "";
  const app = unit.split("/")[0]!;
  bench.model.setConfig(app, {
    text: `${String(bench.model.state.applications[app]!.config["text"] ?? "")}.`,
  });
  bench.step(unit, (_run, call) => {
    answer = call(...argv);
    return 0;
  });
  return answer;
}

describe("secrets", () => {
  test("a reader tracks the revision it read first; peek looks, refresh moves on", () => {
    const { bench, id } = shared();
    expect(within(bench, "web/0", "secret-get", id)).toBe("pass: one");
    within(bench, "db/0", "secret-set", id, "pass=two");
    bench.settle();
    expect(within(bench, "web/0", "secret-get", id)).toBe("pass: one");
    expect(within(bench, "web/0", "secret-get", id, "--peek")).toBe("pass: two");
    expect(within(bench, "web/0", "secret-get", id)).toBe("pass: one");
    expect(within(bench, "web/0", "secret-get", id, "--refresh")).toBe("pass: two");
    expect(within(bench, "web/0", "secret-get", id)).toBe("pass: two");
  });

  test("each reader hears of each new revision; the owner of each that nobody tracks", () => {
    const { bench, id } = shared({ units: 2 });
    within(bench, "web/0", "secret-get", id, "--label", "mine");
    within(bench, "db/0", "secret-set", id, "pass=two");
    const seen: string[] = [];
    bench.settle((run, call) => {
      const { JUJU_SECRET_ID, JUJU_SECRET_LABEL, JUJU_SECRET_REVISION } = run.environment;
      if (run.kind.startsWith("secret-")) {
        seen.push(`${run.unit} ${run.name} ${JUJU_SECRET_ID} ${JUJU_SECRET_LABEL} ${JUJU_SECRET_REVISION}`);
      }
      if (run.name === "secret-changed") call("secret-get", JUJU_SECRET_ID!, "--refresh");
      return 0;
    });
    expect(seen).toEqual([
      `web/0 secret-changed secret:${id} mine undefined`,
      `db/0 secret-remove ${id} pw 1`,
    ]);
  });

  test("the same content is no new revision", () => {
    const { bench, id } = shared();
    within(bench, "db/0", "secret-set", id, "pass=one");
    expect(bench.model.state.secrets[id]?.latest).toBe(1);
  });

  test("a grant ends with its relation", () => {
    const { bench, id } = shared();
    expect(within(bench, "web/0", "secret-get", id)).toBe("pass: one");
    bench.model.removeRelation("web", "db");
    bench.settle();
    expect(within(bench, "web/0", "secret-get", id)).toBe("ERROR permission denied");
  });

  test("rotation: at its time, again after 5 min, then by its policy once there is a new revision", () => {
    const { bench, id } = shared({ rotate: "hourly" });
    bench.model.setModelConfig({ "update-status-hook-interval": "60m" });
    const hook = (set = false) => {
      const seen = bench.settle((run, call) => {
        if (set && run.name === "secret-rotate") call("secret-set", id, "pass=new");
        return 0;
      });
      return seen.filter((entry) => entry.includes("secret-rotate"));
    };
    const start = bench.time;
    bench.time = start + 3_600_000 - 1;
    expect(hook()).toEqual([]);
    bench.time = start + 3_600_000;
    expect(hook()).toEqual(["db/0 secret-rotate"]);
    bench.time += 5 * 60_000;
    expect(hook(true)).toEqual(["db/0 secret-rotate"]);
    bench.time += 3_600_000 - 1;
    expect(hook()).toEqual([]);
    bench.time += 1;
    expect(hook()).toEqual(["db/0 secret-rotate"]);
  });

  test("expiry: with the revision, every 5 min until that revision is removed", () => {
    const { bench, id } = shared();
    within(bench, "db/0", "secret-set", id, "--expire", "1h");
    bench.time += 3_600_000;
    expect(bench.settle()).toContain("db/0 secret-expired");
    bench.time += 5 * 60_000;
    const revisions: (string | undefined)[] = [];
    bench.settle((run, call) => {
      if (run.name !== "secret-expired") return 0;
      revisions.push(run.environment["JUJU_SECRET_REVISION"]);
      call("secret-remove", id, "--revision", "1");
      return 0;
    });
    expect(revisions).toEqual(["1"]);
    expect(bench.model.state.secrets).toEqual({});
  });

  test("3.6: a first read at a later revision is told of it once more", () => {
    const bench = new Bench({ version: "3.6.28" });
    bench.model.deploy(webCharm(), { units: 2 });
    bench.settle();
    within(bench, "web/0", "secret-add", "pass=one", "--label", "l");
    const id = Object.keys(bench.model.state.secrets)[0]!;
    within(bench, "web/0", "secret-set", id, "pass=two");
    bench.settle();
    within(bench, "web/1", "secret-get", id);
    expect(bench.settle()).toContain("web/1 secret-changed");
  });

  test("a unit's secrets go with it, an application's with the application", () => {
    const bench = new Bench();
    bench.model.deploy(webCharm(), { units: 2 });
    bench.settle();
    within(bench, "web/1", "secret-add", "pass=one", "--owner", "unit");
    within(bench, "web/0", "secret-add", "pass=one");
    bench.model.scale("web", 1);
    bench.settle();
    expect(Object.values(bench.model.state.secrets).map((secret) => secret.owner)).toEqual(["web"]);
    bench.model.removeApplication("web");
    bench.settle();
    expect(bench.model.state.secrets).toEqual({});
  });
});
