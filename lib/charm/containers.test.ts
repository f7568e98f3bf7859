import {
  active,
  type Context,
  defineCharm,
  type Status,
  sensitive,
  type WorkloadPlan,
  waiting,
} from "charmed-iap/charm";
import { FakeModel, transition } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";

const contract = defineCharm({
  name: "web",
  summary: "One container.",
  config: {},
  containers: { web: { image: "web-image" } },
});
type Ctx = Context<typeof contract.contract>;
const doing = (reconcile: (ctx: Ctx) => Status | Promise<Status>) => contract.implement({ reconcile });
const applying = (plan: WorkloadPlan) =>
  doing(async ({ containers: { web } }) => active((await web.apply(plan)).files.join(" ")));

const service = { command: "/bin/web" };

describe("apply()", () => {
  test("writes files, adds the layer and starts what should run", async () => {
    const plan = {
      services: { web: { ...service, environment: { A: "1", B: undefined, C: 2, D: sensitive("hidden") } } },
      checks: { up: { http: { url: "http://localhost:80/" } } },
      files: { "/etc/web/a": "A", "/etc/web/key": { content: sensitive("hidden"), permissions: "600" } },
    };
    const { status, containers } = await transition(applying(plan), "update-status");
    expect(status).toEqual(active("/etc/web/a /etc/web/key"));
    expect(containers.web.files).toEqual({ "/etc/web/a": "A", "/etc/web/key": "hidden" });
    expect(containers.web.running).toEqual(["web"]);
    expect(containers.web.plan?.services["web"]).toMatchObject({
      command: "/bin/web",
      startup: "enabled",
      environment: { A: "1", C: "2", D: "hidden" },
    });
    expect(containers.web.plan?.checks["up"]).toMatchObject({ http: { url: "http://localhost:80/" } });
  });

  /** Applies one plan after another on one unit. */
  async function sequence(
    ...plans: readonly WorkloadPlan[]
  ): Promise<{ starts: Record<string, number>; model: FakeModel }> {
    let current = plans[0]!;
    const model = new FakeModel();
    model.deploy(
      doing(async ({ containers: { web } }) => active((await web.apply(current)).files.join(" "))),
      "web",
    );
    for (const plan of plans) {
      current = plan;
      model.advance(600_000);
      await model.settle();
    }
    return { starts: model.starts("web", "web"), model };
  }

  test("switches off log targets that are gone, and leaves them alone where a plan names none", async () => {
    const target = { type: "loki", location: "http://loki/", services: ["all"] } as const;
    const targetsAfter = async (...later: WorkloadPlan[]) => {
      const { model } = await sequence(
        { services: { web: service }, "log-targets": { "loki/0": target, "loki/1": target } },
        ...later,
      );
      const targets = Object.entries(model.plan("web/0", "web")?.["log-targets"] ?? {});
      return Object.fromEntries(targets.map(([name, { services }]) => [name, services]));
    };
    const without = { services: { web: service }, "log-targets": { "loki/1": target } };
    expect(await targetsAfter(without, without)).toEqual({
      "loki/0": ["all", "-all"],
      "loki/1": ["all"],
    });
    expect(await targetsAfter(without)).toEqual({
      "loki/0": ["all", "-all"],
      "loki/1": ["all"],
    });
    expect(await targetsAfter({ services: { web: service } })).toEqual({
      "loki/0": ["all"],
      "loki/1": ["all"],
    });
  });

  test("a log target that moves takes another name, for Pebble sends to the place a name had first", async () => {
    const at = (location: string) => ({
      services: { web: service },
      "log-targets": { "loki/0": { type: "loki", location, services: ["all"] } as const },
    });
    const { model } = await sequence(at("http://a/"), at("http://b/"), at("http://a/"));
    const targets = model.plan("web/0", "web")?.["log-targets"];
    expect(targets).toMatchObject({
      "loki/0": { location: "http://a/", services: ["all"] },
      "loki/0#2": { location: "http://b/", services: ["all", "-all"] },
    });
  });

  test("the same plan again writes nothing and restarts nothing", async () => {
    const plan = { services: { web: service }, files: { "/a": "1" } };
    const { starts, model } = await sequence(plan, plan, plan);
    expect(starts).toEqual({ web: 1 });
    expect(model.status()).toEqual({ web: "active" });
  });

  test("a changed file restarts the services that read it, and no others", async () => {
    const services = {
      all: service,
      one: { ...service, reads: ["/etc/one"] },
      below: { ...service, reads: ["/etc/dir/"] },
      none: { ...service, reads: [] },
    };
    const files = { "/etc/one": "1", "/etc/dir/x": "1" };
    const { starts } = await sequence(
      { services, files },
      { services, files: { ...files, "/etc/one": "2" } },
    );
    expect(starts).toEqual({ all: 2, one: 2, below: 1, none: 1 });
  });

  test("a changed definition restarts its service; a changed check restarts none", async () => {
    const first = { services: { a: service, b: service }, checks: { up: { tcp: { port: 80 } } } };
    const second = {
      services: { a: { ...service, environment: { X: "1" } }, b: service },
      checks: { up: { tcp: { port: 81 } } },
    };
    const { starts, model } = await sequence(first, second);
    expect(starts).toEqual({ a: 2, b: 1 });
    expect(model.plan("web", "web")?.checks["up"]?.tcp).toEqual({ port: 81 });
  });

  test("removes what must not be there: files, strangers in exclusive directories, services", async () => {
    const first = {
      services: { web: service, old: service },
      files: { "/etc/d/a": "1", "/etc/d/b": "1", "/etc/c": "1" },
    };
    const second = {
      services: { web: { ...service, reads: [] }, old: undefined, never: undefined },
      files: { "/etc/d/a": "1", "/etc/c": undefined },
      exclusive: ["/etc/d"],
    };
    const { model } = await sequence(first, second);
    expect(model.files("web", "web")).toEqual({ "/etc/d/a": "1" });
    expect(model.plan("web", "web")?.services["old"]?.startup).toBe("disabled");
    expect(model.plan("web", "web")?.services["never"]).toBeUndefined();
    expect(model.status()).toEqual({ web: "active: /etc/c /etc/d/b" });
  });

  test("other permissions are a change", async () => {
    const plan = (permissions: string) => ({ services: {}, files: { "/a": { content: "1", permissions } } });
    const { model } = await sequence(plan("600"), plan("600"), plan("640"));
    expect(model.status()).toEqual({ web: "active: /a" });
  });

  test("a service that does not stay up is waiting, in Pebble's words", async () => {
    const state = {
      containers: { web: { failing: { web: "service start attempt: exited quickly with code 1" } } },
    };
    const { status } = await transition(applying({ services: { web: service } }), "update-status", state);
    expect(status).toEqual(waiting("web: service start attempt: exited quickly with code 1"));
  });

  test("a container that began anew is made right again", async () => {
    const { model } = await sequence({ services: { web: service }, files: { "/a": "1" } });
    model.setPebble("web/0", "web", "down");
    model.advance(600_000);
    await model.settle();
    expect(model.status()).toEqual({ web: "waiting: web: waiting for Pebble" });
    model.setPebble("web/0", "web", "restarted");
    await model.settle();
    expect(model.status()).toEqual({ web: "active: /a" });
    expect(model.starts("web", "web")).toEqual({ web: 2 });
  });
});

describe("Container", () => {
  test("reads, writes, lists and removes files", async () => {
    const charm = doing(async ({ containers: { web } }) => {
      await web.push("/d/new", "2");
      const seen = [
        await web.pull("/d/old"),
        await web.pull("/none"),
        ...(await web.list("/d")),
        ...(await web.list("/x")),
      ];
      await web.remove("/d/old");
      await web.remove("/none");
      return active(seen.map(String).join(" "));
    });
    const { status, containers } = await transition(charm, "update-status", {
      containers: { web: { files: { "/d/old": "1" } } },
    });
    expect(status).toEqual(active("1 undefined new old"));
    expect(containers.web.files).toEqual({ "/d/new": "2" });
  });

  test("runs commands; another exit code than 0 is an error", async () => {
    const exec = { tool: { stdout: "out" }, "tool bad": { exitCode: 4, stderr: "no" } };
    const charm = doing(async ({ containers: { web } }) => {
      const { stdout } = await web.exec(["tool", "good"]);
      const failed = await web.exec(["tool", "bad"]).catch((error: { exitCode: number }) => error.exitCode);
      return active(`${stdout} ${failed}`);
    });
    const { status } = await transition(charm, "update-status", { containers: { web: { exec } } });
    expect(status).toEqual(active("out 4"));
  });

  test("canConnect() says so without failing, and the framework adds what it saw", async () => {
    const charm = doing(async ({ containers: { web } }) => active(String(await web.canConnect())));
    const up = await transition(charm, "update-status");
    expect(up.status).toEqual(active("true"));
    const down = await transition(charm, "update-status", { containers: { web: { canConnect: false } } });
    expect(down.status).toEqual(waiting("web: waiting for Pebble"));
  });

  test("start(), stop(), restart() and running() leave unknown services alone", async () => {
    const charm = doing(async ({ containers: { web } }) => {
      await web.start("web", "unknown");
      await web.restart("web", "unknown");
      const before = await web.running("web");
      await web.stop("web", "unknown");
      await web.stop("unknown");
      const stopped = await web.running("web");
      await web.start("web");
      return active(`${before} ${stopped} ${await web.running("web")}`);
    });
    const layers = {
      web: { services: { web: { override: "replace", command: "a", startup: "enabled" } as const } },
    };
    const { status, containers } = await transition(charm, "update-status", {
      containers: { web: { layers } },
    });
    expect(status).toEqual(active("true false true"));
    expect(containers.web.starts).toEqual({ web: 2 });
  });
});
