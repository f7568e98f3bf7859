import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { toCharmcraft } from "../../lib/charm/charmcraft.ts";
import type { Charm } from "../../lib/charm/contract.ts";
import { adopt } from "./adopt.ts";
import { print } from "./code.ts";
import { type Adopted, contractCode } from "./contract-code.ts";

const root = path.resolve(import.meta.dirname, "../..");
const charms = path.join(root, "charms");
let modules: string;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "adopt-"));
  mkdirSync(path.join(root, "dist"), { recursive: true });
  // Inside the package, so that the contracts can import it by its name.
  modules = mkdtempSync(path.join(root, "dist", "adopt-"));
});
afterAll(() => {
  rmSync(modules, { recursive: true });
  rmSync(folder, { recursive: true });
});

let number = 0;

/** What `charmcraft.yaml` an adopted contract would emit. */
async function emitted({ source }: Pick<Adopted, "source">): Promise<unknown> {
  const file = path.join(modules, `contract-${++number}.ts`);
  writeFileSync(file, source);
  const { contract } = (await import(file)) as { contract: Charm };
  return JSON.parse(JSON.stringify(await toCharmcraft(contract.contract)));
}

/** A folder with the given files. */
function charmOf(files: Readonly<Record<string, unknown>>): string {
  const directory = mkdtempSync(path.join(folder, "charm-"));
  for (const [name, value] of Object.entries(files)) {
    writeFileSync(path.join(directory, name), typeof value === "string" ? value : stringify(value));
  }
  return directory;
}

test.each(readdirSync(charms))(
  "%s: its adopted contract emits the charmcraft.yaml it came from",
  async (name) => {
    const file = path.join(charms, name, "charmcraft.yaml");
    const adopted = await adopt(file);
    expect(adopted.leftOut).toEqual([]);
    expect(await emitted(adopted)).toEqual(parse(readFileSync(file, "utf8")));
  },
);

test("the files of an older charm are read together, and what has no place is named", async () => {
  const directory = charmOf({
    "charmcraft.yaml": {
      type: "charm",
      base: "ubuntu@22.04",
      platforms: { amd64: null },
      parts: { charm: { plugin: "charm" } },
    },
    "metadata.yaml": {
      name: "old-k8s",
      summary: "An old charm.",
      description: "Old.",
      requires: { db: "pgsql", route: { interface: "ingress", limit: 1 } },
      provides: { metrics: { interface: "prometheus_scrape", extra: 1 } },
      peers: { cluster: { interface: "cluster" } },
      containers: { app: { resource: "app-image", mounts: [{ storage: "data", location: "/data" }] } },
      resources: {
        "app-image": { type: "oci-image", description: "The app.", "upstream-source": "app:1" },
        licence: { filename: "licence.txt", description: "A licence." },
      },
      storage: {
        data: { type: "filesystem", multiple: { range: "0-1" }, shared: true, "read-only": true, odd: 1 },
      },
    },
    "config.yaml": {
      options: { level: { default: "info", description: "Level." }, size: { type: "int", default: 3 } },
    },
    "actions.yaml": {
      backup: {
        description: "Back up.",
        params: {
          name: { type: "string", pattern: "^[a-z]+$", maxLength: 20 },
          count: { type: "integer", minimum: 1, maximum: 5, default: 2 },
          mode: { type: "string", enum: ["full", "part"] },
          tags: { type: "array", items: { type: "string" }, maxItems: 3 },
          options: { type: "object", properties: { deep: { type: "boolean" } } },
          odd: { type: ["string", "null"] },
        },
        required: ["name"],
        parallel: true,
      },
    },
  });
  const adopted = await adopt(directory);
  expect(adopted.leftOut).toEqual([
    "parts charm: they build a charm in Python",
    "endpoint metrics: extra",
    "storage data: odd",
    'action backup.odd: type ["string", "null"]',
  ]);
  expect(await emitted(adopted)).toMatchObject({
    name: "old-k8s",
    base: "ubuntu@22.04",
    platforms: { amd64: null },
    parts: { charm: { plugin: "nil" } },
    requires: { db: { interface: "pgsql" }, route: { interface: "ingress", limit: 1 } },
    containers: { app: { resource: "app-image", mounts: [{ storage: "data", location: "/data" }] } },
    resources: { licence: { type: "file", filename: "licence.txt" } },
    storage: { data: { type: "filesystem", multiple: { range: "0-1" }, shared: true, "read-only": true } },
    config: { options: { level: { type: "string", default: "info" }, size: { type: "int", default: 3 } } },
    actions: {
      backup: {
        params: {
          name: { type: "string", pattern: "^[a-z]+$", maxLength: 20 },
          count: { type: "integer", minimum: 1, maximum: 5, default: 2 },
          mode: { enum: ["full", "part"] },
          tags: { type: "array", items: { type: "string" }, maxItems: 3 },
          options: { properties: { deep: { type: "boolean" } } },
        },
        required: ["name"],
        parallel: true,
      },
    },
  });
});

test("YAML is read as charmcraft reads it, and what only metadata.yaml spells so has its place", async () => {
  const directory = charmOf({
    "charmcraft.yaml": `type: charm
base: ubuntu@24.04
platforms: {amd64: null}
config:
  options:
    level: &level {type: string, default: info, description: d}
    other: {<<: *level, default: 2001-01-01}
    on: {type: boolean, default: off}
    size: {type: int, default: 1_000}
`,
    "metadata.yaml": `name: odd
summary: s
description: d
display-name: Odd
maintainers: [a@b.c]
docs: https://docs.test
series: [jammy]
tags: [web]
requires: {db: {interface: pgsql, limit: null}}
extra-bindings: {cluster: null}
devices: {gpu: {type: nvidia.com/gpu, countmin: 1}}
`,
  });
  const adopted = await adopt(directory);
  expect(adopted.leftOut).toEqual([
    "series: it is of Juju's old format",
    "tags: charmcraft.yaml has no place for it",
  ]);
  expect(await emitted(adopted)).toMatchObject({
    title: "Odd",
    links: { contact: ["a@b.c"], documentation: "https://docs.test" },
    requires: { db: { interface: "pgsql" } },
    "extra-bindings": { cluster: null },
    devices: { gpu: { type: "nvidia.com/gpu", countmin: 1 } },
    config: {
      options: {
        level: { default: "info" },
        other: { type: "string", default: "2001-01-01", description: "d" },
        on: { type: "boolean", default: false },
        size: { type: "int", default: 1000 },
      },
    },
  });
});

test("platforms that name their bases stay alone: charmcraft takes no other base beside them", async () => {
  const platforms = { "ubuntu@22.04:amd64": null, "ubuntu@26.04:arm64": null };
  const directory = charmOf({ "charmcraft.yaml": { type: "charm", name: "x", summary: "x", platforms } });
  const yaml = await emitted(await adopt(directory));
  expect(yaml).toMatchObject({ platforms });
  expect(yaml).not.toHaveProperty("base");
});

test.each([
  [{}, "there is no charmcraft.yaml or metadata.yaml"],
  [{ "charmcraft.yaml": "- a\n" }, "it should be a table"],
  [{ "charmcraft.yaml": "a: [\n" }, 'Cannot adopt "'],
  [{ "charmcraft.yaml": "summary: x\n" }, '"name" should be the charm\'s name'],
])("what is no charm is refused with the reason: %o", async (files, message) => {
  await expect(adopt(charmOf(files))).rejects.toThrow(message);
});

test("whatever the texts, the source says them and nothing else", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // What is printed must mean the same to the language itself.
      const read: unknown = new Function(`return (${print(value)});`)();
      expect(JSON.stringify(read)).toBe(JSON.stringify(value));
    }),
  );
});

test("names that would end a string or a comment stay inside it", async () => {
  const nasty = `\`"; process.exit(1); // */ \n 1$\{1}`;
  const { source } = contractCode(
    {
      name: "x",
      summary: nasty,
      requires: { a: { interface: nasty } },
      config: { options: { o: { description: nasty } } },
    },
    new Map(),
  );
  expect(source).not.toMatch(/^process/m);
  await expect(emitted({ source })).rejects.toThrow("summary: must be one line");
});
