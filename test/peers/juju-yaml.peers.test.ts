/** Juju's own reader of charms reads what `iap pack` writes as it was meant, where YAML 1.1 differs from 1.2. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { action, defineCharm, option } from "charmed-iap/charm";
import * as v from "valibot";
import { afterAll, describe, expect, test } from "vitest";
import { metadataFiles } from "../../charmcraft/metadata.ts";
import { toCharmcraft } from "../../lib/charm/charmcraft.ts";
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

    test("would take an unquoted on for a boolean, and refuse the charm", async () => {
      const files = Object.entries(metadataFiles(await toCharmcraft(contract), ["amd64"]));
      const yaml = Object.fromEntries(files.map(([name, value]) => [name, jujuYaml(value)]));
      const config = "options: {a: {type: string, default: on}}\n";
      await expect(read({ ...yaml, "config.yaml": config })).rejects.toThrow("expected string, got true");
    });
  });
}
