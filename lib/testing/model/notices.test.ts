import { active, defineCharm } from "charmed-iap/charm";
import { FakeModel } from "charmed-iap/testing";
import { expect, test } from "vitest";

const DONE = "example.com/done";

/** Makes a notice at its start; looks at each notice that it is told of, and keeps what it finds. */
function worker(found: unknown[] = []) {
  return defineCharm({
    name: "worker",
    summary: "x",
    containers: { work: { image: "work-image" } },
  }).implement({
    on: {
      async start({ containers: { work } }) {
        await work.pebble.notify("example.com/begun", { data: { by: "charm" } });
      },
      async "work-pebble-custom-notice"({ containers: { work } }, { notice }) {
        const { key, occurrences, "last-data": data } = await work.pebble.notice(notice.id);
        found.push([notice.key === key, key, occurrences, data]);
      },
    },
    async reconcile({ containers: { work } }) {
      await work.apply({ services: {}, checks: { up: { tcp: { port: 80 } } } });
      return active();
    },
  });
}

test("a notice is in the container's Pebble, whoever made it, and the charm is told once for each time", async () => {
  const found: unknown[] = [];
  const model = new FakeModel();
  model.deploy(worker(found));
  await model.settle();
  model.notify("worker/0", "work", DONE, { size: "3" });
  await model.settle();
  model.notify("worker/0", "work", DONE);
  await model.settle();
  expect(found).toEqual([
    [true, "example.com/begun", 1, { by: "charm" }],
    [true, DONE, 1, { size: "3" }],
    [true, DONE, 2, undefined],
  ]);
});

test("what is noticed while Pebble is out of reach is heard when it is back", async () => {
  const found: unknown[] = [];
  const model = new FakeModel();
  model.deploy(worker(found));
  await model.settle();
  model.setPebble("worker/0", "work", "down");
  model.notify("worker/0", "work", DONE);
  await model.settle();
  expect(found).toHaveLength(1);
  model.setPebble("worker/0", "work", "up");
  await model.settle();
  expect(found).toHaveLength(2);
});

test("notices that a container begins with are heard, too", async () => {
  const found: unknown[] = [];
  const model = new FakeModel();
  model.deploy(worker(found), "worker", {
    containers: { work: { notices: [{ key: DONE, occurrences: 4 }] } },
  });
  await model.settle();
  expect(found).toContainEqual([true, DONE, 4, undefined]);
});

test("an agent that starts again hears all of them again, and runs start once more", async () => {
  const found: unknown[] = [];
  const model = new FakeModel();
  model.deploy(worker(found));
  await model.settle();
  model.notify("worker/0", "work", DONE);
  await model.settle();
  const before = model.trace.length;
  found.length = 0;
  model.restartAgent("worker/0");
  await model.settle();
  expect(new Set(model.trace.slice(before))).toEqual(
    new Set(["worker/0 start", "worker/0 work-pebble-custom-notice"]),
  );
  const keys = found.map((one) => (one as unknown[])[1]);
  expect(new Set(keys)).toEqual(new Set(["example.com/begun", DONE]));
});

test("a hook that runs when its agent ends has failed, and runs again", async () => {
  const model = new FakeModel();
  model.deploy(worker());
  let ended = false;
  await model.settle({
    onEvent(event) {
      if (event !== "worker/0 config-changed" || ended) return;
      ended = true;
      model.restartAgent("worker/0");
    },
  });
  expect(model.trace.filter((event) => event === "worker/0 config-changed")).toHaveLength(2);
  expect(model.status()).toEqual({ worker: "active" });
});

test("what Pebble would refuse is refused", async () => {
  const model = new FakeModel();
  model.deploy(worker());
  await model.settle();
  expect(() => model.notify("worker/0", "work", "done")).toThrow('invalid key "done"');
  expect(() => model.setCheck("worker/0", "work", "down", "down")).toThrow('Cannot find check "down"');
});
