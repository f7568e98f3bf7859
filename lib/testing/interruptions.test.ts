import { active, type Context, defineCharm, type Status, waiting } from "charmed-iap/charm";
import { interruptEverywhere, type StateOf } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import { ingress, proxyPeers } from "../charm/testdata/interfaces.ts";

const contract = defineCharm({
  name: "web",
  summary: "Writes everything.",
  requires: { ingress: ingress.requirer({ limit: 1 }) },
  peers: { peers: proxyPeers.peer() },
  containers: { web: { image: "web-image" } },
});
type Ctx = Context<typeof contract.contract>;
const doing = (reconcile: (ctx: Ctx) => Status | Promise<Status>) => contract.implement({ reconcile });
const complete: StateOf<ReturnType<typeof doing>> = {
  leader: true,
  relations: { peers: {}, ingress: { remoteAppData: { ingress: { url: "https://a.test/" } } } },
  containers: { web: { exec: { "web migrate": {} } } },
};

const good = doing(async ({ app, model, relations, secrets, state, containers, setPorts }) => {
  const secret = await secrets.ensure("key", () => ({ value: "made once" }));
  if (secret === undefined) return waiting("the leader makes the key");
  setPorts(8080);
  state.set("seen", "yes");
  relations.peers.publish({ key: secret.id });
  relations.ingress.publish({ name: app, model, port: 8080 });
  if (relations.ingress.state !== "ready") return relations.ingress.status;
  await containers.web.apply({
    services: { web: { command: "web" } },
    files: { "/etc/a": "a", "/etc/b": relations.ingress.data.ingress.url },
  });
  return active();
});

describe("interruptEverywhere()", () => {
  test("is content with a charm that reads what is and writes what should be, and counts", async () => {
    const { commands, requests } = await interruptEverywhere(good, "config-changed", complete);
    expect(commands).toBeGreaterThan(15);
    expect(requests["web"]).toBeGreaterThan(4);
  });

  test.each<[string, (ctx: Ctx) => Promise<Status>, string]>([
    [
      "remembers in the workload what it has not told Juju",
      async ({ relations, containers: { web } }) => {
        if (await web.exists("/etc/told")) return active();
        await web.push("/etc/told", "yes");
        relations.peers.publishUnit({ address: "10.0.0.1" });
        return active();
      },
      'killed after command 9, relation-get: the next run leaves something else: .relations.1.1.0.localUnitData.address is undefined, must be "10.0.0.1"',
    ],
    [
      "writes a file in two steps",
      async ({ containers: { web } }) => {
        await web.push("/etc/a", "half");
        await web.push("/etc/a", "whole");
        return active();
      },
      "/etc/a is neither as before nor as it should be",
    ],
    [
      "fails without Pebble",
      async ({ containers: { web } }) => {
        await web.push("/etc/a", "a").catch(() => {
          throw new Error("no Pebble");
        });
        return active();
      },
      "the hook failed, must wait",
    ],
  ])("finds a charm that %s", async (_what, reconcile, fault) => {
    const running = interruptEverywhere(doing(reconcile), "config-changed", complete);
    await expect(running).rejects.toThrow(fault);
  });

  test("random values are compared by what is the same of them", async () => {
    const random = doing(async ({ secrets, relations }) => {
      const secret = await secrets.ensure("key", () => ({ value: String(Math.random()) }));
      relations.peers.publishUnit({ address: `${secret?.content["value"]?.reveal()}!` });
      return active();
    });
    const run = (options: Parameters<typeof interruptEverywhere<typeof contract.contract>>[3]) =>
      interruptEverywhere(random, "config-changed", complete, options);
    await expect(run({})).rejects.toThrow("the next run leaves something else");
    await expect(run({ randomSecrets: ["key"] })).resolves.toBeDefined();
    const seen = ({ secrets }: { secrets: readonly { label: string }[] }) =>
      secrets.map(({ label }) => label);
    await expect(run({ seen })).resolves.toBeDefined();
  });
});
