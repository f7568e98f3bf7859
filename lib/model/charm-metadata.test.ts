import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCharm } from "./charm-metadata.ts";
import { isModelError } from "./errors.ts";

const base = { name: "web", summary: "s", description: "d" };

function refusal(files: Parameters<typeof parseCharm>[0]): string {
  try {
    parseCharm(files);
  } catch (error) {
    if (isModelError(error) && error.code === "ERR_CHARM_INVALID") return error.message;
    throw error;
  }
  return "nothing was refused";
}

describe("parseCharm()", () => {
  test("reads a whole charmcraft.yaml", () => {
    const charm = parseCharm({
      metadata: {
        ...base,
        type: "charm",
        provides: { site: { interface: "http", optional: true } },
        requires: { db: "sql" },
        peers: { peers: { interface: "p" } },
        containers: { app: { resource: "image", mounts: [{ storage: "data", location: "/data" }] } },
        resources: { image: { type: "oci-image", "upstream-source": "x:1" } },
        storage: { data: { type: "filesystem", multiple: { range: "1+" } } },
        config: { options: { port: { type: "int", default: 80 } } },
        actions: { act: { description: "Acts", params: { n: { type: "integer" } }, required: ["n"] } },
      },
    });
    expect(charm.endpoints["db"]).toEqual({
      name: "db",
      role: "requirer",
      interface: "sql",
      optional: false,
      scope: "global",
    });
    expect(charm.storage["data"]).toEqual({ type: "filesystem", min: 1, max: -1 });
    expect(charm.options["port"]).toEqual({ type: "int", description: "", default: 80 });
    expect(charm.actions["act"]?.schema).toMatchObject({
      required: ["n"],
      properties: { n: { type: "integer" } },
    });
  });

  test.each([
    [{ summary: "s", description: "d" }, "metadata: name: expected string, got nothing"],
    [{ ...base, name: 5 }, "metadata: name: expected string, got int(5)"],
    [
      { ...base, provides: { db: "a" }, requires: { db: "a" } },
      'charm "web" using a duplicated relation name: "db"',
    ],
    [{ ...base, provides: { "juju-db": "a" } }, 'charm "web" using a reserved relation name: "juju-db"'],
    [{ ...base, provides: { constructor: "a" } }, 'metadata: provides: name "constructor" not valid'],
    [
      { ...base, subordinate: true },
      'subordinate charm "web" lacks "requires" relation with container scope',
    ],
    [{ ...base, resources: { x: {} } }, "resource missing filename"],
    [
      { ...base, containers: { app: { resource: "x" } } },
      'parsing containers: referenced resource "x" not found',
    ],
    [
      { ...base, containers: { app: { resource: "x" } }, resources: { x: { type: "file", filename: "f" } } },
      'parsing containers: referenced resource "x" is not a oci-image',
    ],
    [
      { ...base, containers: { app: { mounts: [{ storage: "x" }] } } },
      'parsing containers: container "app": storage "x" not valid',
    ],
  ])("metadata %j: %s", (metadata, message) => {
    expect(refusal({ metadata })).toBe(message);
  });

  test.each([
    [null, "invalid config: empty configuration"],
    [{ options: { x: { type: "date" } } }, 'invalid config: option "x" has unknown type "date"'],
    [
      { options: { x: { type: "int", default: "a" } } },
      'invalid config default: option "x" expected int, got "a"',
    ],
  ])("config %j: %s", (config, message) => {
    expect(refusal({ metadata: base, config })).toBe(message);
  });

  test.each([
    [{ juju: {} }, 'cannot use action name juju: the "juju-" prefix is reserved'],
    [{ Backup_1: {} }, "bad action name Backup_1"],
    [
      { backup: { params: { a: { type: "strin" } } } },
      "invalid params schema for action schema backup: strin is not a valid type",
    ],
    [
      { backup: { params: { a: { $ref: "#" } } } },
      'schema key "$ref" not compatible with this version of juju',
    ],
    [
      { backup: { params: { a: { pattern: "(" } } } },
      'invalid params schema for action schema backup: pattern "(" is not a valid regexp',
    ],
  ])("actions %j: %s", (actions, message) => {
    expect(refusal({ metadata: base, actions })).toBe(message);
  });

  test("takes anything a YAML file can hold, or refuses it as invalid", () => {
    const sections = fc.dictionary(
      fc.constantFrom(
        "name",
        "provides",
        "peers",
        "containers",
        "resources",
        "storage",
        "config",
        "actions",
        "subordinate",
      ),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(sections, fc.jsonValue(), fc.jsonValue(), (metadata, config, actions) => {
        expect(typeof refusal({ metadata: { ...base, ...metadata }, config, actions })).toBe("string");
      }),
      { numRuns: 500 },
    );
  });
});
