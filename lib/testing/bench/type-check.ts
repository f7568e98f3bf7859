import { execFile } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const root = path.resolve(import.meta.dirname, "../../..");

/** A charm's folder, and its sources without tests. */
export interface CharmSources {
  readonly name: string;
  readonly files: readonly string[];
}

/** The charm with the most lines. */
export function largestCharm(): CharmSources {
  const charms = new Map<string, string[]>();
  for (const file of globSync("charms/*/*.ts", { cwd: root })) {
    if (file.includes(".test.")) continue;
    const name = path.basename(path.dirname(file));
    charms.set(name, [...(charms.get(name) ?? []), path.join(root, file)]);
  }
  const lines = (files: readonly string[]): number =>
    files.reduce((sum, file) => sum + readFileSync(file, "utf8").split("\n").length, 0);
  const [largest] = [...charms].toSorted(([, a], [, b]) => lines(b) - lines(a));
  if (largest === undefined) throw new TypeError("Cannot check a charm: charms/ has none");
  return { name: largest[0], files: largest[1] };
}

/** Checks a charm's types as its author does: `tsc`, in a process of its own. @throws When it has faults. */
export async function typeCheck({ files }: CharmSources): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "type-check-"));
  try {
    const config = {
      extends: path.join(root, "tsconfig.json"),
      compilerOptions: { typeRoots: [path.join(root, "node_modules/@types")] },
      files,
      include: [],
    };
    const project = path.join(folder, "tsconfig.json");
    writeFileSync(project, JSON.stringify(config));
    await promisify(execFile)(path.join(root, "node_modules/.bin/tsc"), ["-p", project], { cwd: root });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
