/**
 * The CAs that the provider's certificate may come from. The charm replaces the bundle of a running program, so the files are
 * watched and new connections use what is there then.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import tls from "node:tls";
import type { Log } from "../log/log.ts";
import type { Settings } from "../settings.ts";

/** Where Debian and Alpine keep the bundle that Go programs read. */
const SYSTEM = "/etc/ssl/certs/ca-certificates.crt";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Files to trust, and whether the CAs of Node.js count beside them. */
function plan(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): { readonly files: readonly string[]; readonly bundled: boolean } {
  const { provider_ca_files, use_system_trust_store } = settings.options;
  const variable = environment["SSL_CERT_FILE"];
  const system = variable || (existsSync(SYSTEM) ? SYSTEM : undefined);
  const own = provider_ca_files.filter((file) => file !== "");
  if (own.length > 0 && !use_system_trust_store) return { files: own, bundled: false };
  return { files: [...own, ...(system === undefined ? [] : [system])], bundled: !variable };
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
 * Makes the configured CAs the process's own, and does so again when a file changes.
 *
 * @param interval Milliseconds between looks.
 * @param changed Called after a change: who could not be trusted before may be now.
 * @returns Stops looking.
 */
export function watchTrustStore(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
  log: Log,
  interval: number,
  changed: () => void,
): () => void {
  const { files, bundled } = plan(settings, environment);
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
