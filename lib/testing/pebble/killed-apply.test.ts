import type { WorkloadPlan } from "charmed-iap/charm";
import type { PebbleTransport } from "charmed-iap/pebble";
import { expect, test } from "vitest";
import { containerView } from "../../charm/runtime/container-view.ts";
import { FakePebble } from "./fake-pebble.ts";

const plan = (version: string): WorkloadPlan => ({
  services: {
    web: { command: `web ${version}` },
    reader: { command: "reader", reads: ["/etc/b"] },
    old: undefined,
  },
  files: { "/etc/a": version, "/etc/b": version, "/etc/gone": undefined },
  exclusive: ["/etc/d"],
});

/** What a container holds, and with what its services run. */
const world = (pebble: FakePebble) => ({
  files: pebble.files.texts(),
  plan: pebble.plan,
  running: Object.keys(pebble.plan.services).filter((name) => pebble.isRunning(name)),
});

/** A container that runs version 1, with things that version 2 removes. */
async function started(): Promise<FakePebble> {
  const pebble = new FakePebble("web", { files: { "/etc/gone": "x", "/etc/d/x": "x" } });
  await apply(pebble.transport(), {
    ...plan("1"),
    services: { ...plan("1").services, old: { command: "old" } },
    exclusive: [],
  });
  return pebble;
}

const apply = (transport: PebbleTransport, wanted: WorkloadPlan) =>
  containerView({ name: "web", transport, path: (one) => one, unreachable: () => undefined }).apply(wanted);

/** Lets some requests through and ends the process at the next one. */
function dyingAfter(transport: PebbleTransport, requests: number): PebbleTransport {
  let left = requests;
  return {
    ...transport,
    request: async (request) => {
      left -= 1;
      if (left < 0) throw new Error("killed");
      return await transport.request(request);
    },
  };
}

test("apply() killed after any request is finished by the next one", async () => {
  const undisturbed = await started();
  await apply(undisturbed.transport(), plan("2"));
  let kills = 0;
  for (let requests = 0; requests < 25; requests++) {
    const pebble = await started();
    const killed = await apply(dyingAfter(pebble.transport(), requests), plan("2")).catch(
      (error: Error) => error.message,
    );
    if (killed === "killed") kills += 1;
    await apply(pebble.transport(), plan("2"));
    expect(world(pebble)).toEqual(world(undisturbed));
    expect(pebble.starts.get("web"), `killed after ${requests}`).toBe(2);
    expect(pebble.starts.get("reader"), `killed after ${requests}`).toBe(2);
  }
  expect(kills).toBeGreaterThan(8);
});
