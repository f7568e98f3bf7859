import path from "node:path";
import { build, type Metafile } from "esbuild";
import { expect, test } from "vitest";

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
