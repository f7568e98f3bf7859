/**
 * Makes of the program what an image holds: plain JavaScript in one folder, without `node_modules`. What serving does not always
 * need (providers, Redis, gRPC, …) is in files of its own that are loaded when it is needed.
 *
 *   node workload/forward-auth/build.ts FOLDER
 *
 * The program is then `FOLDER/oauth2-proxy.mjs`; its first line has the options of Node.js: 8 MiB of young objects are enough, and
 * keep the process small.
 */
import { realpathSync } from "node:fs";
import { chmod } from "node:fs/promises";
import path from "node:path";
import { build, type Plugin } from "esbuild";

/** CommonJS packages among the dependencies ask for Node.js modules by `require`. */
const REQUIRE =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/**
 * Takes `node:http` by `require`. An `import` of it asks for everything it exports, also for its WebSocket, and so loads the
 * client behind that: 13 MiB and 20 ms that nothing here uses.
 */
const httpByRequire: Plugin = {
  name: "http-by-require",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?http$/ }, ({ namespace }) =>
      namespace === "required"
        ? { path: "node:http", external: true }
        : { path: "node:http", namespace: "required" },
    );
    onLoad({ filter: /.*/, namespace: "required" }, ({ path: name }) => ({
      contents: `module.exports = require(${JSON.stringify(name)});`,
    }));
  },
};

/** Builds into a folder; returns the program's file. */
export async function buildProgram(folder: string): Promise<string> {
  await build({
    entryPoints: { "oauth2-proxy": path.join(import.meta.dirname, "bin", "oauth2-proxy") },
    loader: { "": "ts" },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    chunkNames: "parts/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    conditions: ["charmed-iap:source"],
    banner: { js: REQUIRE },
    plugins: [httpByRequire],
    legalComments: "none",
    logLevel: "warning",
  });
  const program = path.join(folder, "oauth2-proxy.mjs");
  await chmod(program, 0o755);
  return program;
}

const [, program = "", folder] = process.argv;
if (realpathSync(program) === import.meta.filename) {
  if (folder === undefined)
    throw new TypeError("Cannot build: folder is missing, should be the only argument");
  console.log(await buildProgram(path.resolve(folder)));
}
