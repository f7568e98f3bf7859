import { readFileSync } from "node:fs";
import path from "node:path";
import type { Plugin } from "vite";

const root = path.resolve(import.meta.dirname, "../..");
const inRoot = (...parts: string[]): string => path.join(root, ...parts);
const SOURCE = "?source";
const CHARM = /\/charms\/[^/]+\/charm\.ts$/;

/**
 * Puts what is packed in the place of the charms' sources, under tests that know nothing of it:
 *
 * - the test kit runs hooks by `run-hook.ts` of this folder, which starts the packed charm;
 * - what a `charm.ts` exports is noted with the cluster that it was given, so that the packed charm gets the same one.
 */
export function packedHooks(): Plugin {
  return {
    name: "packed-hooks",
    enforce: "pre",
    async resolveId(source, importer, options) {
      if (importer === undefined || !/(?:run-hook|charm)\.ts$/.test(source)) return undefined;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      if (found === null) return undefined;
      if (found.id === inRoot("lib/charm/runtime/run-hook.ts") && importer.startsWith(inRoot("lib/testing/")))
        return inRoot("test/packed/run-hook.ts");
      return CHARM.test(found.id) ? `${found.id}?noted` : found;
    },
    load(id) {
      return id.endsWith("?noted") ? noted(id.slice(0, -"?noted".length)) : undefined;
    },
  };
}

/** A module with the exports of a `charm.ts`, each told to `clusters.ts`. */
function noted(file: string): string {
  const text = readFileSync(file, "utf8");
  const names = [...text.matchAll(/^export (?:const|(?:async )?function) (\w+)/gm)].map(([, name]) => name);
  return [
    `import * as source from ${JSON.stringify(`${file}${SOURCE}`)};`,
    `import { note } from ${JSON.stringify(inRoot("test/packed/clusters.ts"))};`,
    ...names.map((name) => `export const ${name} = note(source.${name});`),
    "export default note(source.default);",
  ].join("\n");
}
