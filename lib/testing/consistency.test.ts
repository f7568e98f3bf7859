import { action, active, defineCharm, option } from "charmed-iap/charm";
import { transition } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import { oauth, proxyPeers } from "../charm/testdata/interfaces.ts";

const charm = defineCharm({
  name: "web",
  summary: "x",
  config: { count: option.int({ description: "x" }) },
  requires: { oauth: oauth.requirer({ limit: 1, optional: true }) },
  peers: { peers: proxyPeers.peer() },
  containers: { web: { image: "web-image" } },
  actions: { ping: action({ description: "x" }) },
}).implement({ reconcile: () => active(), actions: { ping: () => undefined } });

const secret = { content: { value: "v" } };

describe("impossible", () => {
  test.each<[string, unknown, unknown, string]>([
    [
      "a relation event without the relation",
      "oauth-relation-changed",
      {},
      'oauth-relation-changed needs a relation of "oauth"',
    ],
    [
      "a joined event without a unit",
      "oauth-relation-joined",
      { relations: { oauth: { units: 0 } } },
      "oauth-relation-joined needs a remote unit",
    ],
    [
      "a unit of somebody else",
      { event: "oauth-relation-joined", remoteUnit: "kratos/0" },
      { relations: { oauth: { remoteApp: "hydra" } } },
      'unit "kratos/0" is not one of "hydra"',
    ],
    [
      "a peer that is the unit itself",
      "start",
      { relations: { peers: { units: { 0: {} } } } },
      'peers of "peers" must not name the unit itself',
    ],
    ["a follower that is elected", "leader-elected", {}, "leader-elected comes to the leader only"],
    [
      "Pebble that is ready and does not answer",
      "web-pebble-ready",
      { containers: { web: { canConnect: false } } },
      "web-pebble-ready needs a container that answers",
    ],
    [
      "a check event without its check",
      "web-pebble-check-failed",
      {},
      "web-pebble-check-failed needs a check",
    ],
    [
      "a notice event without its notice",
      "web-pebble-custom-notice",
      {},
      "web-pebble-custom-notice needs a notice",
    ],
    ["a secret event without a secret", "secret-changed", {}, "secret-changed needs a secret"],
    [
      "an owner's event of a foreign secret",
      "secret-rotate",
      { secrets: [secret] },
      "secret-rotate comes to the secret's owner only",
    ],
    [
      "two secrets of one label",
      "start",
      {
        secrets: [
          { ...secret, label: "a" },
          { ...secret, label: "a" },
        ],
      },
      'secret label "a" is there twice',
    ],
    ["a secret without content", "start", { secrets: [{ content: {} }] }, "a secret must have content"],
    [
      "an id that is none",
      "start",
      { secrets: [{ ...secret, id: "x" }] },
      'secret id "x" is not 20 of 0-9, a-v',
    ],
    [
      "half a number for an int",
      "start",
      { config: { count: 1.5 } },
      'option "count" must be a whole number',
    ],
    ["a unit that is none", "start", { unit: "web" }, 'unit "web" is not a unit\'s name'],
    ["an action nobody declared", { action: "pong" }, {}, 'action "pong" is not declared'],
    ["a resource nobody declared", "start", { resources: { x: "/x" } }, 'resource "x" is not declared'],
  ])("%s", async (_title, event, state, fault) => {
    const attempt = transition(charm, event as "start", state as never);
    await expect(attempt).rejects.toThrow(TypeError);
    await expect(attempt).rejects.toThrow(fault);
  });
});

test("the least state there is, is possible", async () => {
  expect((await transition(charm, "start")).status).toEqual(active());
});
