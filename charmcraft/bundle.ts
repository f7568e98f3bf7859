import { build } from "esbuild";

/**
 * Bundles one TypeScript entry point, with everything it imports, into a single CommonJS file for the
 * pinned Node.js, with a source map beside it. Not minified: a stack trace from the field must read.
 *
 * CommonJS, because it starts some milliseconds sooner than an ES module, and a hook is a process start.
 *
 * @param entry Absolute path of the `.ts` file.
 * @param outfile Absolute path of the `.cjs` file.
 * @param options.program Whether the file is to be run by its name: it then begins with `#!/usr/bin/env node`.
 */
export async function bundle(
  entry: string,
  outfile: string,
  { program = false }: { readonly program?: boolean } = {},
): Promise<void> {
  const shebang = program ? "#!/usr/bin/env node\n" : "";
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    conditions: ["charmed-iap:source"],
    sourcemap: true,
    sourcesContent: true,
    logLevel: "silent",
    define: { "import.meta.url": "__filename_url" },
    banner: { js: `${shebang}const __filename_url = "file://" + __filename;` },
    legalComments: "none",
  });
}
