import {
  action,
  active,
  type ConfigOf,
  type Context,
  defineCharm,
  type EventName,
  option,
} from "charmed-iap/charm";
import * as v from "valibot";
import { expect, expectTypeOf, test } from "vitest";
import charm from "./testdata/charm.ts";
import { contract } from "./testdata/contract.ts";
import { ingress, ingressPerUnit, oauth, proxyPeers } from "./testdata/interfaces.ts";

type M = typeof contract.contract;
type OAuth = Context<M>["relations"]["oauth"];

test("options with a default have a value, others may not", () => {
  expectTypeOf<ConfigOf<M>>().toEqualTypeOf<{
    readonly "cookie-domain": string | undefined;
    readonly "session-ttl": number;
    readonly "same-site": "lax" | "strict";
  }>();
});

test("what Juju would refuse of a charm's parts is no contract", () => {
  const about = { name: "x", summary: "x" };
  defineCharm({ ...about, links: { issues: ["https://x.test"] } });
  // @ts-expect-error the documentation is one page
  defineCharm({ ...about, links: { documentation: ["https://x.test"] } });
  // @ts-expect-error there is no such user
  defineCharm({ ...about, charmUser: "alice" });
  // @ts-expect-error a storage has a type
  defineCharm({ ...about, storage: { data: { location: "/data" } } });
  // @ts-expect-error a container has an image
  defineCharm({ ...about, containers: { web: { uid: 1 } } });
  // @ts-expect-error a device has a type
  defineCharm({ ...about, devices: { gpu: { countMin: 1 } } });
  // @ts-expect-error a default is of the option's type
  defineCharm({ ...about, config: { level: option.int({ default: "a", description: "d" }) } });
  // @ts-expect-error a secret has no default
  defineCharm({ ...about, config: { token: option.secret({ default: "a", description: "d" }) } });
  // @ts-expect-error a provider is not required
  defineCharm({ ...about, requires: { ingress: ingress.provider() } });
  // @ts-expect-error an action has a description
  defineCharm({ ...about, actions: { ping: action({}) } });
  // @ts-expect-error there is no such condition
  defineCharm({ ...about, assumes: [{ "one-of": ["juju >= 3.6"] }] });
  // @ts-expect-error a charm has a summary
  expect(defineCharm({ name: "x" }).contract.name).toBe("x");
});

test("a misspelt event is not an event", () => {
  expectTypeOf<"oauth-relation-changed">().toExtend<EventName<M>>();
  expectTypeOf<"proxy-pebble-ready">().toExtend<EventName<M>>();
  // @ts-expect-error oauth is misspelt
  const event: EventName<M> = "oath-relation-changed";
  expect(event).toBeTypeOf("string");
});

test("data is out of reach until the relation is ready", () => {
  expectTypeOf<Extract<OAuth, { state: "ready" }>["data"]["issuer_url"]>().toEqualTypeOf<string>();
  // @ts-expect-error the state was not asked
  const read = (relation: OAuth) => relation.data;
  expect(read).toBeTypeOf("function");
});

test("publish() takes what the interface says", () => {
  // @ts-expect-error redirect_uri is text
  const wrong = (relation: OAuth) => relation.publish({ redirect_uri: 1, scope: "", grant_types: [] });
  expect(wrong).toBeTypeOf("function");
});

test("an endpoint with limit 1 is one relation, others are many, peers are peers", () => {
  const unit = defineCharm({
    name: "x",
    summary: "x",
    requires: { ingress: ingressPerUnit.requirer({ limit: 1 }), plain: ingress.requirer({ limit: 1 }) },
    provides: { oauth: oauth.provider() },
    peers: { peers: proxyPeers.peer() },
    resources: { rules: { type: "file", filename: "rules.json" } },
  });
  const program = unit.implement({
    reconcile({ relations, resource }) {
      relations.ingress.publishUnit({ host: "a" });
      // @ts-expect-error the plain interface has no unit databag
      relations.plain.publishUnit({ host: "a" });
      for (const client of relations.oauth) expectTypeOf(client.id).toEqualTypeOf<number>();
      // @ts-expect-error an endpoint without limit is not one relation
      expectTypeOf(relations.oauth.state).toEqualTypeOf<string>();
      relations.peers.publish({ key: "k" });
      relations.peers.publishUnit({ address: "a" });
      for (const peer of relations.peers.units) {
        if (peer.state === "ready") expectTypeOf(peer.data.address).toEqualTypeOf<string>();
      }
      if (relations.peers.state === "ready") expectTypeOf(relations.peers.data.key).toEqualTypeOf<string>();
      expectTypeOf(resource).parameter(0).toEqualTypeOf<"rules">();
      return active();
    },
    on: {
      "oauth-relation-broken"(_ctx, event) {
        expectTypeOf(event.relationId).toEqualTypeOf<number>();
      },
      "secret-rotate"(_ctx, event) {
        expectTypeOf(event.secretId).toEqualTypeOf<string>();
      },
    },
  });
  expect(program.contract.name).toBe("x");
});

test("a declared action needs a handler, with typed parameters", () => {
  const acting = defineCharm({
    name: "x",
    summary: "x",
    actions: {
      greet: action({ description: "Says hello.", params: v.object({ name: v.string() }) }),
      ping: action({ description: "Answers." }),
    },
  });
  // @ts-expect-error the actions are not implemented
  acting.implement({ reconcile: () => active() });
  acting.implement({
    reconcile: () => active(),
    actions: {
      greet(_ctx, params) {
        expectTypeOf(params).toEqualTypeOf<{ name: string }>();
        return { text: params.name };
      },
      ping: () => undefined,
    },
  });
  const revoke = () => ({});
  // @ts-expect-error a handler for an action nobody declared
  contract.implement({ reconcile: () => active(), actions: { "revoke-sessions": revoke, other: revoke } });
});

test("what an action returns is what its contract says", () => {
  const acting = defineCharm({
    name: "x",
    summary: "x",
    actions: {
      measure: action({
        description: "Measures.",
        results: v.object({ size: v.object({ bytes: v.number() }), unit: v.optional(v.string()) }),
      }),
      ping: action({ description: "Answers." }),
    },
  });
  const reconcile = () => active();
  const ping = () => undefined;
  acting.implement({ reconcile, actions: { ping, measure: () => ({ size: { bytes: 1 } }) } });
  acting.implement({
    reconcile,
    actions: { ping: async () => ({ any: 1 }), measure: (_ctx, _params, { fail }) => fail("no") },
  });
  // @ts-expect-error the size is a number
  acting.implement({ reconcile, actions: { ping, measure: () => ({ size: { bytes: "1" } }) } });
  // @ts-expect-error the size is missing
  acting.implement({ reconcile, actions: { ping, measure: async () => ({ unit: "B" }) } });
  // @ts-expect-error results were promised
  acting.implement({ reconcile, actions: { ping, measure: () => undefined } });
  expect(acting.contract.name).toBe("x");
});

test("a list of different charms is a list of charms", () => {
  const other = defineCharm({ name: "y", summary: "y" }).implement({ reconcile: () => active() });
  expect([charm, other].map((program) => program.contract.name)).toEqual(["forward-auth-k8s", "y"]);
});
