import { blocked, waiting } from "charmed-iap/charm";
import { type StateOf, transition } from "charmed-iap/testing";
import { contractTests, interruptionTests } from "charmed-iap/testing/vitest";
import { describe, expect, test } from "vitest";
import charm from "./charm.ts";
import { list } from "./workload.ts";

/** Everything the charm needs; each test takes away one thing. */
const complete = {
  leader: true,
  model: "iam",
  relations: {
    ingress: { remoteApp: "traefik", remoteAppData: { ingress: { url: "https://gw.test/iam-whoami-k8s" } } },
    "auth-proxy": { remoteApp: "oauth2-proxy" },
  },
} satisfies StateOf<typeof charm>;

const published = async (state: StateOf<typeof charm>) => {
  const { relations } = await transition(charm, "config-changed", state);
  return { ingress: relations.ingress[0]?.localAppData, proxy: relations["auth-proxy"][0]?.localAppData };
};

describe("reconcile()", () => {
  test("withholds its route while nothing protects it", async () => {
    const { "auth-proxy": _gone, ...relations } = complete.relations;
    const { status, relations: after } = await transition(charm, "ingress-relation-created", {
      ...complete,
      relations,
    });
    expect(after.ingress[0]?.localAppData).toEqual({});
    expect(status).toEqual(blocked("auth-proxy: relation required"));
  });

  test("takes the route back when the protection goes", async () => {
    const localAppData = { model: "iam", name: "whoami-k8s", port: 8080 };
    const { ingress } = await published({
      ...complete,
      relations: { ingress: { ...complete.relations.ingress, localAppData } },
    });
    expect(ingress).toEqual({});
  });

  test("asks for a route that must never be open", async () => {
    const { ingress } = await published(complete);
    expect(ingress).toEqual({
      model: '"iam"',
      name: '"whoami-k8s"',
      port: "8080",
      "strip-prefix": "true",
      "require-forward-auth": "true",
    });
  });

  test("says where it is reached once it knows, and what its options say", async () => {
    const config = { allowed_endpoints: "health, static/*", authenticated_email_domains: "example.com" };
    const { proxy } = await published({ ...complete, config });
    expect(proxy).toMatchObject({
      protected_urls: '["https://gw.test/iam-whoami-k8s"]',
      allowed_endpoints: '["health","static/*"]',
      authenticated_emails: "[]",
      authenticated_email_domains: '["example.com"]',
      app_name: "whoami-k8s",
    });
    const withoutUrl = { ...complete.relations, ingress: { remoteApp: "traefik" } };
    expect((await published({ ...complete, relations: withoutUrl })).proxy?.["protected_urls"]).toBe("[]");
  });

  test("writes no application databag from a follower", async () => {
    expect(await published({ ...complete, leader: false })).toEqual({ ingress: {}, proxy: {} });
  });

  test("asks for its route while the container does not answer", async () => {
    const state = { ...complete, containers: { whoami: { canConnect: false } } };
    const { status } = await transition(charm, "config-changed", state);
    expect(status).toEqual(waiting("whoami: waiting for Pebble"));
  });

  test("runs the application", async () => {
    const { containers } = await transition(charm, "whoami-pebble-ready", complete);
    expect(containers.whoami.running).toEqual(["whoami"]);
  });
});

test("list() leaves out blanks and empty parts", () => {
  expect(list(" a, b ,,c, ")).toEqual(["a", "b", "c"]);
  expect(list(undefined)).toEqual([]);
});

contractTests(charm, { state: complete });
interruptionTests(charm, ["config-changed", "ingress-relation-changed", "whoami-pebble-ready"], complete);
