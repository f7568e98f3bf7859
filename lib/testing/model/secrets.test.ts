import { active, defineCharm } from "charmed-iap/charm";
import { FakeModel } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import { keeper, reader, worker } from "./testdata/charms.ts";

const DAY = 24 * 3_600_000;
const tracked = (model: FakeModel) =>
  Object.fromEntries(
    Object.values(model.engine.state.secrets).flatMap(({ consumers }) =>
      Object.entries(consumers).map(([unit, consumer]) => [unit, consumer.tracked]),
    ),
  );
const revisions = (model: FakeModel) =>
  Object.values(model.engine.state.secrets).flatMap(({ content }) => Object.keys(content).map(Number));

async function sharing(): Promise<FakeModel> {
  const model = new FakeModel({ seed: 4 });
  model.deploy(keeper, "keeper", { units: 2 });
  model.deploy(reader, "eager", { units: 2 });
  model.deploy(reader, "slow", { config: { follow: false } });
  model.integrate("eager:in", "keeper:out");
  model.integrate("slow:in", "keeper:out");
  await model.settle();
  return model;
}

describe("a charm's secret on the model's clock", () => {
  test("rotates when its day is over; each unit follows when it wants, and what nobody tracks goes", async () => {
    const model = await sharing();
    expect(model.status()).toEqual({ keeper: "active", eager: "active", slow: "active" });
    model.advance(DAY - 1000);
    await model.settle();
    expect(revisions(model)).toEqual([1]);
    model.advance(1000);
    await model.settle();
    expect(model.secrets("keeper")["key"]?.["password"]).toMatch(/^rotated at \d+$/);
    expect(tracked(model)).toMatchObject({ "eager/0": 2, "eager/1": 2, "slow/0": 1 });
    expect(revisions(model)).toEqual([1, 2]);
    model.setConfig("slow", { follow: true });
    await model.settle();
    expect(tracked(model)).toMatchObject({ "slow/0": 2 });
    expect(revisions(model)).toEqual([2]);
    expect(model.trace.filter((event) => event.endsWith("secret-rotate"))).toEqual([
      `${model.leader("keeper")} secret-rotate`,
    ]);
  });

  test("advance() without a time goes to when the clock makes something happen", async () => {
    const model = await sharing();
    const before = model.now;
    model.advance();
    expect(model.now - before).toBeGreaterThan(0);
    expect(model.now - before).toBeLessThanOrEqual(6 * 60_000);
    const ran = model.trace.length;
    await model.settle();
    expect(model.trace.slice(ran)[0]).toMatch(/ update-status$/);
  });

  test("goes with its application", async () => {
    const model = await sharing();
    model.removeApplication("keeper");
    await model.settle();
    expect(model.engine.state.secrets).toEqual({});
    expect(model.status()["eager"]).toBe("blocked: in: relation required");
  });
});

test("a secret that expires asks its owner for a new revision, and asks again until there is one", async () => {
  let lazy = true;
  const expiring = defineCharm({ name: "expiring", summary: "x" }).implement({
    on: {
      async "secret-expired"({ secrets, now }) {
        if (!lazy) await secrets.set("key", { value: "second" }, { expire: new Date(now() + DAY) });
      },
    },
    async reconcile({ secrets, now }) {
      await secrets.ensure("key", () => ({ value: "first" }), { expire: new Date(now() + DAY) });
      return active();
    },
  });
  const model = new FakeModel();
  model.deploy(expiring);
  await model.settle();
  const asked = () => model.trace.filter((event) => event.endsWith("secret-expired")).length;
  model.advance(DAY - 1000);
  await model.settle();
  expect(asked()).toBe(0);
  model.advance(2000);
  await model.settle();
  expect([asked(), model.secrets("expiring")]).toEqual([1, { key: { value: "first" } }]);
  model.advance(5 * 60_000);
  lazy = false;
  await model.settle();
  expect([asked(), model.secrets("expiring")]).toEqual([2, { key: { value: "second" } }]);
  model.advance(60 * 60_000);
  await model.settle();
  expect(asked()).toBe(2);
});

describe("a user's secret", () => {
  test("is read where it is granted, tells of news, and goes", async () => {
    const model = new FakeModel();
    const uri = model.addSecret("token", { token: "12345" }, { description: "For work" });
    model.deploy(worker, "worker", { config: { token: uri } });
    await model.settle();
    expect(model.status()["worker"]).toMatch(/^waiting: /);
    model.grantSecret("token", "worker");
    model.advance();
    await model.settle();
    expect(model.status()["worker"]).toBe("active: token of 5");
    const before = model.trace.length;
    model.updateSecret(uri, { content: { token: "123456" }, autoPrune: true });
    await model.settle();
    expect(model.trace.slice(before)).toEqual(["worker/0 secret-changed"]);
    expect(model.status()["worker"]).toBe("active: token of 6");
    expect(revisions(model)).toEqual([2]);
    model.updateSecret("token", { content: { token: "123456" } });
    await model.settle();
    expect(revisions(model)).toEqual([2]);
    model.revokeSecret("token", "worker");
    model.advance();
    await model.settle();
    expect(model.status()["worker"]).toMatch(/^waiting: /);
    model.removeSecret("token");
    expect(() => model.removeSecret("token")).toThrow('secret "token" not found');
  });

  test("one name is one secret, and names of keys are Juju's", () => {
    const model = new FakeModel();
    model.addSecret("token", { token: "1" });
    expect(() => model.addSecret("token", { token: "2" })).toThrow(
      'user secret label "token" already exists',
    );
    expect(() => model.addSecret("other", { X: "2" })).toThrow('key "X" not valid');
    expect(() => model.addSecret("other", {})).toThrow("missing secret value");
    expect(() => model.grantSecret("token", "nobody")).toThrow('application "nobody" not found');
    expect(() => model.removeSecret("token", { revision: 7 })).toThrow("not found");
  });
});
