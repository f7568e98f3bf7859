import type { WorkloadPlan } from "charmed-iap/charm";
import type { PebbleTransport } from "charmed-iap/pebble";
import { expect, test } from "vitest";
import { containerView } from "../../charm/runtime/container-view.ts";
import { FakePebble } from "./fake-pebble.ts";

const web = { command: "web", environment: { A: "1" } };
const loki = { type: "loki", location: "http://a/", services: ["all"] } as const;
const plan: WorkloadPlan = {
  services: { web, gone: undefined },
  checks: { up: { tcp: { port: 80 } } },
  files: { "/etc/web": "x" },
  "log-targets": { loki },
};

/** How many layers are added by applying these plans after the first one. */
async function layersAdded(first: WorkloadPlan, ...later: readonly WorkloadPlan[]): Promise<number> {
  const pebble = new FakePebble("web");
  const transport = pebble.transport();
  let added = 0;
  const counting: PebbleTransport = {
    ...transport,
    request: async (request) => {
      if (request.method === "POST" && request.path === "/v1/layers") added += 1;
      return await transport.request(request);
    },
  };
  const apply = async (over: PebbleTransport, wanted: WorkloadPlan) => {
    const view = { name: "web", transport: over, path: (at: string) => at, unreachable: () => undefined };
    await containerView(view).apply(wanted);
  };
  await apply(transport, first);
  for (const one of later) await apply(counting, one);
  return added;
}

test("a plan with log targets that is so already adds no layer: Pebble would send all logs again", async () => {
  expect(await layersAdded(plan, plan, plan)).toBe(0);
});

test.each<[string, WorkloadPlan]>([
  ["a service", { ...plan, services: { web: { ...web, user: "x" } } }],
  ["a variable that is gone", { ...plan, services: { web: { command: "web" } } }],
  ["a file, through the service that reads it", { ...plan, files: { "/etc/web": "y" } }],
  ["a check", { ...plan, checks: { up: { tcp: { port: 81 } } } }],
  ["a threshold", { ...plan, checks: { up: { tcp: { port: 80 }, threshold: 2 } } }],
  ["a service that must not be", { ...plan, services: { web: undefined } }],
  ["a target's place", { ...plan, "log-targets": { loki: { ...loki, location: "http://b/" } } }],
  ["a target that is gone", { ...plan, "log-targets": {} }],
])("what differs is added: %s", async (_what, changed) => {
  expect(await layersAdded(plan, changed)).toBe(1);
});

test("without log targets every plan is added, which costs less than to ask", async () => {
  const { "log-targets": _none, ...plain } = plan;
  expect(await layersAdded(plain, plain)).toBe(1);
});
