/** One story on the fake model, and on the local one with packed charms, processes and real hook commands. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { action, active, blocked, defineCharm, option } from "charmed-iap/charm";
import { FakeModel, JujuModel, type ScenarioModel, scenarioOf } from "charmed-iap/testing";
import * as v from "valibot";
import { afterAll, expect, test } from "vitest";
import { testController } from "../../lib/local/testdata/kit.ts";

const CHARM = `#!/bin/sh
if [ "$JUJU_DISPATCH_PATH" = actions/greet ]; then
  action-set text="hello $(action-get name), $(action-get title.short)"
  exit 0
fi
if [ "$(config-get open)" = True ]; then status-set active open; else status-set blocked "not open"; fi
`;
const METADATA = {
  "metadata.yaml": "name: door\nsummary: s\ndescription: d\n",
  "manifest.yaml": "bases:\n- {name: ubuntu, channel: '24.04', architectures: [amd64]}\n",
  "config.yaml": "options:\n  open: {type: boolean, default: false}\n",
  "actions.yaml":
    "greet: {description: d, params: {name: {type: string}, title: {type: object}}, additionalProperties: false}\n",
};

/** The same charm, in the framework. */
const door = defineCharm({
  name: "door",
  summary: "s",
  config: { open: option.boolean({ default: false, description: "d" }) },
  actions: {
    greet: action({
      description: "d",
      params: v.object({ name: v.string(), title: v.object({ short: v.string() }) }),
      results: v.object({ text: v.string() }),
    }),
  },
}).implement({
  reconcile: ({ config }) => (config.open ? active("open") : blocked("not open")),
  actions: { greet: (_ctx, { name, title }) => ({ text: `hello ${name}, ${title.short}` }) },
});

async function story(model: ScenarioModel): Promise<void> {
  await model.deploy("door", "front", { units: 2 });
  await model.settle();
  expect(await model.status()).toEqual({ front: "blocked: not open" });
  await model.setConfig("front", { open: true });
  await model.settle();
  expect(await model.status()).toEqual({ front: "active: open" });
  expect(await model.unitStatus("front/1")).toBe("active: open");
  const params = { name: "on", title: { short: "12:30" } };
  expect((await model.run("front/0", "greet", params)).results).toMatchObject({ text: "hello on, 12:30" });
  await model.scale("front", 1);
  await model.resetConfig("front", ["open"]);
  await model.settle();
  expect(await model.status()).toEqual({ front: "blocked: not open" });
  await expect(model.unitStatus("front/1")).rejects.toThrow('Cannot find unit "front/1"');
  await model.removeApplication("front");
  await model.settle();
  expect(await model.status()).toEqual({});
}

const controller = testController();
afterAll(() => controller.end(), 60_000);

test("on the fake model", async () => {
  await story(scenarioOf(new FakeModel(), { door }));
});

test("on the local model, with the juju command", async () => {
  const charm = join(controller.folder, "door");
  mkdirSync(charm);
  for (const [name, text] of Object.entries({ ...METADATA })) writeFileSync(join(charm, name), text);
  writeFileSync(join(charm, "dispatch"), CHARM, { mode: 0o755 });
  const juju = join(import.meta.dirname, "../../lib/local/bin/juju");
  const model = new JujuModel({ charms: { door: charm }, juju, env: controller.env, quietMs: 600 });
  await story(model);
  await expect(model.deploy("nowhere")).rejects.toThrow(/^juju deploy: ERROR /);
});

test("a story may only deploy what it was given", async () => {
  await expect(scenarioOf(new FakeModel(), { door }).deploy("window")).rejects.toThrow("must be one of door");
});
