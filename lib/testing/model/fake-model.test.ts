import { active, defineCharm } from "charmed-iap/charm";
import { FakeModel, SettleError, type SettleOptions } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import { identityPlatform } from "../../../test/model/identity-platform.ts";
import proxy from "../../charm/testdata/charm.ts";
import { grafana, hydra, traefik } from "../../charm/testdata/stand-ins.ts";

/** Event orders. Within one unit order is Juju's; between units it is anybody's guess. */
const seeds = [1, 2, 3, 5, 8];

async function settled(seed: number): Promise<FakeModel> {
  const model = new FakeModel({ name: "iam", seed });
  for (const charm of [hydra, traefik, grafana]) model.deploy(charm);
  model.deploy(proxy, "auth", { config: { "session-ttl": 600 } });
  model.integrate("auth:ingress", "traefik:ingress");
  model.integrate("auth:oauth", "hydra:oauth");
  model.integrate("grafana:auth", "auth:auth-proxy");
  model.integrate("traefik:auth", "auth:forward-auth");
  await model.settle();
  return model;
}

describe.each(seeds)("seed %i", (seed) => {
  test("the gateway learns whom to check and where to ask", async () => {
    const model = await settled(seed);
    expect(model.status()).toEqual({
      hydra: "active",
      traefik: "active: checks grafana",
      grafana: "active",
      auth: "active",
    });
    const { environment } = model.plan("auth", "proxy")!.services["proxy"]!;
    expect(environment).toMatchObject({ ISSUER_URL: "https://id.test", SESSION_TTL: "600" });
  });

  test("losing the provider blocks the proxy and leaves the gateway checking", async () => {
    const model = await settled(seed);
    model.removeRelation("auth:oauth", "hydra:oauth");
    await model.settle();
    expect(model.status()).toMatchObject({
      auth: "blocked: oauth: relation required",
      traefik: "active: checks grafana",
    });
  });
});

test("settle() gives up when charms never stop telling each other things", async () => {
  const model = new FakeModel();
  model.deploy(hydra);
  await expect(model.settle({ maxEvents: 1 })).rejects.toThrow(SettleError);
});

describe("what only a test can do", () => {
  test("the same seed is the same history, another one another", async () => {
    const [a, b, c] = [await settled(11), await settled(11), await settled(12)];
    expect(a.trace).toEqual(b.trace);
    expect(c.trace).not.toEqual(a.trace);
    expect(c.databags("auth:oauth")).toEqual(a.databags("auth:oauth"));
  });

  test.each([1, 2, 3, 4, 5])("seed %i: whoever watches a settle changes nothing of it", async (seed) => {
    const traceOf = async (options: SettleOptions) => {
      const model = identityPlatform({ seed });
      await model.settle(options);
      // Agents that are up join a new relation by themselves, when they begin their next hook at the latest.
      model.removeRelation("login-ui:ingress", "traefik-public:ingress");
      await model.settle(options);
      model.integrate("login-ui:ingress", "traefik-public:ingress");
      model.scale("oauth2-proxy", 3);
      await model.settle(options);
      return model.trace;
    };
    expect(await traceOf({})).toEqual(await traceOf({ onEvent: () => undefined }));
  });

  test("hooks of several units overlap: one begins before another ends", async () => {
    const opened: string[] = [];
    const watching = defineCharm({ name: "watch", summary: "x" }).implement({
      reconcile({ unit }) {
        opened.push(unit);
        return active();
      },
    });
    const model = new FakeModel({ seed: 2 });
    model.deploy(watching, "watch", { units: 3 });
    await model.settle();
    // Ends come in another order than beginnings.
    expect(opened).not.toEqual(model.trace.map((event) => event.split(" ")[0]));
  });

  test("an action runs, and what follows from it", async () => {
    const model = await settled(1);
    const task = await model.run("auth/leader", "revoke-sessions", { subject: "ann" });
    expect(task).toMatchObject({ status: "completed", results: { revoked: "1" } });
    const refused = await model.run("auth/0", "revoke-sessions", { subject: "" });
    expect(refused).toMatchObject({ status: "error", message: expect.stringContaining("subject") });
  });

  test("Pebble goes and comes back, with and without what it held", async () => {
    const model = await settled(1);
    model.setPebble("auth/0", "proxy", "down");
    model.setConfig("auth", { "session-ttl": 700 });
    await model.settle();
    expect(model.status()["auth"]).toBe("waiting: proxy: waiting for Pebble");
    model.setPebble("auth/0", "proxy", "up");
    await model.settle();
    expect(model.plan("auth", "proxy")?.services["proxy"]?.environment?.["SESSION_TTL"]).toBe("700");
    model.setPebble("auth/0", "proxy", "restarted");
    expect(model.plan("auth", "proxy")).toBeUndefined();
    await model.settle();
    expect(model.plan("auth", "proxy")?.services["proxy"]).toBeDefined();
  });

  test("applications go, and leave what they must", async () => {
    const model = await settled(3);
    model.removeApplication("grafana");
    await model.settle();
    expect(Object.keys(model.status())).not.toContain("grafana");
    expect(model.databags("auth:auth-proxy")).toEqual([]);
    expect(model.databags("auth:forward-auth")[0]?.localAppData["app_names"]).toBe("[]");
    expect(model.units("grafana")).toEqual([]);
  });

  test("scaling makes followers, who do the same work and write nothing for the application", async () => {
    const model = await settled(3);
    const before = model.databags("auth:oauth")[0]?.localAppData;
    model.scale("auth", 3);
    await model.settle();
    expect(model.units("auth")).toEqual(["auth/0", "auth/1", "auth/2"]);
    expect(model.unitStatus("auth/2")).toBe("active");
    expect(model.plan("auth/2", "proxy")?.services["proxy"]).toBeDefined();
    expect(model.databags("auth:oauth")[0]?.localAppData).toEqual(before);
  });

  test("a hook that keeps failing is tried again, and said", async () => {
    let healthy = false;
    const failing = defineCharm({ name: "failing", summary: "x" }).implement({
      reconcile() {
        if (!healthy) throw new Error("not yet");
        return active();
      },
    });
    const model = new FakeModel();
    model.deploy(failing);
    await expect(model.settle({ maxEvents: 5 })).rejects.toThrow(/failing: failing\/0; .*ERROR/);
    expect(model.unitStatus("failing/0")).toContain("error: hook failed");
    healthy = true;
    await model.settle();
    expect(model.status()).toEqual({ failing: "active" });
  });

  test("one event at a time", async () => {
    const model = new FakeModel();
    model.deploy(hydra);
    const events: (string | undefined)[] = [];
    for (let index = 0; index < 5; index++) events.push(await model.step("hydra/0"));
    expect(events).toEqual(["install", "leader-elected", "config-changed", "start", undefined]);
  });

  test("ports, and names nobody has", async () => {
    const opening = defineCharm({ name: "ports", summary: "x" }).implement({
      reconcile({ setPorts }) {
        setPorts(8080, "53/udp");
        return active();
      },
    });
    const model = new FakeModel();
    model.deploy(opening);
    await model.settle();
    expect(model.openedPorts("ports/0")).toEqual(["53/udp", "8080/tcp"]);
    expect(() => model.unitStatus("ports/9")).toThrow('Cannot find unit "ports/9"');
    expect(() => model.plan("ports", "none")).toThrow('Cannot find container "none"');
    expect(() => model.integrate("ports:a", "ports:b")).toThrow();
  });
});
