import { FakeModel, type StateOf, transition } from "charmed-iap/testing";
import { expect, expectTypeOf, test } from "vitest";
import charm from "../charm/testdata/charm.ts";

const misspelt = { issuer: "x", client_id: "a", client_secret_id: "b" };

/** Only compiled: each of these is wrong in one way. */
const wrong = [
  // @ts-expect-error issuer_url is not spelt issuer
  () => transition(charm, "start", { relations: { oauth: { remoteAppData: misspelt } } }),
  // @ts-expect-error session-ttl is a number
  () => transition(charm, "start", { config: { "session-ttl": "60" } }),
  // @ts-expect-error oauth is misspelt
  () => transition(charm, "oath-relation-changed"),
  // @ts-expect-error there is no such container
  () => transition(charm, "start", { containers: { sidecar: {} } }),
  // @ts-expect-error there is no such action
  () => transition(charm, { action: "revoke" }),
  // @ts-expect-error the subject is text
  () => transition(charm, { action: "revoke-sessions", params: { subject: 1 } }),
  // @ts-expect-error the option is a number
  () => new FakeModel().deploy(charm, "auth", { config: { "session-ttl": "60" } }),
  // @ts-expect-error an endpoint is application:endpoint
  () => new FakeModel().removeRelation("hydra", "auth:oauth"),
];

test("tests are typed by the contract", () => {
  expect(wrong).toHaveLength(8);
  expectTypeOf<StateOf<typeof charm>["leader"]>().toEqualTypeOf<boolean | undefined>();
  type After = Awaited<ReturnType<typeof transition<typeof charm.contract>>>;
  expectTypeOf<keyof After["relations"]>().toEqualTypeOf<
    "oauth" | "ingress" | "auth-proxy" | "forward-auth"
  >();
  expectTypeOf<keyof After["containers"]>().toEqualTypeOf<"proxy">();
});
