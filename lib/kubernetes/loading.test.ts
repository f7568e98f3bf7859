import path from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** Files of packages in what a charm packs that imports this. */
async function packed(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    stdin: { contents: `import * as all from "./${entry}"; console.log(all);`, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    conditions: ["charmed-iap:source"],
    logLevel: "silent",
    external: ["@kubernetes/client-node"],
  });
  const [output] = Object.values(metafile.outputs);
  return (output?.imports ?? []).map(({ path: name, kind }) => `${kind} ${name}`);
}

const CLIENT = "@kubernetes/client-node";

test("what charms use of this room needs no client-node, not even packed", async () => {
  for (const entry of ["lib/kubernetes/index.ts", "lib/charm/limits.ts", "lib/charm/dispatch.ts"]) {
    expect((await packed(entry)).filter((one) => one.endsWith(CLIENT))).toEqual([]);
  }
});

test("the typed API loads it with the first call, not before", async () => {
  expect((await packed("lib/kubernetes/client-node.ts")).filter((one) => one.endsWith(CLIENT))).toEqual([
    `dynamic-import ${CLIENT}`,
  ]);
});
