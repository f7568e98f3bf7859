import { active, defineCharm, waiting } from "charmed-iap/charm";
import { FakeModel } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import { ingress, oauth, proxyPeers } from "./testdata/interfaces.ts";
import { hydra, traefik } from "./testdata/stand-ins.ts";

/** Writes everything a charm can write. */
const web = defineCharm({
  name: "web",
  summary: "Writes everything.",
  requires: { ingress: ingress.requirer({ limit: 1 }), oauth: oauth.requirer({ limit: 1 }) },
  peers: { peers: proxyPeers.peer() },
  containers: { web: { image: "web-image" } },
}).implement({
  async reconcile({ app, unit, model, relations, secrets, state, containers, setPorts }) {
    const { ingress, oauth, peers } = relations;
    const secret = await secrets.ensure("key", () => ({ value: "made once" }));
    if (secret === undefined) return waiting("the leader makes the key");
    setPorts(8080);
    state.set("seen", "yes");
    peers.publishUnit({ address: unit });
    peers.publish({ key: secret.id });
    ingress.publish({ name: app, model, port: 8080 });
    if (ingress.state !== "ready") return ingress.status;
    oauth.publish({ redirect_uri: ingress.data.ingress.url, scope: "openid", grant_types: [] });
    if (oauth.state !== "ready") return oauth.status;
    await containers.web.apply({
      services: { web: { command: "web", environment: { CLIENT: oauth.data.client_id } } },
      files: { "/etc/web": oauth.data.issuer_url },
    });
    return active();
  },
});

/** The model without what differs by accident: ids of secrets. */
function world(model: FakeModel): unknown {
  const seen = {
    bags: (["web:ingress", "web:oauth", "web:peers"] as const).map((endpoint) => model.databags(endpoint)),
    status: model.status(),
    files: model.files("web", "web"),
    plan: model.plan("web", "web"),
    ports: model.openedPorts("web/0"),
    secrets: model.secrets("web"),
  };
  return JSON.parse(JSON.stringify(seen).replaceAll(/secret:\/\/[0-9a-f-]+\/[0-9a-v]{20}/g, "secret:*"));
}

function deployed(): FakeModel {
  const model = new FakeModel({ name: "iam", seed: 7 });
  model.deploy(hydra);
  model.deploy(traefik);
  model.deploy(web);
  model.integrate("web:ingress", "traefik:ingress");
  model.integrate("web:oauth", "hydra:oauth");
  return model;
}

/** Runs the model to its end, killing the unit's hook number `hook` after `commands` hook commands. */
async function killed(hook: number, commands: number): Promise<unknown> {
  const model = deployed();
  for (let index = 0; index < hook; index++)
    if ((await model.step("web/0")) === undefined) await model.settle();
  model.killNextHook("web/0", commands);
  await model.settle();
  // The longest of these hooks makes fewer than 40 commands and each more than 5.
  if (commands <= 5) expect(model.logs.join("\n")).toContain("was terminated");
  return world(model);
}

describe("a hook killed after any hook command leaves nothing that the next run does not repair", () => {
  test.each(Array.from({ length: 22 }, (_none, commands) => commands))(
    "after %i commands",
    async (commands) => {
      const model = deployed();
      await model.settle();
      const undisturbed = world(model);
      for (const hook of [3, 6]) expect(await killed(hook, commands)).toEqual(undisturbed);
    },
  );

  test("a unit that loses its pod in the middle of everything comes back to the same world", async () => {
    const model = deployed();
    await model.settle();
    const undisturbed = world(model);
    model.killUnit("web/0");
    await model.settle();
    expect(world(model)).toEqual(undisturbed);
    expect(model.starts("web", "web")).toEqual({ web: 1 });
  });
});

describe("leaders and followers", () => {
  test("a new leader says the same, and nothing is said twice", async () => {
    const model = deployed();
    await model.settle();
    model.scale("web", 3);
    await model.settle();
    const before = model.databags("web:oauth")[0]?.localAppData;
    const events = model.trace.length;
    model.setLeader("web/2");
    await model.settle();
    expect(model.leader("web")).toBe("web/2");
    expect(model.databags("web:oauth")[0]?.localAppData).toEqual(before);
    expect(model.trace.slice(events).filter((event) => event.startsWith("hydra/"))).toEqual([]);
    expect(model.status()["web"]).toBe("active");
  });
});
