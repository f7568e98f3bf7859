import { action, defineCharm, option } from "charmed-iap/charm";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { charmcraftYaml, toCharmcraft } from "./charmcraft.ts";
import { check } from "./check.ts";
import { contract } from "./testdata/contract.ts";
import { ingress, proxyPeers } from "./testdata/interfaces.ts";

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

  test("results that an action promises are no concern of Juju's, unless it would refuse their keys", async () => {
    const promising = (results: v.GenericSchema) =>
      toCharmcraft(
        defineCharm({ name: "x", summary: "x", actions: { a: action({ description: "A.", results }) } })
          .contract,
      );
    expect(await promising(v.object({ size: v.object({ bytes: v.number() }) }))).toMatchObject({
      actions: { a: { description: "A.", additionalProperties: false } },
    });
    for (const [schema, fault] of [
      [v.object({ size: v.object({ inBytes: v.number() }) }), 'result key "inBytes" must match'],
      [v.object({ stdout: v.string() }), 'result key "stdout" must'],
      [v.string(), "its results must be a schema of an object"],
    ] as const)
      await expect(promising(schema)).rejects.toThrow(`Cannot describe action "a": ${fault}`);
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

describe("check()", () => {
  test("accepts the example", () => {
    expect(check(contract.contract)).toEqual([]);
  });

  test.each([
    [
      { requires: { a: ingress.requirer() }, provides: { a: ingress.provider() } },
      'endpoint "a": must have one role (endpoint-unique)',
    ],
    [
      { requires: { a: ingress.requirer({ limit: 0 }) } },
      'endpoint "a": limit must be a whole number of at least 1 (endpoint-limit)',
    ],
    [
      { requires: { "juju-a": ingress.requirer() } },
      'endpoint "juju-a": the name is reserved (endpoint-reserved)',
    ],
    [{ subordinate: true }, "subordinate: must require an endpoint with container scope (subordinate)"],
    [
      { containers: { c: { image: "i", mounts: { s: "/s" } } } },
      'container "c": storage "s" must be declared (container-mount)',
    ],
    [
      { containers: { c: { image: "i", uid: 1000 } } },
      'container "c": uid must not be in 1000-9999 (container-user)',
    ],
    [
      { containers: { c: { image: "i" } }, resources: { i: { type: "file" as const, filename: "i" } } },
      'container "c": resource "i" must be an image (container-resource)',
    ],
    [
      { config: { a: option.int({ default: 1.5, description: "x" }) } },
      'option "a": the default must be of type int (option-default)',
    ],
    [
      { config: { a: option.int({ default: 1, min: 2, description: "x" }) } },
      'option "a": the default must be at least 2 (option-default)',
    ],
    [
      { storage: { s: { type: "filesystem" as const, multiple: "3-1" } } },
      'storage "s": multiple must be N, M-N, M- or M+ (storage-multiple)',
    ],
    [
      { storage: { s: { type: "filesystem" as const, minimumSize: "1Gi" } } },
      'storage "s": minimumSize must be a number and one of M G T P E Z Y (storage-size)',
    ],
    [
      { storage: { s: { type: "block" as const, location: "/s" } } },
      'storage "s": only a filesystem has a location (storage-location)',
    ],
    [
      { resources: { r: { type: "file" as const } } },
      'resource "r": a file must have a filename (resource-filename)',
    ],
    [
      { resources: { r: { type: "file" as const, filename: "a/b" } } },
      'resource "r": the filename must not contain a slash (resource-filename)',
    ],
    [
      { devices: { d: { type: "gpu", countMin: 2, countMax: 1 } } },
      'device "d": countMin must be at least 0, countMax at least countMin (device-count)',
    ],
    [{ extraBindings: [] }, "extraBindings: must not be empty (extra-bindings)"],
    [
      { requires: { a: ingress.requirer() }, extraBindings: ["a"] },
      'extra binding "a": must not be an endpoint (extra-bindings)',
    ],
    [
      { assumes: ["juju > 3"] },
      'assumes "juju > 3": must be a feature, or one with >= or < and a version (assumes)',
    ],
    [{ assumes: [{ "any-of": [] }] }, "assumes: must be one of any-of and all-of, with a list (assumes)"],
    [
      { extra: { series: ["jammy"] } },
      'extra: "series" must not be there: it is of the old format (metadata-format)',
    ],
  ])("finds the fault in %j", (part, fault) => {
    expect(check({ name: "x", summary: "x", ...part })).toContain(fault);
  });
});
