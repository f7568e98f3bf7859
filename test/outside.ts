/** Work outside the checkout, as somebody does who has the npm package only. */

import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const root = path.resolve(import.meta.dirname, "..");

/** Variables of this process that a person's shell has not. */
const OWN = [
  "NODE_OPTIONS",
  "NODE_ENV",
  "VITEST",
  "VITEST_MODE",
  "VITEST_POOL_ID",
  "VITEST_WORKER_ID",
  "TEST",
];

/**
 * Runs a program in a folder.
 *
 * @returns What it printed on standard output.
 * @throws {Error} With all that it printed, when it fails.
 */
export async function run(folder: string, program: string, ...args: string[]): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !OWN.includes(name));
  const env = { ...Object.fromEntries(inherited), NO_COLOR: "1" };
  try {
    const { stdout } = await execute(program, args, { cwd: folder, env, maxBuffer: 1 << 26 });
    return stdout;
  } catch (cause) {
    const { stdout = "", stderr = "", message } = cause as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`, { cause });
  }
}

/** Packs the npm package into a folder. @returns The archive's name. */
export async function packPackage(folder: string): Promise<string> {
  await run(root, "npm", "pack", "--pack-destination", folder);
  const [archive = ""] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  return archive;
}
