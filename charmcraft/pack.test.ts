import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PackedCharm, packCharm } from "./pack.ts";
import { hostArchitecture, RUNTIME_VERSION, RUNTIMES, runtimeOf } from "./runtime.ts";
import { entriesOf } from "./testing/entries.ts";

const charm = path.resolve(import.meta.dirname, "../charms/whoami-k8s");
let folder: string;
let runtime: string;
let packed: PackedCharm;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "pack-"));
  runtime = path.join(folder, "node");
  writeFileSync(runtime, "a runtime\n", { mode: 0o755 });
  packed = await packCharm(charm, { architecture: "arm64", output: path.join(folder, "out"), runtime });
});
afterAll(() => rmSync(folder, { recursive: true }));

test("an archive has what Juju reads at its top, sorted, with the modes Juju needs", async () => {
  expect(path.basename(packed.file)).toBe("whoami-k8s_arm64.charm");
  const entries = await entriesOf(packed.file);
  const names = [...entries.keys()];
  expect(names).toEqual(names.toSorted());
  expect(names).toEqual(
    expect.arrayContaining([
      "README.md",
      "config.yaml",
      "dispatch",
      "main.cjs",
      "manifest.yaml",
      "metadata.yaml",
      "start.cjs",
    ]),
  );
  expect(entries.get("dispatch")?.mode).toBe(0o100755);
  expect(entries.get("runtime/node")).toMatchObject({ mode: 0o100755, text: "a runtime\n" });
  expect(entries.get("metadata.yaml")?.mode).toBe(0o100644);
  expect(entries.get("manifest.yaml")?.text).toContain("architectures:\n      - arm64\n");
  expect(names).not.toContain("charmcraft.yaml");
  // Packages that are loaded late are there when the code that is left loads them, and only then.
  const late = [...(entries.get("main.cjs")?.text.matchAll(/require\("\.\/(late\/[^"]+)"\)/g) ?? [])];
  expect(names.filter((name) => name.startsWith("late/"))).toEqual(
    [...new Set(late.map(([, name]) => name))].sort(),
  );
});

test("the same sources make the same bytes, whatever the folder, the time and its zone", () => {
  const output = path.join(folder, "more", "out");
  const options = JSON.stringify({ architecture: "arm64", output, runtime });
  const script = `import { packCharm } from ${JSON.stringify(path.join(import.meta.dirname, "pack.ts"))};
    await packCharm(${JSON.stringify(charm)}, ${options});`;
  // In a process, for a thread has the zone of all.
  execFileSync(
    process.execPath,
    [
      "--conditions=charmed-iap:source",
      "--disable-warning=ExperimentalWarning",
      "--input-type=module",
      "-e",
      script,
    ],
    { env: { ...process.env, TZ: "Pacific/Kiritimati" } },
  );
  const again = path.join(output, path.basename(packed.file));
  expect(readFileSync(again).equals(readFileSync(packed.file))).toBe(true);
});

test("an output that is no folder is refused before anything is built", async () => {
  await expect(packCharm(charm, { architecture: "arm64", output: packed.file, runtime })).rejects.toThrow(
    `Cannot pack into ${packed.file}: EEXIST, it should be a folder that can be written`,
  );
});

test("the source map names files from the project on and holds their text", async () => {
  const map = JSON.parse((await entriesOf(packed.file)).get("main.cjs.map")?.text ?? "") as {
    sources: string[];
    sourcesContent: string[];
  };
  expect(map.sources).toContain("charms/whoami-k8s/charm.ts");
  expect(map.sources.filter((source) => source.startsWith(".") || path.isAbsolute(source))).toEqual([]);
  expect(map.sourcesContent[map.sources.indexOf("charms/whoami-k8s/charm.ts")]).toBe(
    readFileSync(path.join(charm, "charm.ts"), "utf8"),
  );
});

test("the pinned runtimes are those of the lock file", () => {
  const lock = JSON.parse(
    readFileSync(path.resolve(import.meta.dirname, "../package-lock.json"), "utf8"),
  ) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  for (const { name, integrity } of Object.values(RUNTIMES)) {
    expect(lock.packages[`node_modules/${name}`]).toMatchObject({ version: RUNTIME_VERSION, integrity });
  }
});

test("the runtime of this machine is the installed one", async () => {
  const architecture = hostArchitecture();
  if (architecture === undefined || process.platform !== "linux") return;
  const program = await runtimeOf(architecture);
  expect(program).toContain(`${RUNTIMES[architecture].name}${path.sep}bin`);
  expect(statSync(program).mode & 0o111).not.toBe(0);
});
