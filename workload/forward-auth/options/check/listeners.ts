import { cipherList } from "../../server/cipher-suites.ts";
import { ListenerTls } from "../../server/tls.ts";
import type { Faults } from "../faults.ts";
import type { Options } from "../read.ts";
import type { ServerSettings, Structure } from "../structure.ts";
import { noSecret } from "./headers.ts";

const off = (address: string): boolean => address === "" || address === "-";

type Environment = Readonly<Record<string, string | undefined>>;

/** The flat options of one listener. */
const FLAT = {
  server: { address: "https_address", cert: "tls_cert_file", key: "tls_key_file" },
  metricsServer: {
    address: "metrics_secure_address",
    cert: "metrics_tls_cert_file",
    key: "metrics_tls_key_file",
  },
} as const;

/** A TLS listener needs a certificate and a key that fit together, and a version and cipher suites that there are. */
function checkServer(
  place: keyof typeof FLAT,
  { secureBindAddress, tls }: ServerSettings,
  environment: Environment,
  faults: Faults,
): void {
  const { address, cert, key } = FLAT[place];
  if (off(secureBindAddress)) return;
  if (tls === undefined) {
    faults.structured(address, `${place}.secureBindAddress`, "needs a TLS certificate and its key");
    return;
  }
  const before = faults.list.length;
  for (const [option, name] of [
    [cert, "cert"],
    [key, "key"],
  ] as const) {
    const reason = noSecret(tls[name], environment);
    if (reason !== undefined) faults.structured(option, `${place}.tls.${name}`, reason);
  }
  if (!["", "TLS1.2", "TLS1.3"].includes(tls.minVersion)) {
    faults.structured(
      "tls_min_version",
      `${place}.tls.minVersion`,
      `must be TLS1.2 or TLS1.3, is "${tls.minVersion}"`,
    );
  }
  refused(
    () => cipherList(tls.cipherSuites),
    (reason) =>
      faults.structured(
        "tls_cipher_suites",
        `${place}.tls.cipherSuites`,
        `must be names of cipher suites: ${reason}`,
      ),
  );
  if (faults.list.length > before) return;
  refused(
    () => new ListenerTls(tls, environment),
    (reason) => faults.structured(cert, `${place}.tls`, `and its key must fit together: ${reason}`),
  );
}

/** Runs what may throw `RangeError`, and tells its message. */
function refused(make: () => unknown, tell: (reason: string) => void): void {
  try {
    make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    tell(error.message);
  }
}

/** Listeners: what they need beside an address. Whether it can be listened on shows when it is done. */
export function checkListeners(
  { server, metricsServer }: Structure,
  options: Options,
  environment: Environment,
  faults: Faults,
): void {
  checkServer("server", server, environment, faults);
  checkServer("metricsServer", metricsServer, environment, faults);
  if (options.force_https && off(server.secureBindAddress)) {
    faults.add(
      "force_https",
      "needs a TLS listener to send to: https_address with tls_cert_file and tls_key_file",
    );
  }
}

/** Paths of our own endpoints, in the modes that are strict about them. */
export function checkPaths(options: Options, faults: Faults): void {
  for (const key of ["proxy_prefix", "ping_path", "ready_path"] as const) {
    if (/^(?:\/[\w.~-]+)+$/.test(options[key])) continue;
    faults.add(key, `must be a path such as "/x", is "${options[key]}"`);
  }
  if (options.ping_path === options.ready_path) faults.add("ping_path", "must differ from ready_path");
}
