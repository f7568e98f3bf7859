import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build, type Metafile } from "esbuild";
import { execa } from "execa";
import { expect, test } from "vitest";
import { buildCharm } from "../../charmcraft/build.ts";
import { containerSocket } from "../pebble/paths.ts";
import { createPebble } from "../pebble/server/index.ts";
import { startAgent } from "./bench/agent.ts";
import { SMALL } from "./bench/scenes.ts";
import charm from "./bench/small/charm.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Bundles a charm as it is packed, and says what is loaded before its first line runs. */
async function startGraph(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [path.join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    conditions: ["charmed-iap:source"],
    logLevel: "silent",
  });
  return reachable(metafile, entry);
}

/** Follows import statements; what is imported with `import()` loads later, when it is used. */
function reachable({ inputs }: Metafile, entry: string): readonly string[] {
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const one of inputs[file]?.imports ?? []) if (one.kind === "import-statement") visit(one.path);
  };
  visit(entry);
  return [...seen];
}

test("dispatch() loads nothing heavy before it is needed", async () => {
  const loaded = await startGraph("lib/charm/testdata/main.ts");
  expect(loaded).toContain("lib/charm/dispatch.ts");
  expect(loaded).toContain("lib/hook/open-transport.ts");
  const heavy =
    /node_modules|^node:(http|https|crypto|child_process|net|tls|stream|fs|worker_threads)|^lib\/(model|testing|local)\//;
  expect(loaded.filter((file) => heavy.test(file))).toEqual([]);
  // What records a hook is loaded when an operator wants a recording.
  expect(loaded.filter((file) => file.startsWith("lib/charm/record/"))).toEqual([
    "lib/charm/record/wanted.ts",
  ]);
  // A small program: growing far beyond this is a question to ask.
  expect(loaded.length).toBeLessThan(100);
});

/** Runs a program to its end, and says which public modules of Node.js it has loaded. */
async function loadedBy(program: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = path.dirname(program);
  const [probe, list] = [path.join(folder, "probe.cjs"), path.join(folder, "loaded")];
  const write = `require("node:fs").writeFileSync(${JSON.stringify(list)}, process.moduleLoadList.join("\\n"))`;
  await writeFile(probe, `process.on("exit", () => ${write});`);
  await execa(process.execPath, ["--require", probe, program], { env, extendEnv: false, cwd: folder });
  const lines = (await readFile(list, "utf8")).split("\n");
  return lines.flatMap((line) => /^NativeModule (?!internal\/)(.+)$/.exec(line)?.[1] ?? []);
}

test("an ordinary hook loads node:net with what that brings, node:vm, and no other built-in module", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "iap-load-"));
  const containers = path.join(folder, "containers");
  const image = path.join(folder, "image");
  await mkdir(path.join(image, "bin"), { recursive: true });
  await writeFile(path.join(image, "bin/web"), "#!/bin/sh\nexec sleep 1000\n");
  await chmod(path.join(image, "bin/web"), 0o755);
  const pebble = await createPebble({ root: path.join(containers, "web/root"), image, startGraceMs: 60 });
  const agent = await startAgent({ ...SMALL, contract: charm.contract }, folder);
  try {
    await pebble.listen(containerSocket(containers, "web"));
    const [empty, charm] = [path.join(folder, "empty.cjs"), path.join(folder, "charm")];
    await writeFile(empty, "");
    await buildCharm(path.join(import.meta.dirname, "bench/small"), charm);
    const nothing = await loadedBy(empty, {});
    const hook = () =>
      loadedBy(path.join(charm, "start.cjs"), { ...agent.env, CHARMED_IAP_CONTAINERS: containers });
    expect(await hook()).toContain("v8"); // It leaves compiled code for the next.
    agent.taken();
    const loaded = await hook();
    expect(agent.taken()).toBe(12);
    expect(loaded.filter((name) => !nothing.includes(name)).sort()).toEqual([
      "net",
      "stream",
      "stream/promises",
      "string_decoder",
      "vm",
    ]);
  } finally {
    await agent.close();
    await pebble.close();
    await rm(folder, { recursive: true });
  }
});
