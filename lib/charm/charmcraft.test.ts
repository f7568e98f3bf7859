import { action, defineCharm } from "charmed-iap/charm";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { charmcraftYaml, toCharmcraft } from "./charmcraft.ts";
import { contract } from "./testdata/contract.ts";
import { proxyPeers } from "./testdata/interfaces.ts";

describe("toCharmcraft()", () => {
  test("says everything Juju needs to know", async () => {
    expect(await toCharmcraft(contract.contract)).toEqual({
      type: "charm",
      name: "forward-auth-k8s",
      summary: "Ask an OpenID provider who is calling, on a gateway's behalf.",
      description: "Ask an OpenID provider who is calling, on a gateway's behalf.",
      base: "ubuntu@24.04",
      platforms: { amd64: null, arm64: null },
      parts: {
        charm: {
          plugin: "nil",
          source: ".",
          "build-snaps": ["node/24/stable"],
          "override-build": expect.stringContaining("iap build"),
        },
      },
      requires: {
        oauth: { interface: "oauth", limit: 1, optional: false },
        ingress: { interface: "ingress", limit: 1, optional: false },
      },
      provides: {
        "auth-proxy": { interface: "auth_proxy", optional: true },
        "forward-auth": { interface: "forward_auth", optional: true },
      },
      containers: { proxy: { resource: "proxy-image" } },
      resources: { "proxy-image": { type: "oci-image" } },
      config: {
        options: {
          "cookie-domain": { type: "string", description: "Domain of the session cookie." },
          "session-ttl": { type: "int", default: 3600, description: "Session lifetime, in seconds." },
          "same-site": {
            type: "string",
            default: "lax",
            description: "SameSite attribute of the session cookie. One of: lax, strict.",
          },
        },
      },
      actions: {
        "revoke-sessions": {
          description: "End every session of one user.",
          params: { subject: { type: "string", minLength: 1 } },
          required: ["subject"],
          additionalProperties: false,
        },
      },
    });
  });

  test("actions without parameters take none; optional ones, defaults and bounds are draft 4", async () => {
    const acting = defineCharm({
      name: "x",
      summary: "x",
      actions: {
        ping: action({ description: "Answers." }),
        dump: action({
          description: "Dumps.",
          params: v.object({
            depth: v.optional(v.pipe(v.number(), v.integer(), v.gtValue(0)), 3),
            kind: v.optional(v.picklist(["a", "b"])),
          }),
        }),
      },
    });
    const { actions } = (await toCharmcraft(acting.contract)) as { actions: Record<string, unknown> };
    expect(actions["ping"]).toEqual({ description: "Answers.", additionalProperties: false });
    expect(actions["dump"]).toEqual({
      description: "Dumps.",
      params: {
        depth: { type: "integer", minimum: 0, exclusiveMinimum: true, default: 3 },
        kind: { enum: ["a", "b"], type: "string" },
      },
      additionalProperties: false,
    });
  });

  test("storage, mounts, peers and extra keys", async () => {
    const stored = defineCharm({
      name: "db",
      summary: "A database",
      peers: { peers: proxyPeers.peer() },
      containers: {
        db: { image: "db-image", upstreamSource: "ghcr.io/x/db:1", mounts: { data: "/var/lib/db" } },
      },
      storage: { data: { type: "filesystem", minimumSize: "1G" } },
      assumes: ["k8s-api", { "any-of": ["juju >= 3.6"] }],
      extra: { base: "ubuntu@24.04", platforms: { amd64: null } },
    });
    expect(await toCharmcraft(stored.contract)).toMatchObject({
      base: "ubuntu@24.04",
      peers: { peers: { interface: "proxy_peers" } },
      containers: { db: { resource: "db-image", mounts: [{ storage: "data", location: "/var/lib/db" }] } },
      resources: { "db-image": { type: "oci-image", "upstream-source": "ghcr.io/x/db:1" } },
      storage: { data: { type: "filesystem", "minimum-size": "1G" } },
      assumes: ["k8s-api", { "any-of": ["juju >= 3.6"] }],
    });
  });

  test("refuses a contract with every fault it has", async () => {
    const wrong = defineCharm({
      name: "Web_1",
      summary: "x",
      actions: { "juju-x": action({ description: "x" }) },
    });
    await expect(toCharmcraft(wrong.contract)).rejects.toThrow(/charm "Web_1": .*; action "juju-x": /);
  });
});

test("charmcraftYaml() is what toCharmcraft() says", async () => {
  expect(parse(await charmcraftYaml(contract.contract))).toEqual(await toCharmcraft(contract.contract));
});
