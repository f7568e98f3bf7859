import { FakeModel, SettleError } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
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
