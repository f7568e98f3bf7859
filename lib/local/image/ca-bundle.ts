import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];

/** Certificates of the machine's authorities, PEM; empty where the machine has no bundle. */
export function systemAuthorities(): string {
  const found = SYSTEM_BUNDLES.find((path) => existsSync(path));
  return found ? readFileSync(found, "utf8") : "";
}

/** Where a container's bundle is, below its root. */
export const BUNDLE = "etc/ssl/certs/ca-certificates.crt";
/** The certificates that were added to it, alone. */
export const ADDED_BUNDLE = "etc/ssl/certs/added.crt";
const ADDED = "usr/local/share/ca-certificates";

/** What changed, as the real program says. */
export interface BundleReport {
  readonly added: number;
  readonly removed: number;
}

/**
 * Makes a container's bundle: the machine's authorities, then every `.crt` below
 * `/usr/local/share/ca-certificates`, sorted by path. Files without a certificate are left out.
 *
 * @see Debian: update-ca-certificates(8)
 */
export function updateAuthorities(root: string): BundleReport {
  const before = new Set(certificates(readIfThere(join(root, ADDED_BUNDLE))));
  const added = certificateFiles(join(root, ADDED)).flatMap((path) =>
    certificates(readFileSync(path, "utf8")),
  );
  const system = systemAuthorities().trimEnd();
  const text = [...(system ? [system] : []), ...added].join("\n");
  write(join(root, BUNDLE), `${text}\n`);
  // Node.js has the public authorities built in: for it, the added ones alone, which costs less to read.
  write(join(root, ADDED_BUNDLE), added.length > 0 ? `${added.join("\n")}\n` : "");
  const kept = added.filter((certificate) => before.has(certificate)).length;
  return { added: added.length - kept, removed: Math.max(0, before.size - kept) };
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function certificateFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".crt"),
  );
  return names.sort().map((name) => join(folder, name));
}

function certificates(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
