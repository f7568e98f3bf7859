/**
 * The CAs that certificates may come from. The charm replaces the bundle of a running program, so the files are
 * watched and new connections use what is there then.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import tls from "node:tls";
import type { Log } from "../log/log.ts";

/** Where Debian and Alpine keep the bundle that Go programs read. */
const SYSTEM = "/etc/ssl/certs/ca-certificates.crt";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Files to trust, and whether the CAs of Node.js count beside them. */
function plan(environment: NodeJS.ProcessEnv): {
  readonly files: readonly string[];
  readonly bundled: boolean;
} {
  const variable = environment["SSL_CERT_FILE"];
  const system = variable || (existsSync(SYSTEM) ? SYSTEM : undefined);
  return { files: system === undefined ? [] : [system], bundled: !variable };
}

function certificates(file: string, log: Log): readonly string[] {
  try {
    return readFileSync(file, "utf8").match(CERTIFICATE) ?? [];
  } catch (error) {
    log.error("CA file cannot be read", { file, reason: (error as NodeJS.ErrnoException).code ?? "unknown" });
    return [];
  }
}

const stamp = (file: string): string => {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "absent" : `${found.ino} ${found.size} ${found.mtimeMs}`;
};

/**
 * Makes the system's CAs the process's own, and does so again when their file changes. CAs that count for a provider only
 * are read where it is asked.
 *
 * @param interval Milliseconds between looks.
 * @param changed Called after a change: who could not be trusted before may be now.
 * @returns Stops looking.
 */
export function watchTrustStore(
  environment: NodeJS.ProcessEnv,
  log: Log,
  interval: number,
  changed: () => void,
): () => void {
  const { files, bundled } = plan(environment);
  const apply = () => {
    const base = [...(bundled ? tls.getCACertificates("bundled") : []), ...tls.getCACertificates("extra")];
    const found = files.flatMap((file) => certificates(file, log));
    tls.setDefaultCACertificates([...new Set([...base, ...found])]);
    log.info("certificate authorities loaded", { files, certificates: base.length + found.length });
  };
  apply();
  let seen = files.map(stamp).join();
  const timer = setInterval(() => {
    const now = files.map(stamp).join();
    if (now === seen) return;
    seen = now;
    apply();
    changed();
  }, interval).unref();
  return () => clearInterval(timer);
}
