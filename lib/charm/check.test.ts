import { type CharmContract, option } from "charmed-iap/charm";
import { defineInterface } from "charmed-iap/interface";
import { describe, expect, test } from "vitest";
import { check } from "./check.ts";
import { contract } from "./testdata/contract.ts";
import { ingress } from "./testdata/interfaces.ts";

const jujuInfo = defineInterface({ name: "juju-info", version: 0, provider: {}, requirer: {} });
const COUNTS =
  'device "d": countMin and countMax (each 1 when absent) must be whole numbers of at least 0, countMax not below countMin (device-count)';

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
      'container "c": uid must be a whole number below 2^31 and not in 1000-9999 (container-user)',
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
      'storage "s": multiple must be N, M-N, M- or M+, and allow one (storage-multiple)',
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
    [{ devices: { d: { type: "gpu", countMin: 2, countMax: 1 } } }, COUNTS],
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
    [{ name: "a".repeat(41) }, /^charm "a+": the name must have at most 40 characters \(charm-name\)$/],
    [{ title: "x" }, "title: must have 2 to 40 characters (title)"],
    [{ summary: "a\u2028b" }, "summary: must be one line (summary)"],
    [{ summary: "x".repeat(201) }, "summary: must have at most 200 characters (summary)"],
    [
      { links: { issues: ["https://x.test", "x.test"] } },
      'link "issues": must be a URL of http or https, is "x.test" (links)',
    ],
    [
      { links: { homepage: "https://x.test" } as object },
      'link "homepage": must be one of contact, documentation, issues, source, website (links)',
    ],
    [
      { extra: { requires: {} } },
      /^extra: "requires" must be a member of the contract itself, or one of adopt-info, /,
    ],
    [
      { extra: { base: "almalinux@9" } },
      'extra: "base" must be ubuntu@20.04 or a later release, is "almalinux@9" (base)',
    ],
    [
      { extra: { base: "ubuntu@18.04" } },
      'extra: "base" must be ubuntu@20.04 or a later release, is "ubuntu@18.04" (base)',
    ],
    [
      { extra: { base: "ubuntu@25.10" } },
      'extra: "base" ubuntu@25.10 must have a "build-base" beside it (base)',
    ],
    [
      { extra: { bases: [{ name: "ubuntu", channel: "24.04" }] } },
      'extra: "bases" must be of ubuntu@20.04, ubuntu@22.04, not ubuntu@24.04: say "base" (base)',
    ],
    [
      {
        extra: { bases: [{ "run-on": [{ name: "ubuntu", channel: "22.04" }] }], platforms: { amd64: null } },
      },
      'extra: "bases" must not be beside "base" or "platforms" (base)',
    ],
    [{ extra: { bases: [] } }, 'extra: "bases" must be a list of at least one (base)'],
    [{ extra: { platforms: {} } }, 'extra: "platforms" must name at least one (platforms)'],
    [
      { extra: { platforms: { "ubuntu@24.04:x86_64": null } } },
      'platform "ubuntu@24.04:x86_64": must be an architecture, or have build-on and build-for (platforms)',
    ],
    [{ extra: { parts: {} } }, 'extra: "parts" must have at least one part (parts)'],
    [
      { extra: { terms: ["A b"] } },
      'term "A b": must be a name, an owner/name, or one with /revision (terms)',
    ],
    [
      { provides: { info: jujuInfo.provider() } },
      'endpoint "info": the interface "juju-info" is reserved, it must be required (endpoint-reserved)',
    ],
    [
      { requires: { "juju-info": jujuInfo.requirer({ scope: "container" }) } },
      'endpoint "juju-info": the name is reserved (endpoint-reserved)',
    ],
    [{ requires: { a: ingress.requirer({ limit: 1e21 }) } }, /limit must be a whole number/],
    [
      { containers: { charm: { image: "i" } } },
      'container "charm": the name is that of a container of Juju\'s (container-reserved)',
    ],
    [{ containers: { c: { image: "" } } }, 'container "c": must have an image (container-resource)'],
    [{ containers: { c: { image: "i", gid: 1.5 } } }, /^container "c": gid must be a whole number/],
    [
      {
        containers: { c: { image: "i", mounts: { s: "" } } },
        storage: { s: { type: "filesystem" as const } },
      },
      'container "c": storage "s" must be mounted at an absolute path (container-mount)',
    ],
    [{ resources: { "": { type: "oci-image" as const } } }, 'resource "": must have a name (resource-name)'],
    [{ storage: { s: { type: "filesystem" as const, multiple: "0" } } }, /^storage "s": multiple must be/],
    [{ storage: { s: { type: "filesystem" as const, multiple: "0-0" } } }, /^storage "s": multiple must be/],
    [{ devices: { d: { type: "" } } }, 'device "d": must have a type (device-type)'],
    [{ devices: { d: { type: "gpu", countMin: 2 } } }, COUNTS],
    [{ devices: { d: { type: "gpu", countMax: 1.5 } } }, COUNTS],
    [{ extraBindings: [""] }, 'extra binding "": must have a name (extra-bindings)'],
    [{ assumes: ["juju >= 3.6.1-beta2"] }, /^assumes "juju >= 3.6.1-beta2": must be a feature/],
    [{ assumes: ["juju >= 1.2.3.4.5"] }, /^assumes "juju >= 1.2.3.4.5": must be a feature/],
    [
      { config: { a: option.int({ default: 1e21, description: "x" }) } },
      /^option "a": the default must be of type int/,
    ],
    [
      { config: { a: option.float({ default: Number.NaN, description: "x" }) } },
      'option "a": the default must be of type float (option-default)',
    ],
    [
      { config: { a: { type: "secret" as const, default: "abc", description: "x" } } },
      'option "a": the default must be of type secret (option-default)',
    ],
  ])("finds the fault in %j", (part, fault) => {
    const found = check({ name: "x", summary: "x", ...part });
    expect(found).toContainEqual(typeof fault === "string" ? fault : expect.stringMatching(fault));
  });

  test.each<Partial<CharmContract>>([
    { name: "juju-x", requires: { "juju-a": ingress.requirer() }, provides: { info: jujuInfo.provider() } },
    { subordinate: true, requires: { "juju-info": jujuInfo.requirer({ scope: "container" }) } },
    { requires: { info: jujuInfo.requirer() } },
    { storage: { s: { type: "filesystem", multiple: "0+", minimumSize: "1.5GiB" } } },
    { storage: { s: { type: "filesystem", multiple: "0-1", minimumSize: "1024" } } },
    { devices: { d: { type: "gpu", countMin: 0 } } },
    { assumes: ["juju >= 3", "juju>=3.6-beta2", "juju < 4.0.1.2"] },
    {
      extra: {
        base: "ubuntu@25.10",
        "build-base": "ubuntu@devel",
        terms: ["cats", "ada/cats/2", "cs:ada/cats"],
      },
    },
    { extra: { bases: [{ "build-on": [], "run-on": [{ name: "ubuntu", channel: "22.04" }] }] } },
    {
      extra: {
        platforms: { "ubuntu@22.04:amd64": null, mine: { "build-on": ["amd64"], "build-for": ["arm64"] } },
      },
    },
    { links: { contact: ["Ada <ada@example.com>"], source: "https://x.test/x" } },
  ])("accepts %j", (part) => {
    expect(check({ name: "x", summary: "x", ...part })).toEqual([]);
  });
});
