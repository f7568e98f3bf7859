import { active, blocked, defineCharm, type JujuFeature, jujuAtLeast, requireJuju } from "charmed-iap/charm";
import { transition } from "charmed-iap/testing";
import { expect, test } from "vitest";

test.each([
  ["3.6.10", "3.6.10", true],
  ["3.6.9", "3.6.10", false],
  ["3.6-beta2", "3.6.0", false],
  ["3.6.10.1", "3.6.10", true],
  ["4.0-rc1", "3.6.10", true],
  ["4.0.0", "3.6.10", true],
  ["", "3.6.10", true],
])("jujuAtLeast() says of %j and %j: %s", (running, wanted, expected) => {
  expect(jujuAtLeast(running, wanted)).toBe(expected);
});

test("requireJuju() names the feature, what it needs, and what runs", () => {
  expect(() => requireJuju("3.6.3", "Pebble identities")).toThrow(
    "Cannot use Pebble identities: Juju is 3.6.3, must be 3.6.4 or later",
  );
});

const contract = defineCharm({ name: "web", summary: "x", containers: { web: { image: "web-image" } } });

test.each<[string, Parameters<typeof contract.implement>[0]["reconcile"], JujuFeature, string]>([
  [
    "identities of Pebble",
    async ({ containers }) => {
      await containers.web.pebble.identities();
      return active();
    },
    "Pebble identities",
    "3.6.4",
  ],
  [
    "the cloud's credential",
    async ({ cloud }) => {
      await cloud();
      return active();
    },
    "cloud credentials on Kubernetes",
    "3.6.10",
  ],
  [
    "what the charm asks for by itself",
    ({ requireJuju }) => {
      requireJuju("cloud credentials on Kubernetes");
      return active();
    },
    "cloud credentials on Kubernetes",
    "3.6.10",
  ],
])("%s: an older Juju blocks, with both versions", async (_title, reconcile, feature, needs) => {
  const { status } = await transition(contract.implement({ reconcile }), "update-status", {
    jujuVersion: "3.6.0",
  });
  expect(status).toEqual(blocked(`juju: ${feature} needs ${needs}, is 3.6.0`));
});
