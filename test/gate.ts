/**
 * The gate: every check that must hold before a change lands, each with its time.
 *
 * Usage: `node test/gate.ts [ok|all]`. `ok` is format, lint, types, unit tests and emitted files; `all`
 * (what `npm test` runs) adds the golden files and a login in a real Chromium.
 *
 * @module
 */

import { spawn } from "node:child_process";
import path from "node:path";

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = path.resolve(import.meta.dirname, "..");
const script = (file: string, ...args: string[]): string[] => [
  process.execPath,
  "--conditions=charmed-iap:source",
  "--disable-warning=ExperimentalWarning",
  file,
  ...args,
];

const still: readonly Step[] = [
  { name: "format and lint", command: ["biome", "check", "--error-on-warnings", "."] },
  { name: "import arrows", command: script("test/arrows.ts") },
  { name: "types", command: ["tsc", "-p", "."] },
  { name: "emitted files", command: script("charmcraft/emit.ts", "--check") },
  { name: "reference", command: script("lib/docs/reference.ts", "--check") },
];

const unit: Step = {
  name: "unit tests",
  command: [process.execPath, "node_modules/vitest/vitest.mjs", "run"],
};

const more: readonly Step[] = [
  { name: "golden files", command: script("test/golden.ts") },
  { name: "a login in Chromium", command: script("test/tutorials/login.ts") },
];

/** Reads the counts a step printed: those of vitest, or a line `[word: ]N passed, N failed[, N skipped]`. */
function countsOf(output: string): Outcome {
  const plain = output.replace(/\u001b\[[0-9;]*m/g, "");
  const vitest = /^\s*Tests\s+(.*)$/m.exec(plain)?.[1];
  const line = vitest ?? plain.match(/^(?:\S+: )?\d+ passed, \d+ failed.*$/gm)?.at(-1) ?? "";
  const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

/** Runs a step. What it prints is shown as it comes where the step runs alone, else when it ends. */
async function run(step: Step, isAlone: boolean): Promise<Outcome> {
  const started = performance.now();
  if (isAlone) console.log(`\n── ${step.name}`);
  const [program, ...args] = step.command;
  const child = spawn(program as string, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    if (isAlone) process.stdout.write(chunk);
  });
  const code = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      console.error(`Cannot run ${program}: ${error.message}`);
      resolve(1);
    });
    child.on("close", (exit) => resolve(exit ?? 1));
  });
  const counts = countsOf(output);
  if (!isAlone) process.stdout.write(`\n── ${step.name}\n${output}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`── ${step.name}: ${code === 0 ? "holds" : `failed with ${code}`} (${seconds} s)`);
  if (counts.passed + counts.failed === 0) return { ...counts, [code === 0 ? "passed" : "failed"]: 1 };
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

// Steps of a stage run side by side; nothing of a later stage after a failure.
const stages = process.argv[2] === "ok" ? [still, [unit]] : [still, [unit], more];
const total = { passed: 0, failed: 0, skipped: 0 };
for (const stage of stages) {
  for (const counts of await Promise.all(stage.map((step) => run(step, stage.length === 1)))) {
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  if (total.failed > 0) break;
}
console.log(
  `\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ""}`,
);
process.exitCode = total.failed === 0 ? 0 : 1;
