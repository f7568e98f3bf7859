/**
 * Ways to pack a charm's runtime, each measured by whole hooks of the same charms: what decisions/0004 is based on.
 * Prints Markdown.
 *
 *   node lib/cli/enter.mjs lib/charm/bench/techniques.ts [--runs N] [--bun FILE] [--only NAME]
 *
 * `--bun` names a bun executable (the one of the npm package `@oven/bun-linux-x64`, for example); without it its row is left out.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { inTurn, median, type Subject } from "./measure.ts";
import { openStage } from "./stage.ts";

const run = promisify(execFile);

const { values } = parseArgs({
  options: { runs: { type: "string", default: "15" }, bun: { type: "string" }, only: { type: "string" } },
});

/** A way to pack. */
interface Technique {
  readonly name: string;
  /** Makes what it needs in the charm's folder, and says how the hook is run: the last line of a shell script. */
  readonly prepare: (charm: string) => Promise<string>;
}

const NODE = '"$dir/runtime/node"';
const MAIN = '"$dir/main.cjs"';
const plain = (name: string, flags: string): Technique => ({
  name,
  prepare: async () => `exec ${NODE} ${flags} ${MAIN}`,
});

const TECHNIQUES: readonly Technique[] = [
  plain("plain Node.js, --enable-source-maps", "--enable-source-maps"),
  plain("plain Node.js", ""),
  plain("plain Node.js, --jitless", "--jitless"),
  {
    name: "compile cache, made by the first hook",
    prepare: async () => `NODE_COMPILE_CACHE="$dir/.cache" exec ${NODE} ${MAIN}`,
  },
  {
    name: "compiled code of all functions, left by the first hook",
    prepare: async () => `NODE_COMPILE_CACHE="$dir/.cache" exec ${NODE} "$dir/start.cjs"`,
  },
  {
    name: "startup snapshot",
    prepare: async (charm) => {
      // A snapshot's `require` knows built-in modules only; late packages are found as the bundle would find them.
      const text = await readFile(path.join(charm, "main.cjs"), "utf8");
      const wrapped = `const { createRequire } = require("node:module");
require("node:v8").startupSnapshot.setDeserializeMainFunction(() => {
  const folder = process.env.JUJU_CHARM_DIR;
  const body = globalThis.__charm;
  body(createRequire(folder + "/main.cjs"), folder + "/main.cjs", folder);
});
globalThis.__charm = (require, __filename, __dirname) => { const module = { exports: {} }; const exports = module.exports;
${text}
};`;
      await writeFile(path.join(charm, "snapshot.cjs"), wrapped);
      const node = path.join(charm, "runtime", "node");
      await run(node, [
        "--snapshot-blob",
        path.join(charm, "snapshot.blob"),
        "--build-snapshot",
        path.join(charm, "snapshot.cjs"),
      ]);
      return `exec ${NODE} --snapshot-blob "$dir/snapshot.blob" ${MAIN}`;
    },
  },
];

const bun = (program: string): Technique => ({
  name: "bun --compile --bytecode",
  async prepare(charm) {
    const args = [
      "build",
      "--compile",
      "--bytecode",
      "--outfile",
      path.join(charm, "charm-bun"),
      path.join(charm, "main.cjs"),
    ];
    await run(program, args, { cwd: charm });
    return 'exec "$dir/charm-bun"';
  },
});

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(names.map((name) => stat(path.join(folder, name))));
  return sizes.filter((one) => one.isFile()).reduce((sum, one) => sum + one.size, 0) / 1024 / 1024;
}

/** Technique → MiB that it adds to the unpacked charm. */
const added = new Map<string, number>();

/** The charm's dispatch, replaced by one of its own for each technique. */
async function variantOf(subject: Subject, { name, prepare }: Technique, index: number): Promise<Subject> {
  const before = await sizeOf(subject.folder);
  const line = await prepare(subject.folder);
  added.set(name, (await sizeOf(subject.folder)) - before);
  const file = path.join(subject.folder, `dispatch-${index}`);
  await writeFile(file, `#!/bin/sh\ndir=\${0%/*}\n${line}\n`);
  await chmod(file, 0o755);
  return { ...subject, name: `${subject.name}\t${name}`, command: [file] };
}

const folder = await mkdtemp(path.join(tmpdir(), "iap-tech-"));
const stage = await openStage(folder, { ours: true });
try {
  const all = [...TECHNIQUES, ...(values.bun === undefined ? [] : [bun(path.resolve(values.bun))])];
  const techniques = all.filter(
    ({ name }) => values.only === undefined || new RegExp(values.only).test(name),
  );
  const subjects: Subject[] = [];
  for (const subject of stage.subjects) {
    for (const [index, technique] of techniques.entries())
      subjects.push(await variantOf(subject, technique, index));
  }
  const samples = await inTurn(stage.measurer, subjects, Number(values.runs));
  console.log("| Hook | Technique | Wall, ms | CPU, ms | Least CPU, ms | Memory, MiB | Adds, MiB |");
  console.log("|---|---|--:|--:|--:|--:|--:|");
  for (const [name, taken] of samples) {
    const [hook, technique] = name.split("\t");
    const of = (key: "wall" | "cpu" | "memory") => median(taken.map((one) => one[key])).toFixed(1);
    const least = Math.min(...taken.map((one) => one.cpu)).toFixed(1);
    console.log(
      `| ${[hook, technique, of("wall"), of("cpu"), least, of("memory"), (added.get(technique ?? "") ?? 0).toFixed(1)].join(" | ")} |`,
    );
  }
} finally {
  await stage.close();
  await rm(folder, { recursive: true });
}
