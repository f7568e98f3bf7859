/**
 * Juju's own reader of charms reads what `iap pack` writes as it was meant, where YAML 1.1 differs from 1.2, and takes what
 * `check()` lets through.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { action, type CharmContract, defineCharm, option } from "charmed-iap/charm";
import { defineInterface } from "charmed-iap/interface";
import fc from "fast-check";
import * as v from "valibot";
import { afterAll, describe, expect, test } from "vitest";
import { metadataFiles } from "../../charmcraft/metadata.ts";
import { toCharmcraft } from "../../lib/charm/charmcraft.ts";
import { foreignToGo } from "../../lib/charm/go-pattern.ts";
import { jujuYaml } from "../../lib/charm/juju-yaml.ts";
import { writeZip } from "../../lib/local/testdata/write-zip.ts";
import { run } from "../outside.ts";
import { buildJujuReader, JUJU_CHARM_VERSION } from "./juju-charm.ts";

const TEXTS = [
  "on",
  "no",
  "y",
  "~",
  "0o17",
  "017",
  "1_000",
  "0x1F",
  "12:30",
  "1e3",
  "2026-01-01",
  ".inf",
  "=",
  "a\u2028b\u2029c\u0085d",
  "\ta\n\tb\n c",
  "  a\nb\n",
  "a\n\n",
  "a\rb\r\nc",
  "a\u0001b\u007fc\ufeff\ufffe",
  "\u{1f600}\u00a0\u00e9",
];

const { contract } = defineCharm({
  name: "web",
  summary: "no",
  config: {
    ...Object.fromEntries(
      TEXTS.map((text) => [`is-${text}`, option.string({ default: text, description: text })]),
    ),
    ratio: option.float({ default: 1, description: "A whole number." }),
  },
  actions: {
    act: action({
      description: "on",
      params: v.object(Object.fromEntries(TEXTS.map((text) => [text, v.optional(v.string(), text)]))),
    }),
  },
});

const info = defineInterface({ name: "juju-info", version: 0, provider: {}, requirer: {} });

/** At the edge of what `check()` lets through. */
const EDGES: readonly Partial<CharmContract>[] = [
  { name: "a".repeat(40), title: "xx", summary: "x".repeat(200), description: "" },
  { name: "juju-x", requires: { "juju-a": info.requirer() }, provides: { info: info.provider() } },
  { subordinate: true, requires: { "juju-info": info.requirer({ scope: "container" }) } },
  { requires: { a: info.requirer({ limit: Number.MAX_SAFE_INTEGER }) } },
  { storage: { s: { type: "filesystem", multiple: "0+", minimumSize: "1.5GiB", location: "/s" } } },
  { storage: { s: { type: "block", multiple: "0-1", minimumSize: "1024" } } },
  { storage: { s: { type: "block", multiple: "2-", minimumSize: "0M", properties: ["transient"] } } },
  { devices: { a: { type: "gpu", countMin: 0, countMax: 0 }, b: { type: "gpu", countMax: 2 } } },
  { containers: { web: { image: "i", uid: 999, gid: 10_000 } }, charmUser: "non-root" },
  {
    assumes: [
      "juju >= 3",
      "juju>=3.6-beta2",
      "k8s-api",
      { "any-of": ["juju < 4.0.1.2", { "all-of": ["xx"] }] },
    ],
  },
  { extraBindings: ["1", "no"], resources: { f: { type: "file", filename: ".." } } },
  {
    extra: {
      base: "ubuntu@25.10",
      "build-base": "ubuntu@devel",
      terms: ["cats", "ada/cats/2", "cs:ada/cats"],
    },
  },
  {
    config: {
      least: option.int({ default: Number.MIN_SAFE_INTEGER, description: "d" }),
      small: option.float({ default: 5e-324, description: "d" }),
      user: { type: "secret", default: "", description: "d" },
    },
  },
  {
    actions: {
      "2fa": action({
        description: "",
        params: v.object({
          nested: v.object({ "": v.optional(v.string()), "1": v.nullable(v.number()) }),
          pair: v.tuple([v.literal("a"), v.pipe(v.number(), v.gtValue(1), v.ltValue(1))]),
          text: v.pipe(v.string(), v.minLength(2), v.maxLength(2), v.regex(/^ON$/i)),
        }),
      }),
    },
  },
];

/** Pieces of patterns, in all orders. */
const PIECES = [
  ..."a 0 - ^ $ . [ ] [^ ( ) (?: (?= (?! (?<= (?<n> * + ? | {2} {1,3} {,3} {1001} { } , / é".split(" "),
  ..."\\1 \\k<n> \\d \\W \\b \\B \\u00e9 \\u{41} \\x41 \\cA \\0 \\p{L} \\P{Script=Greek} \\- \\] \\\\ \\é [: [:alpha:] &&".split(
    " ",
  ),
];

const isPattern = (source: string): boolean => {
  try {
    return new RegExp(source, "u").source !== "";
  } catch {
    return false;
  }
};

const folder = mkdtempSync(path.join(tmpdir(), "juju-yaml-"));
afterAll(() => rmSync(folder, { recursive: true }));
const reader = await buildJujuReader();

if ("missing" in reader) {
  describe.skip(`Juju's reader of charms ${JUJU_CHARM_VERSION} (skipped: ${reader.missing})`, () => {
    test("reads YAML as it was meant", () => {});
  });
} else {
  const { program } = reader;

  /** What Juju understands of the charm's files. */
  async function read(files: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
    const archive = path.join(folder, "web.charm");
    const entries = Object.entries({ ...files, dispatch: "#!/bin/sh\n" });
    writeFileSync(archive, "");
    writeZip(
      archive,
      entries.map(([name, data]) => ({ name, data, mode: 0o100755 })),
    );
    return JSON.parse(await run(folder, program, archive)) as Record<string, unknown>;
  }

  describe(`Juju's reader of charms ${JUJU_CHARM_VERSION}`, () => {
    test("reads texts as texts, and a whole number as a float", async () => {
      const files = Object.entries(metadataFiles(await toCharmcraft(contract), ["amd64"]));
      const { defaults, params } = await read(
        Object.fromEntries(files.map(([name, value]) => [name, jujuYaml(value)])),
      );
      expect(defaults).toEqual({
        ...Object.fromEntries(TEXTS.map((text) => [`is-${text}`, `string ${text}`])),
        ratio: "float64 1",
      });
      expect(params).toEqual({
        act: Object.fromEntries(TEXTS.map((text) => [text, { type: "string", default: text }])),
      });
    });

    test.each(EDGES)("takes what check() lets through: %j", async (part) => {
      const edge: CharmContract = { name: "web", summary: "x", ...part };
      const files = Object.entries(metadataFiles(await toCharmcraft(edge), ["amd64"]));
      const yaml = Object.fromEntries(files.map(([name, value]) => [name, jujuYaml(value)]));
      expect(await read(yaml)).toMatchObject({ name: edge.name });
    });

    test("takes the patterns that check() lets through", async () => {
      const seed = Number(process.env["SEED"] ?? Date.now());
      const made = fc
        .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 })
        .map((all) => all.join(""));
      const patterns = fc
        .sample(made, { seed, numRuns: 5000 })
        .filter((source) => isPattern(source) && foreignToGo(source) === undefined);
      const params = patterns.map((pattern, index) => [`p${index}`, { type: "string", pattern }]);
      const actions = { act: { description: "d", params: Object.fromEntries(params) } };
      const charmcraft = { ...(await toCharmcraft({ name: "web", summary: "x" })), actions };
      const files = Object.entries(metadataFiles(charmcraft, ["amd64"]));
      const understood = await read(
        Object.fromEntries(files.map(([name, value]) => [name, jujuYaml(value)])),
      );
      expect(understood, `SEED=${seed}`).toMatchObject({ params: { act: Object.fromEntries(params) } });
      expect(patterns.length).toBeGreaterThan(100);
    });

    test("would take an unquoted on for a boolean, and refuse the charm", async () => {
      const files = Object.entries(metadataFiles(await toCharmcraft(contract), ["amd64"]));
      const yaml = Object.fromEntries(files.map(([name, value]) => [name, jujuYaml(value)]));
      const config = "options: {a: {type: string, default: on}}\n";
      await expect(read({ ...yaml, "config.yaml": config })).rejects.toThrow("expected string, got true");
    });
  });
}
