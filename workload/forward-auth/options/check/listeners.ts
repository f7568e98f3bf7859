import type { Faults } from "../faults.ts";
import type { Options } from "../read.ts";
import type { ServerSettings, Structure } from "../structure.ts";

const off = (address: string): boolean => address === "" || address === "-";

/** A TLS listener needs a certificate. */
function checkServer(
  key: "https_address" | "metrics_secure_address",
  place: string,
  server: ServerSettings,
  faults: Faults,
): void {
  if (!off(server.secureBindAddress) && server.tls === undefined) {
    faults.structured(key, `${place}.secureBindAddress`, "needs a TLS certificate and its key");
  }
}

/** Listeners: what they need beside an address. Whether it can be listened on shows when it is done. */
export function checkListeners({ server, metricsServer }: Structure, options: Options, faults: Faults): void {
  checkServer("https_address", "server", server, faults);
  checkServer("metrics_secure_address", "metricsServer", metricsServer, faults);
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
