import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { helloCharm } from "../testdata/kit.ts";
import { writeZip } from "../testdata/write-zip.ts";
import { readCharm } from "./charm-files.ts";
import { CharmStore } from "./store.ts";
import { unpackCharm } from "./unpack.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iap-charms-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("unpackCharm()", () => {
  const archive = () => join(folder, "web.charm");
  const out = () => join(folder, "out");

  test("restores modes and links", async () => {
    writeZip(archive(), [
      { name: "dispatch", data: "#!/bin/sh\n", mode: 0o100755 },
      { name: "lib/", data: "", mode: 0o040755 },
      { name: "lib/a.txt", data: "a".repeat(100_000), mode: 0o100644 },
      { name: "link", data: "lib/a.txt", mode: 0o120777 },
    ]);
    await unpackCharm(archive(), out());
    expect(statSync(join(out(), "dispatch")).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(out(), "link"))).toBe("lib/a.txt");
    expect(statSync(join(out(), "link")).size).toBe(100_000);
  });

  test.each([
    [[{ name: "../evil", data: "x", mode: 0o100644 }]],
    [[{ name: "/evil", data: "x", mode: 0o100644 }]],
    [[{ name: "link", data: "../../evil", mode: 0o120777 }]],
    [[{ name: "link", data: "/etc/passwd", mode: 0o120777 }]],
  ])("refuses what leads out of the charm: %o", async (entries) => {
    writeZip(archive(), entries);
    await expect(unpackCharm(archive(), out())).rejects.toThrow();
    expect(existsSync(join(folder, "evil"))).toBe(false);
  });

  test("refuses what is no zip, in Juju's words", async () => {
    writeFileSync(archive(), "not a zip");
    await expect(unpackCharm(archive(), out())).rejects.toThrow(
      `invalid charm or bundle provided at "${archive()}"`,
    );
  });
});

describe("readCharm()", () => {
  test("reads the fixture", () => {
    expect(readCharm(helloCharm)).toMatchObject({
      base: "ubuntu@24.04",
      revision: 0,
      localImages: {},
      metadata: { name: "hello" },
    });
  });

  test.each([
    [{}, 'archive file "metadata.yaml" not found'],
    [
      { "metadata.yaml": "name: a\nsummary: s\ndescription: d\n" },
      'invalid charm "a": has no hooks nor dispatch file',
    ],
    [{ "metadata.yaml": "name: [a\n" }, 'parsing "metadata.yaml" file: yaml: '],
    [{ "metadata.yaml": "summary: s\n" }, "metadata: name: expected string, got nothing"],
    [
      {
        "metadata.yaml": "name: a\nsummary: s\ndescription: d\n",
        "config.yaml": "options: {mode: {type: string, default: on}}\n", // a boolean in YAML 1.1
      },
      'invalid config default: option "mode" expected string, got true',
    ],
  ])("refuses %o", (files, text) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    expect(() => readCharm(folder)).toThrow(text);
  });
});

describe("CharmStore", () => {
  test.each([
    ["/nowhere", 'no charm was found at "/nowhere"'],
    ["nope", 'charm or bundle "nope" not found'],
    ["../hydra", 'charm or bundle "../hydra" not found'],
  ])("%s is not found", async (reference, text) => {
    const store = new CharmStore({ cache: folder });
    await expect(store.fetch(reference)).rejects.toMatchObject({
      code: "ERR_CHARM_NOT_FOUND",
      message: text,
    });
  });

  test("puts back what was there when the change is refused", async () => {
    const store = new CharmStore({ cache: folder });
    const kept = join(folder, "kept");
    store.keepFor((await store.fetch(helloCharm)).charm, kept, () => writeFileSync(join(kept, "first"), ""));
    const second = (await store.fetch(helloCharm)).charm;
    const refuse = (): never => {
      throw new Error("refused");
    };
    expect(() => store.keepFor(second, kept, refuse)).toThrow("refused");
    expect(existsSync(join(kept, "first"))).toBe(true);
  });

  test("builds a charm from source by name", async () => {
    const charms = join(import.meta.dirname, "../../../charms");
    const { origin, charm } = await new CharmStore({ cache: folder, charms }).fetch("whoami-k8s");
    expect(origin).toBe("store");
    expect(charm.localImages).toEqual({ whoami: "whoami" });
    mkdirSync(join(folder, "bin"));
    symlinkSync(process.execPath, join(folder, "bin/node"));
    const { status } = spawnSync("/bin/sh", ["-n", join(charm.directory, "dispatch")]);
    expect(status).toBe(0);
  });
});
