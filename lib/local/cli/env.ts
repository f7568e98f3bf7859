import path from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "../client.ts";
import { LocalError } from "../errors.ts";
import { stateDir } from "../state-dir.ts";

/** The folder that holds only `juju`. */
export const binDirectory: string = fileURLToPath(new URL("../bin", import.meta.url));

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * What `eval "$(npx iap env)"` sets: the `juju` of the local model first on PATH, and where its state is, so that it
 * works from any folder.
 */
export function environmentText(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return [
    `export PATH=${quoted(binDirectory)}${path.delimiter}"$PATH"`,
    `export CHARMED_IAP_STATE=${quoted(stateDir(env).state)}`,
  ].join("\n");
}

export function printEnvironment(): void {
  console.log(environmentText());
}

/** Stops the background process with all that it runs, if there is one; what was deployed is kept. */
export async function stopController(): Promise<void> {
  try {
    const client = await connect({ start: false });
    await client.call("stop", {});
    client.close();
  } catch (error) {
    if (!(error instanceof LocalError) || error.code !== "ERR_CONTROLLER_UNREACHABLE") throw error;
  }
}
