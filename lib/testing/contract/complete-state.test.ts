import { active, defineCharm, worst } from "charmed-iap/charm";
import { ingress } from "charmed-iap/interfaces/ingress/v2";
import { lokiPushApi } from "charmed-iap/interfaces/loki_push_api/v1";
import { tracing } from "charmed-iap/interfaces/tracing/v2";
import { completeState, transition } from "charmed-iap/testing";
import { expect, test } from "vitest";

const charm = defineCharm({
  name: "web",
  summary: "x",
  requires: {
    ingress: ingress.requirer({ limit: 1 }),
    logging: lokiPushApi.requirer({ limit: 1 }),
    tracing: tracing.requirer({ limit: 1, optional: true }),
  },
  containers: { web: { image: "web-image" } },
  storage: {
    data: { type: "filesystem" },
    logs: { type: "filesystem", multiple: "0-2" },
    wal: { type: "filesystem", multiple: "2+" },
  },
}).implement({
  async reconcile({ leader, relations: { ingress, logging, tracing }, storage }) {
    ingress.publish({ model: "m", name: "web", port: 80 });
    const all = await Promise.all((["data", "logs", "wal"] as const).map((name) => storage(name)));
    const said = `${leader} ${tracing.state} ${all.map((instances) => instances.length).join(" ")}`;
    return worst([active(said), ingress.status, logging.status]);
  },
});

test("a charm lacks nothing in it: all that is required is ready, what is optional is not there", async () => {
  const { status } = await transition(charm, "config-changed", completeState(charm));
  expect(status).toEqual(active("true missing 1 0 2"));
});

test("what is given stands, endpoint by endpoint", async () => {
  const state = completeState(charm, {
    leader: false,
    relations: { ingress: { remoteApp: "gw", units: 0 } },
  });
  const { status } = await transition(charm, "config-changed", state);
  expect(status.message).toBe("ingress: waiting for gw");
  expect(Object.keys(state.relations ?? {})).toEqual(["ingress", "logging"]);
});
