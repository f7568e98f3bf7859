import { fileURLToPath } from "node:url";
import { isLocalError } from "../errors.ts";
import { stateDir } from "../state-dir.ts";

/** The folder that holds `juju` and nothing else. */
export const jujuFolder = fileURLToPath(new URL("../bin", import.meta.url));

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What a shell evaluates to have `juju` on PATH, talking to this controller. */
export function environmentText(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const state = `export CHARMED_IAP_STATE=${quoted(stateDir(env).state)}\n`;
  return `export PATH=${quoted(jujuFolder)}:"$PATH"\n${state}`;
}

/** Prints it: `eval "$(npx iap env)"`. */
export function printEnvironment(): void {
  process.stdout.write(environmentText());
}

/**
 * Stops the background process with all that it runs; what was deployed is kept.
 *
 * @returns False when none ran.
 */
export async function stopController(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<boolean> {
  const { connect } = await import("../client.ts");
  try {
    const client = await connect({ env, start: false });
    await client.call("stop", {});
    client.close();
    return true;
  } catch (error) {
    if (isLocalError(error) && error.code === "ERR_CONTROLLER_UNREACHABLE") return false;
    throw error;
  }
}
