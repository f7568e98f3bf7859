import { active, blocked, defineCharm, option } from "charmed-iap/charm";
import { inCluster } from "charmed-iap/kubernetes";
import { describe, expect, test } from "vitest";
import { tap } from "../../hook/taps.ts";
import type { Cluster } from "../../kubernetes/index.ts";
import { ingress } from "../testdata/interfaces.ts";
import { recordHook } from "../testdata/record-hook.ts";
import { parseRecording } from "./recording.ts";
import { replay } from "./replay.ts";

const contract = defineCharm({
  name: "web",
  summary: "x",
  config: { port: option.int({ default: 8080, description: "x" }) },
  requires: { ingress: ingress.requirer({ limit: 1 }) },
  containers: { web: { image: "web-image" } },
});

/** A charm with one thing in it that can be another. */
const web = (o: { port?: number; ports?: number; command?: string; status?: string; env?: string } = {}) =>
  contract.implement({
    async reconcile({ app, model, setPorts, relations: { ingress }, containers }) {
      ingress.publish({ name: app, model, port: o.port ?? 8080 });
      if (o.ports !== 0) setPorts(o.ports ?? 8080);
      await containers.web.apply({ services: { web: { command: o.command ?? "web" } } });
      return o.status === undefined ? active() : blocked(o.status);
    },
  });
const state = {
  leader: true,
  relations: { ingress: { remoteAppData: { ingress: { url: "https://gw.test/" } } } },
};
const recording = async () => parseRecording((await recordHook(web(), "config-changed", state)).text!);

describe("replay()", () => {
  test("finds no divergence in the same charm, however often", async () => {
    const recorded = await recording();
    for (let round = 0; round < 2; round++) expect((await replay(web(), recorded)).divergences).toEqual([]);
  });

  test.each([
    [
      "another databag",
      web({ port: 9090 }),
      { kind: "different arguments", what: "relation-set", replayed: expect.stringContaining("9090") },
    ],
    [
      "another port",
      web({ ports: 81 }),
      { kind: "different arguments", what: "open-port", replayed: "81/tcp" },
    ],
    ["a write left out", web({ ports: 0 }), { kind: "not repeated", what: "open-port" }],
    [
      "another plan",
      web({ command: "web --debug" }),
      {
        kind: "different arguments",
        what: "web: POST /v1/layers",
        replayed: expect.stringContaining("--debug"),
      },
    ],
    [
      "another status",
      web({ status: "read me" }),
      { kind: "different status", what: "the unit", recorded: "active: ", replayed: "blocked: read me" },
    ],
  ])("tells %s", async (_name, changed, divergence) => {
    const { divergences } = await replay(changed, await recording());
    expect(divergences).toContainEqual(expect.objectContaining(divergence));
  });

  test("tells a command that was not recorded, and goes on", async () => {
    const curious = contract.implement({
      async reconcile({ state: kept, plannedUnits }) {
        kept.set("a", "b");
        await plannedUnits();
        return active();
      },
    });
    const { divergences } = await replay(curious, await recording());
    expect(divergences).toContainEqual(expect.objectContaining({ kind: "not recorded", what: "goal-state" }));
  });

  test("refuses the recording of another charm", async () => {
    const other = defineCharm({ name: "other", summary: "x" }).implement({ reconcile: () => active() });
    await expect(replay(other, await recording())).rejects.toThrow(
      'Cannot replay the recording: it is of "web", must be of "other"',
    );
  });

  test("gives the time of then", async () => {
    const recorded = await recording();
    let seen = 0;
    const clock = contract.implement({
      reconcile({ now }) {
        seen = now();
        return active();
      },
    });
    await replay(clock, recorded);
    expect(seen).toBe(recorded.started);
  });

  test("a container that did not answer does not answer", async () => {
    const { text } = await recordHook(web(), "start", {
      ...state,
      containers: { web: { canConnect: false } },
    });
    const replayed = await replay(web(), parseRecording(text!));
    expect(replayed.divergences).toEqual([]);
    expect(replayed.status?.message).toBe("web: waiting for Pebble");
  });

  test("commands in the container have the output of then", async () => {
    const version = contract.implement({
      async reconcile({ containers, setWorkloadVersion }) {
        setWorkloadVersion((await containers.web.exec(["web", "--version"])).stdout.trim());
        return active();
      },
    });
    const exec = { web: { stdout: "v1.2.3\n" } };
    const { text, outcome } = await recordHook(version, "start", {
      ...state,
      containers: { web: { exec } },
    });
    expect(outcome.exitCode).toBe(0);
    expect(text).toContain("v1.2.3");
    expect((await replay(version, parseRecording(text!))).divergences).toEqual([]);
  });

  test("Kubernetes answers as then, and a change that is not the same is told", async () => {
    const patches = (limit: string) =>
      contract.implement({
        async reconcile() {
          const body = { limit };
          await inCluster().request({ method: "PATCH", path: "/apis/apps/v1/x", body });
          return active();
        },
      });
    const real: Cluster = { namespace: "iam", request: async () => ({ kind: "StatefulSet" }) };
    const place = { KUBERNETES_SERVICE_HOST: "" };
    expect(() => inCluster({ env: place })).toThrow("this is no pod");
    const recorded = await withCluster(real, () => recordHook(patches("1Gi"), "start", state));
    expect((await replay(patches("1Gi"), recorded)).divergences).toEqual([]);
    expect((await replay(patches("2Gi"), recorded)).divergences).toEqual([
      {
        kind: "different arguments",
        what: "Kubernetes: PATCH /apis/apps/v1/x",
        recorded: '{"limit":"1Gi"}',
        replayed: '{"limit":"2Gi"}',
      },
    ]);
  });

  test("values for secrets that a charm looks into are given by name", async () => {
    const looks = defineCharm({ name: "web", summary: "x" }).implement({
      async reconcile({ secrets }) {
        const { json } = await secrets.get("secret:9m4e2mr0ui3e8a215n4g");
        return active(JSON.parse(json!.reveal()).text);
      },
    });
    const secrets = [{ id: "9m4e2mr0ui3e8a215n4g", content: { json: '{"text":"as it was"}' } }];
    const { text } = await recordHook(looks, "start", { secrets });
    expect(text).not.toContain('\\"text\\"');
    const recorded = parseRecording(text!);
    expect((await replay(looks, recorded)).exitCode).toBe(1);
    const given = { "redacted-1": '{"text":"as it was"}' };
    expect((await replay(looks, recorded, { secrets: given })).divergences).toEqual([]);
  });
});

/** Records with a cluster in the place of the pod's. */
async function withCluster(cluster: Cluster, record: () => ReturnType<typeof recordHook>) {
  const untap = tap({ cluster: (() => cluster) as never });
  try {
    const { text, told } = await record();
    expect(told).toEqual([]);
    return parseRecording(text!);
  } finally {
    untap();
  }
}
