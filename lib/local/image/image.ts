import { existsSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalError } from "../errors.ts";

const workloads = fileURLToPath(new URL("../../../workload", import.meta.url));

/**
 * The folder that stands for an OCI image: a path given with `--resource`, the name of a local image, or the
 * one that the charm's contract names.
 *
 * @param given What the operator gave for the resource; an image reference of a registry counts as nothing.
 * @param local The contract's `localImage`.
 * @returns `undefined` when nothing stands for it.
 * @throws {LocalError} `ERR_NOT_FOUND` for a path that is no image.
 */
export function imageFolder(given: string | undefined, local: string | undefined): string | undefined {
  if (given !== undefined && isAbsolute(given)) {
    if (!statSync(join(given, "bin"), { throwIfNoEntry: false })?.isDirectory()) {
      throw new LocalError(
        "ERR_NOT_FOUND",
        `Cannot use ${given} as an image: it has no folder "bin", it should`,
      );
    }
    return given;
  }
  for (const name of [given, local]) {
    if (name === undefined || !/^[a-z0-9][a-z0-9-]*$/.test(name)) continue;
    const folder = join(workloads, name);
    if (existsSync(join(folder, "bin"))) return folder;
  }
  return undefined;
}

/**
 * Text of a container's `update-ca-certificates`, a shell script that knows its container.
 *
 * @param root Absolute path of the container's files.
 */
export function updateProgram(root: string): string {
  const source = import.meta.url.endsWith(".ts");
  const program = fileURLToPath(new URL(`./update-ca-certificates.${source ? "ts" : "js"}`, import.meta.url));
  const quoted = [process.execPath, "--disable-warning=ExperimentalWarning", program, root].map(shellQuoted);
  return `#!/bin/sh\nexec ${quoted.join(" ")}\n`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
