import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

/** How a bundle is laid out. */
export interface BundleOptions {
  /** Whether the file is to be run by its name: it then begins with `#!/usr/bin/env node`. */
  readonly program?: boolean;
  /**
   * Whether packages that the code loads late (`await import("yaml")`) become files of their own in `late/`
   * beside the bundle, so that a start does not parse what it does not use.
   */
  readonly late?: boolean;
}

const shared = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "cjs",
  // The npm package has what was made of the sources, and no sources.
  conditions: import.meta.url.endsWith(".ts") ? ["charmed-iap:source"] : [],
  sourcemap: true,
  sourcesContent: true,
  logLevel: "silent",
  legalComments: "none",
  // Late imports become require(), which starts sooner and gives CommonJS packages their names.
  supported: { "dynamic-import": false },
  define: { "import.meta.url": "__filename_url" },
} as const satisfies BuildOptions;

const FILE_URL = 'const __filename_url = "file://" + __filename;';

const fileNameOf = (name: string): string => `${name.replace(/[^a-z0-9]+/gi, "-").replace(/^-/, "")}.cjs`;

const pathOf = (name: string): string => `./late/${fileNameOf(name)}`;

/** Leaves late imports of packages out of the bundle, and notes which they were, and who wants them. */
function latePackages(found: Map<string, string>): Plugin {
  return {
    name: "late-packages",
    setup({ onResolve }) {
      onResolve({ filter: /^[a-z@]/i }, ({ path: name, kind, resolveDir }) => {
        if (kind !== "dynamic-import" || /^(node|charmed-iap)[:/]/.test(name)) return undefined;
        found.set(name, resolveDir);
        return { path: pathOf(name), external: true };
      });
    },
  };
}

/**
 * Bundles one TypeScript entry point, with everything it imports, into a CommonJS file for the pinned Node.js,
 * with a source map beside it. Not minified: a stack trace from the field must read.
 *
 * CommonJS, because it starts some milliseconds sooner than an ES module, and a hook is a process start.
 *
 * @param entry Absolute path of the `.ts` file.
 * @param outfile Absolute path of the `.cjs` file.
 */
export async function bundle(entry: string, outfile: string, options: BundleOptions = {}): Promise<void> {
  const { program = false, late = false } = options;
  const found = new Map<string, string>();
  const root = packageRoot(entry);
  const { metafile } = await build({
    ...shared,
    metafile: true,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    banner: { js: `${program ? "#!/usr/bin/env node\n" : ""}${FILE_URL}` },
    plugins: late ? [latePackages(found)] : [],
  });
  const wanted = importedBy(metafile);
  await Promise.all(
    Array.from(found)
      .filter(([name]) => wanted.has(pathOf(name)))
      .map(([name, resolveDir]) =>
        build({
          ...shared,
          absWorkingDir: root,
          stdin: { contents: `export * from ${JSON.stringify(name)};`, resolveDir },
          outfile: path.join(path.dirname(outfile), "late", fileNameOf(name)),
          sourcemap: false,
          banner: { js: FILE_URL },
        }),
      ),
  );
  await nameSources(`${outfile}.map`, root);
}

/** What is imported by the code that is left in a bundle, without what nobody calls. */
function importedBy({ outputs }: Metafile): ReadonlySet<string> {
  return new Set(Object.values(outputs).flatMap(({ imports }) => imports.map((each) => each.path)));
}

/** The folder of the package that a file belongs to. */
function packageRoot(file: string): string {
  const parent = path.dirname(file);
  if (parent === file || existsSync(path.join(parent, "package.json"))) return parent;
  return packageRoot(parent);
}

/** Names the sources of a map from the package's folder on, so that it does not depend on where things were built. */
async function nameSources(file: string, root: string): Promise<void> {
  const map = JSON.parse(await readFile(file, "utf8")) as { sources: string[] };
  map.sources = map.sources.map((source) => {
    const absolute = path.resolve(path.dirname(file), source);
    return path
      .relative(root, absolute)
      .split(path.sep)
      .join("/")
      .replace(/^(?:\.\.\/)+/, "");
  });
  await writeFile(file, JSON.stringify(map));
}
