import { active, type Changes, defineCharm, option, sensitive } from "charmed-iap/charm";
import { FakeModel, type StateOf, transition } from "charmed-iap/testing";
import { expect, test } from "vitest";

const contract = defineCharm({
  name: "web",
  summary: "x",
  config: { port: option.int({ default: 1, description: "x" }), name: option.string({ description: "x" }) },
});
const NONE = { added: [], changed: [], removed: [] };

function watching(values?: Readonly<Record<string, unknown>>) {
  const seen: Changes[] = [];
  const charm = contract.implement({
    async reconcile({ config, changes }) {
      seen.push(await changes("config", values ?? config));
      return active();
    },
  });
  return { seen, charm };
}

test("every key is new at first, then only what differs is told, across hooks and pods", async () => {
  const { seen, charm } = watching();
  const model = new FakeModel();
  model.deploy(charm, "web");
  await model.settle();
  expect(seen.slice(0, 2)).toEqual([{ ...NONE, added: ["port"] }, NONE]);
  seen.length = 0;
  model.setConfig("web", { port: 2, name: "a" });
  await model.settle();
  expect(seen).toEqual([{ ...NONE, added: ["name"], changed: ["port"] }]);
  seen.length = 0;
  model.killUnit("web/0");
  model.resetConfig("web", ["name"]);
  await model.settle();
  expect(seen.filter((one) => JSON.stringify(one) !== JSON.stringify(NONE))).toEqual([
    { ...NONE, removed: ["name"] },
  ]);
});

test("a hook that fails has seen nothing: the next one is told again", async () => {
  let fails = true;
  const seen: Changes[] = [];
  const charm = contract.implement({
    async reconcile({ config, changes }) {
      seen.push(await changes("config", config), await changes("config", { another: 1 }));
      if (fails) throw new Error("no");
      return active();
    },
  });
  const model = new FakeModel();
  model.deploy(charm, "web");
  await model.step("web/0");
  fails = false;
  model.resolved("web/0");
  await model.step("web/0");
  // One answer for a name in a hook, whatever is asked next.
  const added = { ...NONE, added: ["port"] };
  expect(seen).toEqual([added, added, added, added]);
});

test("values are kept as fingerprints, and a Sensitive one does not tell", async () => {
  type State = StateOf<typeof charm>;
  const { seen, charm } = watching({ deep: { a: [1, "plain text"] }, key: sensitive("hunter22") });
  const { next } = await transition(charm, "update-status", {});
  expect(JSON.stringify((next as State).state)).not.toMatch(/plain text|hunter22/);
  const again = watching({ deep: { a: [1, "other text"] }, key: sensitive("hunter23") });
  await transition(again.charm, "update-status", next as never);
  expect([seen[0]?.added, again.seen[0]]).toEqual([["deep", "key"], { ...NONE, changed: ["deep"] }]);
});

test("what cannot be read is as if nothing had been there", async () => {
  for (const text of ["{", "null", "[]"]) {
    const { seen, charm } = watching({ a: 1 });
    await transition(charm, "update-status", { state: { "changes.config": text } });
    expect(seen).toEqual([{ ...NONE, added: ["a"] }]);
  }
});
