/** Secrets that files hold, read again when the files change, so that a rotation needs no restart. */
import { readFileSync } from "node:fs";
import { ProviderError } from "./provider.ts";

/**
 * Reads a file's text; a line break at its end is not part of it.
 *
 * @throws {ProviderError} `outage` with the system's code: the file may be there again soon.
 */
export function readSecretFile(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/[\r\n]+$/, "");
  } catch (error) {
    throw new ProviderError("outage", `secret-file-${(error as NodeJS.ErrnoException).code ?? "unreadable"}`);
  }
}

/** The client's secret, from the configuration or from its file. */
export function clientSecret({
  clientSecret: text,
  clientSecretFile: file,
}: {
  readonly clientSecret: string;
  readonly clientSecretFile: string;
}): string {
  return text !== "" || file === "" ? text : readSecretFile(file);
}
