import { createHash } from "node:crypto";
import { formatJson } from "./go/json.ts";
import { byteLength, quote, trimEnd } from "./go/text.ts";

const keyPattern = /^([a-z](?:-?[a-z0-9]){2,})$/;
const maxSize = 1_000_000;

/** Thrown with Juju's text for content that cannot be a secret's. */
export class SecretDataError extends Error {
  override name = "SecretDataError";
}

/** Reads a file named by `KEY#file`; throws with Go's text. */
export type ReadSecretFile = (path: string) => Uint8Array;

/**
 * Content of a secret from `KEY=VALUE`, `KEY#base64=VALUE` and `KEY#file=PATH` arguments.
 *
 * @returns Key → base64 text. `#base64` values are taken as they are, unchecked, as in Juju.
 * @throws {SecretDataError} For a malformed argument or key, and for content over 1 000 000 bytes.
 */
export function secretData(args: readonly string[], read: ReadSecretFile): Map<string, string> {
  const data = new Map<string, string>();
  for (const argument of args) {
    const equals = trimEnd(argument, "=").indexOf("=");
    if (equals < 1) throw new SecretDataError(`key value ${quote(argument)} not valid`);
    const [key, value] = entry(argument.slice(0, equals), argument.slice(equals + 1), read);
    data.set(key, value);
  }
  checkSize(data);
  return data;
}

function entry(spec: string, value: string, read: ReadSecretFile): [string, string] {
  const key = spec.replace(/#(?:base64|file)$/, "");
  if (!keyPattern.test(key)) throw new SecretDataError(`key ${quote(key)} not valid`);
  if (spec.endsWith("#base64")) return [key, value];
  if (!spec.endsWith("#file")) return [key, Buffer.from(value, "utf8").toString("base64")];
  try {
    return [key, Buffer.from(read(value)).toString("base64")];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SecretDataError(`reading content for secret key ${quote(key)}: ${why}`, { cause });
  }
}

function checkSize(data: ReadonlyMap<string, string>): void {
  let total = 0;
  for (const [key, value] of data) {
    const size = byteLength(value);
    total += size;
    if (size > maxSize) {
      throw new SecretDataError(
        `base64 encoded secret content for key ${quote(key)} too large: ${size} bytes`,
      );
    }
  }
  if (total > maxSize) throw new SecretDataError(`base64 encoded secret content too large: ${total} bytes`);
}

/** What the controller compares to see whether content changed. */
export function secretChecksum(data: ReadonlyMap<string, string>): string {
  return createHash("sha256").update(formatJson(data)).digest("hex");
}
