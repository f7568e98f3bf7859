import { readFileSync } from "node:fs";

/** Why a file cannot be read, such as `ENOENT`; undefined when it can. */
export function unreadable(file: string): string | undefined {
  try {
    readFileSync(file);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/;

/** What is wrong with a CA bundle; undefined when it holds a certificate. */
export function noBundle(file: string): string | undefined {
  const reason = unreadable(file);
  if (reason !== undefined) return `"${file}" cannot be read: ${reason}`;
  return CERTIFICATE.test(readFileSync(file, "latin1")) ? undefined : `"${file}" holds no certificate, PEM`;
}
