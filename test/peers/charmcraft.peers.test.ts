/** Charms against the programs that would refuse them: the ordinary charmcraft, and Juju's own reader. */

import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { packCharm } from "../../charmcraft/pack.ts";
import { type Entry, entriesOf } from "../../charmcraft/testing/entries.ts";
import { charmcraftYaml } from "../../lib/charm/charmcraft.ts";
import { packPackage, run } from "../outside.ts";
import { CHARMCRAFT_VERSION, charmcraft, installCharmcraft } from "./charmcraft.ts";
import { buildJujuReader, JUJU_CHARM_VERSION } from "./juju-charm.ts";

const root = path.resolve(import.meta.dirname, "../..");
const charms = globSync("*/contract.ts", { cwd: path.join(root, "charms") })
  .map((file) => path.dirname(file))
  .sort();
const JAMMY = { name: "ubuntu", channel: "22.04" };
const folder = mkdtempSync(path.join(tmpdir(), "charmcraft-"));
const packer = await installCharmcraft();
const reader = await buildJujuReader();

afterAll(() => rmSync(folder, { recursive: true }));

if ("missing" in reader) {
  describe.skip(`Juju's reader of charms ${JUJU_CHARM_VERSION} (skipped: ${reader.missing})`, () => {
    test("", () => {});
  });
} else {
  const { program } = reader;
  describe(`Juju's reader of charms ${JUJU_CHARM_VERSION}`, () => {
    test.each(charms)(
      "%s: an archive of iap pack is a charm of format 2, with all that its files say",
      async (name) => {
        const directory = path.join(root, "charms", name);
        const runtime = path.join(folder, "runtime");
        writeFileSync(runtime, "no runtime is needed to be read\n", { mode: 0o755 });
        const packed = await packCharm(directory, { architecture: "arm64", output: folder, runtime });
        const yaml = parse(readFileSync(path.join(directory, "charmcraft.yaml"), "utf8")) as Record<
          string,
          object
        >;
        expect(JSON.parse(await run(folder, program, packed.file))).toMatchObject({
          name,
          bases: [
            {
              name: "ubuntu",
              channel: expect.objectContaining({ track: "24.04" }),
              architectures: ["arm64"],
            },
          ],
          options: Object.keys((yaml["config"] as { options?: object } | undefined)?.options ?? {}).length,
          actions: Object.keys(yaml["actions"] ?? {}).length,
          format: 2,
        });
      },
    );
  });
}

if ("missing" in packer) {
  describe.skip(`charmcraft ${CHARMCRAFT_VERSION} (skipped: ${packer.missing})`, () => {
    test("", () => {});
  });
} else {
  const { program } = packer;

  describe(`charmcraft ${CHARMCRAFT_VERSION}`, () => {
    let framework: string;

    beforeAll(async () => {
      framework = `file:${path.join(folder, await packPackage(folder))}`;
    });

    test.each(charms)("%s: its charmcraft.yaml is accepted", async (name) => {
      const project = mkdtempSync(path.join(folder, "project-"));
      cpSync(path.join(root, "charms", name, "charmcraft.yaml"), path.join(project, "charmcraft.yaml"));
      expect(await charmcraft(program, project, "expand-extensions")).toContain(`name: ${name}\n`);
    });

    test.each([
      [{ base: "ubuntu@22.04" }],
      [{ platforms: { "ubuntu@22.04:amd64": null, "ubuntu@26.04:arm64": null } }],
      [{ platforms: { here: { "build-on": ["ubuntu@24.04:amd64"], "build-for": ["ubuntu@24.04:amd64"] } } }],
      [{ bases: [{ "build-on": [JAMMY], "run-on": [JAMMY] }] }],
    ])("a charm whose bases are said as %j is accepted", async (extra) => {
      const project = mkdtempSync(path.join(folder, "bases-"));
      const yaml = await charmcraftYaml({ name: "web-k8s", summary: "Serves.", extra });
      writeFileSync(path.join(project, "charmcraft.yaml"), yaml);
      expect(await charmcraft(program, project, "expand-extensions")).toContain("name: web-k8s\n");
    });

    test("a charm of a repository with several packs from its own folder, as iap pack does it", async () => {
      const project = path.join(folder, "whoami-k8s");
      cpSync(path.join(root, "charms", "whoami-k8s"), project, { recursive: true });
      const file = path.join(project, "charmcraft.yaml");
      const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
        version: string;
      };
      // As if this version had been published.
      writeFileSync(
        file,
        readFileSync(file, "utf8").replace(`"charmed-iap":"${version}"`, `"charmed-iap":"${framework}"`),
      );
      await charmcraft(program, project, "pack", "--destructive-mode", "--platform", "amd64");
      const theirs = await entriesOf(path.join(project, "whoami-k8s_amd64.charm"));
      const output = path.join(folder, "ours");
      const ours = await packCharm(path.join(root, "charms", "whoami-k8s"), {
        architecture: "amd64",
        output,
      });
      expectSameLayout(theirs, await entriesOf(ours.file));
    });

    test("a charm that iap init began packs to the same code and files", async () => {
      const project = path.join(folder, "web-k8s");
      writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
      await run(folder, "npm", "install", framework);
      await run(folder, "npx", "iap", "init", "web-k8s", "--package", framework);
      await charmcraft(program, project, "pack", "--destructive-mode", "--platform", "amd64");
      const theirs = await entriesOf(path.join(project, "web-k8s_amd64.charm"));
      await run(project, "npm", "install");
      mkdirSync(path.join(project, "out"));
      await run(project, "npx", "iap", "pack", "--build-for", "amd64", "--output", "out");
      const ours = await entriesOf(path.join(project, "out", "web-k8s_amd64.charm"));
      expectSameLayout(theirs, ours);
      for (const name of ["main.cjs", "main.cjs.map", "LICENSE", "README.md"]) {
        expect(theirs.get(name)?.text).toBe(ours.get(name)?.text);
      }
      // Its own checks of the archive: exit code 0, so no warning and no error.
      await charmcraft(program, project, "analyse", path.join(project, "out", "web-k8s_amd64.charm"));
    });
  });
}

/** Equal names and modes, equal metadata, the same Node.js; charmcraft has its version and a time in the manifest. */
function expectSameLayout(theirs: ReadonlyMap<string, Entry>, ours: ReadonlyMap<string, Entry>): void {
  const modes = (entries: ReadonlyMap<string, Entry>) =>
    Object.fromEntries(
      [...entries].filter(([name]) => name !== "version").map(([name, { mode }]) => [name, mode & 0o111]),
    );
  expect(modes(theirs)).toEqual(modes(ours));
  const yaml = (entries: ReadonlyMap<string, Entry>, name: string) =>
    parse(entries.get(name)?.text ?? "") as object;
  for (const name of ["metadata.yaml", "config.yaml"]) expect(yaml(theirs, name)).toEqual(yaml(ours, name));
  expect(yaml(theirs, "manifest.yaml")).toMatchObject(yaml(ours, "manifest.yaml"));
  expect(theirs.get("dispatch")?.text).toBe(ours.get("dispatch")?.text);
  expect(theirs.get("runtime/node")?.bytes.equals(ours.get("runtime/node")?.bytes ?? Buffer.of())).toBe(true);
}
