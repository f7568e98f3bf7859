import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { chmod, rename } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../../charmcraft/bundle.ts";
import { HOOK_COMMANDS } from "../../hook/command-names.ts";

/** The hook commands of a version of Juju. */
export function hookCommands(version: string): readonly string[] {
  return HOOK_COMMANDS[version.startsWith("3.") ? "3.6" : "4.x"];
}

/**
 * Makes the folder of hook commands that goes first on a hook's PATH: one bundled program, and a link to it
 * for each command.
 *
 * @param folder Absolute; made anew.
 */
export async function createTools(folder: string, version: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await Promise.all([
    createProgram("../../hook/agent-socket/command", join(folder, "hook-command.cjs")),
    createProgram("../../pebble/command", join(folder, "pebble")),
  ]);
  for (const name of hookCommands(version)) {
    const link = join(folder, name);
    if (!existsSync(link)) symlinkSync("hook-command.cjs", link);
  }
}

/** Bundles one program of this checkout, and puts it in place whole. */
async function createProgram(source: string, program: string): Promise<void> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const entry = fileURLToPath(new URL(`${source}.${extension}`, import.meta.url));
  await bundle(entry, `${program}.new.cjs`, { program: true });
  await chmod(`${program}.new.cjs`, 0o755);
  await rename(`${program}.new.cjs`, program);
}
