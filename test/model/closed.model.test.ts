import { type FakeModel, simulate } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import oauth2Proxy from "../../charms/oauth2-proxy-k8s/charm.ts";
import type { DynamicConfig } from "../../charms/traefik-k8s/dynamic.ts";
import { seededRandom } from "../../lib/model/index.ts";
import { deployTopology, topology } from "./topology.ts";

/** Routes to the protected application that would let a request through without a decision. */
function openRoutes(model: FakeModel): string[] {
  const files = model.units("traefik-public").flatMap((unit) => Object.entries(model.files(unit, "traefik")));
  return files.flatMap(([path, text]) => {
    if (!path.startsWith("/opt/traefik/juju/") || !path.endsWith(".yaml")) return [];
    const { http } = JSON.parse(text) as DynamicConfig;
    return Object.entries(http?.routers ?? {}).flatMap(([name, { service, middlewares = [] }]) => {
      const toApp = JSON.stringify(http?.services?.[service]).includes("whoami");
      const guard = JSON.stringify(http?.middlewares?.[middlewares[0] ?? ""] ?? "");
      return toApp && !guard.includes("forwardAuth") ? [`${path}: ${name}`] : [];
    });
  });
}

/** Runs one event after the other in a random order, and looks at the routes after each. */
async function settleWatching(model: FakeModel, seed: number): Promise<void> {
  const random = seededRandom(seed);
  for (let runnable = model.engine.runnable(); runnable.length > 0; runnable = model.engine.runnable()) {
    const unit = runnable[Math.floor(random.next() * runnable.length)] as string;
    const event = await model.step(unit);
    expect(openRoutes(model), `after ${event} on ${unit}, seed ${seed}`).toEqual([]);
  }
  await model.settle();
  expect(openRoutes(model)).toEqual([]);
}

const auth = ["oauth2-proxy:auth-proxy", "whoami:auth-proxy"] as const;
const gateway = ["oauth2-proxy:forward-auth", "traefik-public:experimental-forward-auth"] as const;

/** What may happen to a protected application's surroundings. */
const stories: Readonly<Record<string, (model: FakeModel) => void>> = {
  "nothing more": () => {},
  "the application's protection is removed": (model) => model.removeRelation(...auth),
  "the decision point's relation to the gateway is removed": (model) => model.removeRelation(...gateway),
  "the decision point is removed": (model) => model.removeApplication("oauth2-proxy"),
  "the decision point has no units left": (model) => model.scale("oauth2-proxy", 0),
  "the option goes off": (model) =>
    model.setConfig("traefik-public", { enable_experimental_forward_auth: false }),
  "the provider is removed": (model) => model.removeApplication("hydra"),
  "the gateway's pod is replaced": (model) => model.killUnit("traefik-public/0"),
  "the gateway's hook is killed half-way": (model) => model.killNextHook("traefik-public/0", 3),
  "the decision point's pod is replaced": (model) => model.killUnit("oauth2-proxy/0"),
  "the gateway scales out": (model) => model.scale("traefik-public", 3),
  "the certificates are removed": (model) =>
    model.removeRelation("traefik-public:certificates", "self-signed-certificates:certificates"),
};

describe.each(Object.entries(stories))("%s", (story, happen) => {
  test("the route is never open, whenever that happens and whatever else goes wrong", async () => {
    await simulate(deployTopology, {
      runs: 3,
      mishaps: 2,
      model: { name: "iam" },
      actions: { [story]: happen },
      invariant: (model) => expect(openRoutes(model)).toEqual([]),
    });
  });
});

test("a decision point that is deployed anew opens nothing before it protects again", async () => {
  const model = topology({ seed: 4 });
  await model.settle();
  model.removeApplication("oauth2-proxy");
  await settleWatching(model, 4);
  expect(model.status()["traefik-public"]).toBe(
    "blocked: 1 protected application is closed: relate experimental-forward-auth, or run release-protection",
  );
  model.deploy(oauth2Proxy, "second", {
    containers: { "oauth2-proxy": { exec: { "/bin/oauth2-proxy --version": { stdout: "v7.15.3" } } } },
  });
  model.integrate("second:forward-auth", "traefik-public:experimental-forward-auth");
  await settleWatching(model, 5);
  model.integrate("second:auth-proxy", "whoami:auth-proxy");
  await settleWatching(model, 6);
});

test("release-protection opens nothing that asks not to be open, and refuses what is protected", async () => {
  const model = topology({ seed: 7 });
  await model.settle();
  const refused = await model.run("traefik-public/leader", "release-protection", { application: "whoami" });
  expect(refused).toMatchObject({ status: "failed" });
  model.removeApplication("oauth2-proxy");
  await model.settle();
  const released = await model.run("traefik-public/leader", "release-protection", { application: "whoami" });
  expect(released).toMatchObject({ status: "completed", results: { released: "whoami" } });
  model.advance(6 * 60_000);
  await settleWatching(model, 8);
});
