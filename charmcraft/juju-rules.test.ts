/** What Juju asks of an archive, rule by rule, of every charm here. `npm run test:peers` asks Juju's own reader. */

import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { packCharm } from "./pack.ts";
import { type Entry, entriesOf } from "./testing/entries.ts";

const charms = path.resolve(import.meta.dirname, "../charms");
const names = globSync("*/contract.ts", { cwd: charms })
  .map((file) => path.dirname(file))
  .sort();
const folder = mkdtempSync(path.join(tmpdir(), "rules-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Table = Readonly<Record<string, unknown>>;

describe.each(names)("%s", (name) => {
  let entries: ReadonlyMap<string, Entry>;
  const yaml = (file: string): Table => parse(entries.get(file)?.text ?? "{}") as Table;
  const keys = (part: unknown): string[] => Object.keys((part as object | undefined) ?? {});

  beforeAll(async () => {
    const runtime = path.join(folder, "node");
    writeFileSync(runtime, "a runtime\n", { mode: 0o755 });
    const { file } = await packCharm(path.join(charms, name), {
      architecture: "amd64",
      output: folder,
      runtime,
    });
    entries = await entriesOf(file);
  });

  test("files are at the top, none outside, none a link or a device", () => {
    for (const [file, { mode }] of entries) {
      expect(file).not.toMatch(/^\/|\\|(^|\/)\.\.(\/|$)/);
      expect(mode & 0o170000).toBe(0o100000);
    }
    expect([...entries.keys()]).toEqual(
      expect.arrayContaining(["metadata.yaml", "manifest.yaml", "dispatch"]),
    );
  });

  test("dispatch and the runtime are executable, by the zip's Unix modes", () => {
    for (const file of ["dispatch", "runtime/node"]) expect(entries.get(file)?.mode).toBe(0o100755);
    expect(entries.get("dispatch")?.text).toMatch(/^#!\/bin\/sh\n/);
  });

  test("the manifest has a base, with track and architectures", () => {
    expect(yaml("manifest.yaml")["bases"]).toEqual([
      { name: "ubuntu", channel: expect.stringMatching(/^\d\d\.\d\d$/), architectures: ["amd64"] },
    ]);
  });

  test("metadata of format 2: names, texts, no key of format 1", () => {
    const metadata = yaml("metadata.yaml");
    expect(metadata["name"]).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/);
    for (const key of ["summary", "description"]) expect(metadata[key]).toEqual(expect.any(String));
    for (const key of ["series", "min-juju-version", "deployment", "parts", "platforms", "type"]) {
      expect(metadata).not.toHaveProperty(key);
    }
    const endpoints = ["requires", "provides", "peers"].flatMap((role) => keys(metadata[role]));
    expect(new Set(endpoints).size).toBe(endpoints.length);
    expect(endpoints.filter((endpoint) => /^juju(-|$)/.test(endpoint))).toEqual([]);
  });

  test("a container's image is a resource of that kind, and what it mounts is declared", () => {
    const { containers, resources, storage } = yaml("metadata.yaml");
    for (const { resource, mounts } of Object.values((containers ?? {}) as Record<string, Table>)) {
      expect((resources as Record<string, Table>)[String(resource)]?.["type"]).toBe("oci-image");
      for (const mount of (mounts ?? []) as Table[]) expect(keys(storage)).toContain(mount["storage"]);
    }
  });

  test("options have a type that Juju knows, and config.yaml is absent rather than empty", () => {
    const options = yaml("config.yaml")["options"];
    expect(entries.has("config.yaml")).toBe(keys(options).length > 0);
    for (const { type } of Object.values((options ?? {}) as Record<string, Table>)) {
      expect(["string", "int", "float", "boolean", "secret"]).toContain(type);
    }
  });

  test("actions have names that Juju takes, and say that others than their parameters are refused", () => {
    for (const [action, schema] of Object.entries(yaml("actions.yaml") as Record<string, Table>)) {
      expect(action).toMatch(/^(?!juju(-|$))[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/);
      expect(schema["description"]).toEqual(expect.any(String));
      expect(schema["additionalProperties"]).toBe(false);
      expect(JSON.stringify(schema)).not.toMatch(/"\$(ref|schema)"/);
    }
  });

  test("the version is one line that fits, and all but the runtime is small", () => {
    expect(entries.get("version")?.text ?? "").toMatch(/^[^\n]{0,100}\n?$/);
    const bytes = [...entries]
      .filter(([file]) => file !== "runtime/node")
      .map(([, entry]) => entry.bytes.length);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(8_000_000);
  });
});
