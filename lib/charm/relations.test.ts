import {
  active,
  blocked,
  type CharmContract,
  type Context,
  defineCharm,
  type Status,
  waiting,
} from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import { transition } from "charmed-iap/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { ingressPerUnit, oauth, proxyPeers } from "./testdata/interfaces.ts";

const unitOnly = defineInterface({
  name: "unit_only",
  version: 0,
  provider: { unit: databag(v.object({ certificate: v.string() })) },
  requirer: {},
});

const contract = defineCharm({
  name: "web",
  summary: "Uses every kind of endpoint.",
  requires: {
    oauth: oauth.requirer({ limit: 1 }),
    extra: oauth.requirer({ limit: 1, optional: true }),
    certs: unitOnly.requirer({ limit: 1, optional: true }),
  },
  provides: { ingress: ingressPerUnit.provider({ optional: true }), needed: oauth.provider() },
  peers: { peers: proxyPeers.peer() },
});
type Ctx = Context<typeof contract.contract>;

/** A charm that does one thing. */
const doing = (reconcile: (ctx: Ctx) => Status | Promise<Status>) => contract.implement({ reconcile });
const client = { redirect_uri: "https://a.test/", scope: "openid", grant_types: ["x"] };
const provider = { issuer_url: "https://id.test", client_id: "c", client_secret_id: "secret:s" };

describe("relation states", () => {
  test.each([
    ["missing, required", {}, blocked("oauth: relation required")],
    ["pending", { oauth: { remoteApp: "hydra" } }, waiting("oauth: waiting for hydra")],
    [
      "invalid, with the first path",
      { oauth: { remoteApp: "hydra", remoteAppRaw: { issuer_url: "nonsense" } } },
      blocked("oauth: invalid data from hydra: issuer_url: must be a URL"),
    ],
    ["ready", { oauth: { remoteAppData: provider } }, active()],
  ])("%s", async (_title, relations, expected) => {
    const charm = doing((ctx) => ctx.relations.oauth.status);
    expect((await transition(charm, "update-status", { relations })).status).toEqual(expected);
  });

  test("a missing optional endpoint is active, with a message", async () => {
    const charm = doing((ctx) => ctx.relations.extra.status);
    expect((await transition(charm, "update-status")).status).toEqual(active("extra: not related"));
  });

  test("a relation is a plain object: a copy of it has everything", async () => {
    const keys: string[][] = [];
    const charm = doing(({ relations }) => {
      keys.push(Object.keys({ ...relations.oauth }), Object.keys({ ...relations.extra }));
      return active();
    });
    await transition(charm, "update-status", { relations: { oauth: { remoteAppData: provider } } });
    const writer = ["publish", "withdraw", "publishUnit", "withdrawUnit"];
    const existing = ["id", "remoteApp", "units", "raw", "published"];
    expect(keys).toEqual([
      [...writer, ...existing, "state", "data", "status"],
      [...writer, "state", "status"],
    ]);
  });

  test("a breaking relation is already gone", async () => {
    const charm = doing((ctx) => (ctx.relations.oauth.state === "missing" ? blocked("gone") : active()));
    const state = { relations: { oauth: { remoteAppData: provider } } };
    expect((await transition(charm, "oauth-relation-broken", state)).status).toEqual(blocked("gone"));
    expect((await transition(charm, "oauth-relation-changed", state)).status).toEqual(active());
  });

  test("a side with unit databags only is ready with the first unit that is", async () => {
    const charm = doing(({ relations: { certs } }) => {
      if (certs.state !== "ready") return certs.status;
      return active(certs.units.map((unit) => `${unit.unit} ${unit.state}`).join(", "));
    });
    const pending = await transition(charm, "update-status", { relations: { certs: { units: 2 } } });
    expect(pending.status).toEqual(waiting("certs: waiting for remote-certs"));
    const units = { 0: {}, 10: { data: { certificate: "PEM" } }, 2: { raw: { other: "x" } } };
    const ready = await transition(charm, "update-status", { relations: { certs: { units } } });
    expect(ready.status).toEqual(
      active("remote-certs/0 pending, remote-certs/2 invalid, remote-certs/10 ready"),
    );
  });

  test("a side that writes nothing is ready as soon as it is related", async () => {
    const provides = defineCharm({
      name: "ca",
      summary: "x",
      provides: { certs: unitOnly.provider({ limit: 1 }) },
    });
    const charm = provides.implement({ reconcile: ({ relations: { certs } }) => active(certs.state) });
    expect((await transition(charm, "update-status", { relations: { certs: {} } })).status).toEqual(
      active("ready"),
    );
  });

  test("junk on one relation leaves the others of the endpoint working", async () => {
    const charm = doing(({ relations: { ingress } }) =>
      active(ingress.ready.map(({ remoteApp }) => remoteApp).join(" ")),
    );
    const data = { name: "a", model: "m", port: 80 };
    const relations = {
      ingress: [
        { remoteApp: "junk", remoteAppRaw: { port: "{{{", "\u0000": "\uffff" } },
        { remoteApp: "good", remoteAppData: data, units: { 0: { raw: { host: "not json" } } } },
      ],
    };
    expect((await transition(charm, "update-status", { relations })).status).toEqual(active("good"));
  });
});

describe("publish()", () => {
  const publishing = doing(({ relations }) => {
    relations.oauth.publish(client);
    return active();
  });

  test("replaces what this side said, removing what is not said any more", async () => {
    const relations = { oauth: { localAppRaw: { scope: "old", gone: "x" } } };
    const after = await transition(publishing, "update-status", { leader: true, relations });
    expect(after.relations.oauth[0]?.localAppData).toEqual({
      redirect_uri: "https://a.test/",
      scope: "openid",
      grant_types: '["x"]',
    });
  });

  test("does nothing on a follower, and withdraw() neither", async () => {
    const both = doing(({ relations: { oauth } }) => {
      oauth.publish(client);
      oauth.withdraw();
      return active();
    });
    const state = { relations: { oauth: { localAppRaw: { scope: "old" } } } };
    const after = await transition(both, "update-status", state);
    expect(after.relations.oauth[0]?.localAppData).toEqual({ scope: "old" });
  });

  test("not calling it leaves what was said; withdraw() takes it back", async () => {
    const relations = { oauth: { localAppRaw: { scope: "old" } } };
    const silent = await transition(
      doing(() => active()),
      "update-status",
      { leader: true, relations },
    );
    expect(silent.relations.oauth[0]?.localAppData).toEqual({ scope: "old" });
    const withdrawing = doing((ctx) => {
      ctx.relations.oauth.withdraw();
      return active();
    });
    const after = await transition(withdrawing, "update-status", { leader: true, relations });
    expect(after.relations.oauth[0]?.localAppData).toEqual({});
  });

  test("says the same on every relation of an endpoint, and differs where asked", async () => {
    const charm = doing(({ relations: { ingress } }) => {
      ingress.publish({ ingress: { url: "https://all.test" } });
      for (const { id, publish } of ingress) if (id === 2) publish({ ingress: { url: "https://two.test" } });
      return active();
    });
    const relations = { ingress: [{ id: 1 }, { id: 2, remoteApp: "two" }] };
    const after = await transition(charm, "update-status", { leader: true, relations });
    expect(after.relations.ingress.map(({ localAppData }) => localAppData)).toEqual([
      { ingress: '{"url":"https://all.test"}' },
      { ingress: '{"url":"https://two.test"}' },
    ]);
  });

  test("refuses what does not fit the interface, and then nothing is sent", async () => {
    const charm = doing(({ relations: { oauth, peers } }) => {
      peers.publish({ key: "k" });
      oauth.publish({ ...client, redirect_uri: "nowhere" });
      return active();
    });
    const after = await transition(charm, "update-status", { leader: true, relations: { oauth: {} } });
    expect(after.status).toEqual(blocked("oauth: cannot publish: redirect_uri: must be a URL"));
    expect(after.relations.peers[0]?.localAppData).toEqual({});
  });

  test("publishUnit() writes the unit's own databag on followers too, and keeps Juju's keys", async () => {
    const requiring = defineCharm({
      name: "app",
      summary: "x",
      requires: { ingress: ingressPerUnit.requirer({ limit: 1 }) },
    });
    const charm = requiring.implement({
      reconcile({ relations: { ingress } }) {
        ingress.publishUnit({ host: "a.internal" });
        return active();
      },
    });
    const localUnitRaw = { "ingress-address": "10.0.0.1", stale: "x" };
    const after = await transition(charm, "update-status", { relations: { ingress: { localUnitRaw } } });
    expect(after.relations.ingress[0]?.localUnitData).toEqual({ host: '"a.internal"' });
  });
});

describe("peers", () => {
  const charm = doing(({ relations: { peers }, leader }) => {
    peers.publishUnit({ address: "10.0.0.9" });
    if (leader) peers.publish({ key: "k1" });
    const units = peers.units.map((peer) => `${peer.unit}${peer.own ? "*" : ""} ${peer.state}`).join(", ");
    return active(peers.state === "ready" ? `${peers.data.key}: ${units}` : units);
  });

  test("every unit reads what the leader said, and all units' databags with its own among them", async () => {
    const relations = {
      peers: { localAppData: { key: "k0" }, units: { 0: { data: { address: "10.0.0.8" } }, 10: {} } },
    };
    const { status } = await transition(charm, "update-status", { unit: "web/2", relations });
    expect(status).toEqual(active("k0: web/0 ready, web/2* pending, web/10 pending"));
  });

  test("the leader writes for the application, every unit for itself", async () => {
    const led = await transition(charm, "update-status", { leader: true });
    expect(led.relations.peers[0]).toMatchObject({
      localAppData: { key: "k1" },
      localUnitData: { address: "10.0.0.9" },
    });
    const followed = await transition(charm, "update-status");
    expect(followed.relations.peers[0]).toMatchObject({
      localAppData: {},
      localUnitData: { address: "10.0.0.9" },
    });
  });
});

test("publishing on a side without that databag is misuse: the hook fails", async () => {
  const charm = doing(({ relations: { certs } }) => {
    (certs as unknown as { publish: (data: unknown) => void }).publish({});
    return active();
  });
  const relations = { certs: {} };
  await expect(transition(charm, "update-status", { relations })).rejects.toThrow(
    'Cannot publish on "certs"',
  );
});

test("contracts are plain data", () => {
  const copy: CharmContract = contract.contract;
  expect(Object.keys(copy.requires ?? {})).toEqual(["oauth", "extra", "certs"]);
});
