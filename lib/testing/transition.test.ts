import { active, blocked, defineCharm, waiting } from "charmed-iap/charm";
import { type StateOf, transition } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";
import charm from "../charm/testdata/charm.ts";

/** Everything the charm needs, and nothing else; each test takes away one thing. */
const complete = {
  leader: true,
  relations: {
    ingress: { remoteAppData: { ingress: { url: "https://gw.example.com/iam-auth" } } },
    oauth: {
      remoteApp: "hydra",
      remoteAppData: {
        issuer_url: "https://id.example.com",
        client_id: "c1",
        client_secret_id: "secret:9m4e2mr0ui3e8a215n4g",
      },
    },
  },
} satisfies StateOf<typeof charm>;

test("a secret that the next event makes is another than those of this one", async () => {
  let label = "first";
  const making = defineCharm({ name: "web", summary: "x" }).implement({
    async reconcile({ secrets }) {
      await secrets.ensure(label, () => ({ value: label }));
      return active();
    },
  });
  const { next } = await transition(making, "update-status", { leader: true });
  label = "second";
  const { secrets } = await transition(making, "update-status", next);
  expect(secrets.map((one) => [one.label, one.content["value"]]).sort()).toEqual([
    ["first", "first"],
    ["second", "second"],
  ]);
});

describe("reconcile()", () => {
  test("blocks, naming the relation it lacks", async () => {
    const { status } = await transition(charm, "install");
    expect(status).toEqual(blocked("ingress: relation required"));
  });

  test("asks for a client as soon as it knows its public URL", async () => {
    const { status, relations } = await transition(charm, "ingress-relation-changed", {
      ...complete,
      relations: { ...complete.relations, oauth: { remoteApp: "hydra" } },
    });
    expect(status).toEqual(waiting("oauth: waiting for hydra"));
    expect(relations.oauth[0]?.localAppData).toEqual({
      redirect_uri: "https://gw.example.com/iam-auth/oauth2/callback",
      scope: "openid email",
      grant_types: '["authorization_code"]',
    });
  });

  test.each([
    [true, active()],
    [false, waiting("proxy: waiting for Pebble")],
  ])("with Pebble answering: %s", async (canConnect, expected) => {
    const state = { ...complete, containers: { proxy: { canConnect } } };
    expect((await transition(charm, "config-changed", state)).status).toEqual(expected);
  });

  test("writes no application databag from a follower", async () => {
    const state = { ...complete, leader: false };
    const { relations } = await transition(charm, "oauth-relation-changed", state);
    expect(relations.oauth[0]?.localAppData).toEqual({});
  });

  test("runs the service with what it was told", async () => {
    const { containers } = await transition(charm, "proxy-pebble-ready", {
      ...complete,
      config: { "session-ttl": 600 },
    });
    expect(containers.proxy.running).toEqual(["proxy"]);
    expect(containers.proxy.plan?.services["proxy"]?.environment).toEqual({
      ISSUER_URL: "https://id.example.com",
      CLIENT_ID: "c1",
      SESSION_TTL: "600",
    });
  });
});

describe("actions", () => {
  test("results come back, and nothing is reconciled", async () => {
    const { action, status } = await transition(charm, {
      action: "revoke-sessions",
      params: { subject: "ann" },
    });
    expect(action).toEqual({ results: { revoked: "1" }, log: [] });
    expect(status.name).toBe("unknown");
  });

  test("parameters that do not fit fail the action, with the path", async () => {
    const { action } = await transition(charm, { action: "revoke-sessions", raw: { subject: 1 } });
    expect(action?.failure).toContain("subject: ");
  });
});

describe("consistency", () => {
  test("names every fault of an impossible state", async () => {
    const impossible = {
      config: { "session-ttl": "1", colour: "red" },
      relations: { oauth: [{ id: 1 }, { id: 1 }], nowhere: {} },
      containers: { nowhere: {} },
    };
    await expect(transition(charm, "ingress-relation-joined", impossible as never)).rejects.toThrow(
      "Cannot run ingress-relation-joined: Juju has no such state: " +
        "config.colour: is not declared, must be one of cookie-domain, session-ttl, same-site; " +
        "config.session-ttl: must be of type int, is string; " +
        "relations.nowhere: is not declared, must be one of oauth, ingress, auth-proxy, forward-auth; " +
        "relations: id 1 is there twice; " +
        "relations.oauth: has 2 relations, the charm's limit is 1; " +
        "containers.nowhere: is not declared, must be one of proxy; " +
        'event: ingress-relation-joined needs a relation of "ingress" in the state',
    );
  });
});
