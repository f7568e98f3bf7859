/**
 * Makes of the program what an image holds: plain JavaScript in one folder, without `node_modules`. What serving does not always
 * need (providers, Redis, gRPC, …) is in files of its own that are loaded when it is needed.
 *
 *   node workload/forward-auth/build.ts FOLDER
 *
 * The program is then `FOLDER/oauth2-proxy.mjs`; its first line has the options of Node.js: 8 MiB of young objects are enough, and
 * keep the process small. One arena of the C library's allocator is enough, too: with one for each thread, what compiler and
 * garbage collection once needed in theirs stays there, some 20 MiB.
 */
import { realpathSync } from "node:fs";
import { chmod, copyFile, readFile } from "node:fs/promises";
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

/** What undici is beside a client, and loads at once: the browser's interfaces, mocks, caches. 10 MiB that nothing here uses. */
const UNUSED = /^\.\/lib\/(?:web|mock|cache|interceptor)\//;

/** Takes undici's client alone. What else its index names stands there as an empty class. */
const undiciClient: Plugin = {
  name: "undici-client",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: UNUSED }, ({ path: name, importer }) =>
      /\/undici\/index\.js$/.test(importer) ? { path: name, namespace: "unused" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({
      contents: "const none = class {}; module.exports = new Proxy({}, { get: () => none });",
    }));
  },
};

/** Files that code finds beside itself are beside the parts. */
const besideParts: Plugin = {
  name: "beside-parts",
  setup({ onLoad }) {
    onLoad({ filter: /\/htpasswd\/passwords\.ts$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, "utf8")).replace("./bcrypt-thread.ts", "./bcrypt-thread.mjs"),
      loader: "ts",
    }));
  },
};

const PROTOCOLS = ["authorization.proto", "health.proto"];

/** Builds into a folder; returns the program's file. */
export async function buildProgram(folder: string): Promise<string> {
  await build({
    entryPoints: {
      "oauth2-proxy": path.join(import.meta.dirname, "bin", "oauth2-proxy"),
      "parts/bcrypt-thread": path.join(import.meta.dirname, "htpasswd", "bcrypt-thread.ts"),
    },
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
    plugins: [httpByRequire, undiciClient, besideParts],
    legalComments: "none",
    logLevel: "warning",
  });
  for (const file of PROTOCOLS)
    await copyFile(path.join(import.meta.dirname, "points", "grpc", file), path.join(folder, "parts", file));
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
