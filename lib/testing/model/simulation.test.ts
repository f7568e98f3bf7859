import { FakeModel } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import proxy from "../../charm/testdata/charm.ts";
import { grafana, hydra, traefik } from "../../charm/testdata/stand-ins.ts";
import { seededRandom } from "../../model/index.ts";

function deployed(seed: number): FakeModel {
  const model = new FakeModel({ name: "iam", seed });
  model.deploy(hydra);
  model.deploy(traefik);
  model.deploy(grafana);
  model.deploy(proxy, "auth", { units: 2 });
  model.integrate("auth:ingress", "traefik:ingress");
  model.integrate("auth:oauth", "hydra:oauth");
  model.integrate("grafana:auth", "auth:auth-proxy");
  model.integrate("traefik:auth", "auth:forward-auth");
  return model;
}

/** What must come out whatever happened on the way. */
function world(model: FakeModel): unknown {
  return {
    status: model.status(),
    told: (["auth:ingress", "auth:oauth", "auth:auth-proxy", "auth:forward-auth"] as const).map((endpoint) =>
      model.databags(endpoint).map(({ localAppData, remoteAppData }) => ({ localAppData, remoteAppData })),
    ),
    plans: model.units("auth").map((unit) => model.plan(unit, "proxy")),
  };
}

/** Lets one thing in six go wrong: a killed hook, a lost pod, a silent Pebble, another leader. */
function faults(
  model: FakeModel,
  seed: number,
): { readonly onEvent: (event: string) => void; readonly count: () => number } {
  const random = seededRandom(seed * 31);
  const units = ["auth/0", "auth/1", "traefik/0", "hydra/0"] as const;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)]!;
  let count = 0;
  const kinds: readonly (() => void)[] = [
    () => model.killNextHook(pick(units), Math.floor(random.next() * 20)),
    () => model.killUnit(pick(units)),
    () => model.setPebble(pick(units.slice(0, 2)), "proxy", pick(["down", "up", "restarted"])),
    () => model.setLeader(pick(units.slice(0, 2))),
  ];
  const onEvent = () => {
    if (count >= 25 || random.next() > 1 / 6) return;
    count += 1;
    pick(kinds)();
  };
  return { onEvent, count: () => count };
}

describe.each([1, 2, 3, 4])("seed %i", (seed) => {
  test("whatever goes wrong on the way, the end is the same", async () => {
    const quiet = deployed(seed);
    await quiet.settle();

    const model = deployed(seed);
    const { onEvent, count } = faults(model, seed);
    for (let round = 0; round < 4; round++) {
      await model.settle({ onEvent, maxEvents: 2000 });
      model.advance(600_000);
    }
    for (const unit of model.units("auth")) model.setPebble(unit, "proxy", "up");
    await model.settle();
    expect(count()).toBeGreaterThan(3);
    expect(world(model)).toEqual(world(quiet));
  });
});
