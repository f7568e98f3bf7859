import { describe, expect, test } from "vitest";
import { type Cluster, KubernetesError } from "../kubernetes/index.ts";
import { type Limited, limitStatus } from "./limits.ts";
import { active, blocked, waiting } from "./status.ts";

/** A context whose state lasts, and a cluster that notes what it is asked. */
function around(config: { cpu?: string; memory?: string }, leader = true, state = new Map<string, string>()) {
  const calls: string[] = [];
  const ctx: Limited = {
    app: "web",
    leader,
    config: { cpu: config.cpu, memory: config.memory },
    state: { get: async (key) => state.get(key), set: (key, value) => void state.set(key, value) },
  };
  const cluster: Cluster = {
    namespace: "m",
    async request({ method, body }) {
      calls.push(`${method} ${JSON.stringify(body) ?? ""}`);
      return {};
    },
  };
  return { ctx, calls, state, open: async () => cluster };
}

const failing = (status: number) => async (): Promise<Cluster> => ({
  namespace: "m",
  request: () => Promise.reject(new KubernetesError({ code: "ERR_KUBERNETES_API", status, message: "no" })),
});

describe("limitStatus()", () => {
  test("never set: Kubernetes is not asked", async () => {
    const { ctx, calls, open } = around({});
    expect(await limitStatus(ctx, "web", open)).toEqual(active());
    expect(calls).toEqual([]);
  });

  test("a leader that was a follower when limits were set takes them away", async () => {
    const before = around({ cpu: "500m" }, false);
    await limitStatus(before.ctx, "web", before.open);
    expect(before.calls).toEqual([]);
    const now = around({}, true, before.state);
    expect(await limitStatus(now.ctx, "web", now.open)).toEqual(active());
    expect(now.calls.at(-1)).toContain('"limits":{"cpu":null,"memory":null}');
  });

  test.each([
    [403, blocked("Kubernetes resources patch failed: not permitted, run: juju trust web --scope=cluster")],
    [503, waiting("waiting for resources patch to apply")],
    [422, blocked("Kubernetes resources patch failed: no")],
  ])("an answer of %i", async (status, expected) => {
    expect(await limitStatus(around({ memory: "1Gi" }).ctx, "web", failing(status))).toEqual(expected);
  });

  test.each(["lots", "1 Gi", "-1", "1e3x"])("%j is no amount", async (cpu) => {
    const { ctx, calls, open } = around({ cpu });
    expect((await limitStatus(ctx, "web", open)).message).toContain("cpu must be an amount");
    expect(calls).toEqual([]);
  });
});
