import { active, type Context, defineCharm, type Status, sensitive, waiting } from "charmed-iap/charm";
import { FakeModel, type StateOf, transition } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import { proxyPeers } from "./testdata/interfaces.ts";

const contract = defineCharm({ name: "web", summary: "x", peers: { peers: proxyPeers.peer() } });
type Ctx = Context<typeof contract.contract>;
const doing = (reconcile: (ctx: Ctx) => Status | Promise<Status>) => contract.implement({ reconcile });
type State = StateOf<ReturnType<typeof doing>>;

const twoOfThree = doing((ctx) => {
  ctx.setAppStatus(waiting("two of three are ready"));
  return active();
});

describe("setAppStatus()", () => {
  test("reports for the application, before the unit's own status", async () => {
    const { appStatus, status, commands } = await transition(twoOfThree, "update-status", { leader: true });
    expect(appStatus).toEqual({ name: "waiting", message: "two of three are ready" });
    expect(status).toEqual(active());
    expect(commands.filter((line) => line.startsWith("status-set"))).toEqual([
      "status-set --application=true waiting -- two of three are ready",
      "status-set --application=false active -- ",
    ]);
  });

  test("does nothing on a follower, and says so in the log", async () => {
    const { appStatus, logs, commands } = await transition(twoOfThree, "update-status");
    expect(appStatus).toBeUndefined();
    expect(commands.filter((line) => line.includes("--application=true"))).toEqual([]);
    expect(logs).toContainEqual({
      level: "DEBUG",
      message:
        "the application's status is the leader's to report status=\"waiting: two of three are ready\"",
    });
  });

  test("is not sent when the handler throws, and holds no secret", async () => {
    const failing = doing(() => {
      throw new Error("no");
    });
    await expect(transition(failing, "update-status", { leader: true })).rejects.toThrow("no");
    const telling = doing(async (ctx) => {
      await ctx.secrets.set("key", { value: sensitive("hunter22") });
      ctx.setAppStatus(active("hunter22 is the key"));
      return active();
    });
    const { appStatus } = await transition(telling, "update-status", { leader: true });
    expect(appStatus).toEqual(active("*** is the key"));
  });

  test("hides the units' statuses in the model, from then on", async () => {
    const model = new FakeModel();
    model.deploy(twoOfThree, "web", { units: 2 });
    await model.settle();
    expect(model.status()).toEqual({ web: "waiting: two of three are ready" });
    const quiet = doing(() => active("quiet"));
    model.refresh("web", quiet);
    await model.settle();
    expect(model.status()).toEqual({ web: "waiting: two of three are ready" });
  });

  test("a leader that has just lost its leadership fails nothing", async () => {
    const refused = { command: "status-set", call: 1, stderr: "ERROR this unit is not the leader" };
    const state: State = { leader: true, faults: { commands: [refused] } };
    const { appStatus, status, logs } = await transition(twoOfThree, "update-status", state);
    expect([appStatus, status]).toEqual([undefined, active()]);
    expect(logs.map(({ message }) => message)).toContain(
      "the application's status was not reported: this unit leads no longer",
    );
  });
});

describe("appStatus()", () => {
  const reading = doing(async (ctx) => active(JSON.stringify(await ctx.appStatus())));
  const seen = async (state: State) => {
    const { message } = (await transition(reading, "update-status", state)).status;
    return message === "" ? undefined : JSON.parse(message);
  };

  test("is what Juju knows of the application and all its units", async () => {
    const state: State = {
      leader: true,
      appStatus: { name: "waiting", message: "w" },
      unitStatus: { name: "active" },
      peerStatuses: { 1: { name: "blocked", message: "b" }, 2: { name: "error" } },
    };
    const of = (status: string, message = "") => ({ status, message, data: {} });
    expect(await seen(state)).toEqual({
      ...of("waiting", "w"),
      units: { "web/0": of("active"), "web/1": of("blocked", "b"), "web/2": of("error") },
    });
  });

  test("is undefined on a follower, who may not ask", async () => {
    expect(await seen({ appStatus: { name: "waiting" } })).toBeUndefined();
  });

  test("a leader counts the units of a model", async () => {
    const model = new FakeModel();
    const counting = doing(async (ctx) => {
      const known = await ctx.appStatus();
      const ready = Object.values(known?.units ?? {}).filter(({ status }) => status === "active");
      ctx.setAppStatus(active(`${ready.length} ready`));
      return active();
    });
    model.deploy(counting, "web", { units: 3 });
    await model.settle();
    model.advance(600_000);
    await model.settle();
    expect(model.status()).toEqual({ web: "active: 3 ready" });
  });
});
