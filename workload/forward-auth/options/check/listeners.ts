import { cipherList } from "../../server/cipher-suites.ts";
import { ListenerTls } from "../../server/tls.ts";
import type { Faults } from "../faults.ts";
import { grpcTls } from "../flat/servers.ts";
import type { Options } from "../read.ts";
import type { ServerSettings, Structure, TlsSettings } from "../structure.ts";
import type { OptionKey } from "../table.ts";
import { noSecret } from "./headers.ts";

const off = (address: string): boolean => address === "" || address === "-";

type Environment = Readonly<Record<string, string | undefined>>;

/** The options of one listener: the flat ones, and where an alpha configuration says the same. */
interface Names {
  readonly cert: OptionKey;
  readonly key: OptionKey;
  /** Undefined: the alpha configuration does not say it. */
  readonly place?: "server" | "metricsServer";
}

const SERVERS = {
  server: { address: "https_address", cert: "tls_cert_file", key: "tls_key_file" },
  metricsServer: {
    address: "metrics_secure_address",
    cert: "metrics_tls_cert_file",
    key: "metrics_tls_key_file",
  },
} as const;

/** Certificate and key that can be read and fit together, CAs, and a version and cipher suites that there are. */
function checkTls(tls: TlsSettings, names: Names, environment: Environment, faults: Faults): void {
  const say = (key: OptionKey, part: string, must: string) =>
    names.place === undefined
      ? faults.add(key, must)
      : faults.structured(key, `${names.place}.tls${part}`, must);
  const before = faults.list.length;
  for (const [option, name] of [
    [names.cert, "cert"],
    [names.key, "key"],
    ["grpc_tls_client_ca_file", "clientCa"],
  ] as const) {
    const source = tls[name];
    const reason = source && noSecret(source, environment);
    if (reason !== undefined) say(option, `.${name}`, reason);
  }
  if (!["", "TLS1.2", "TLS1.3"].includes(tls.minVersion))
    say("tls_min_version", ".minVersion", `must be TLS1.2 or TLS1.3, is "${tls.minVersion}"`);
  refused(
    () => cipherList(tls.cipherSuites),
    (reason) => say("tls_cipher_suites", ".cipherSuites", `must be names of cipher suites: ${reason}`),
  );
  if (faults.list.length > before) return;
  refused(
    () => new ListenerTls(tls, environment),
    (reason) => say(names.cert, "", `and its key must fit together: ${reason}`),
  );
}

/** A TLS listener needs TLS. */
function checkServer(
  place: keyof typeof SERVERS,
  { secureBindAddress, tls }: ServerSettings,
  environment: Environment,
  faults: Faults,
): void {
  const { address, ...names } = SERVERS[place];
  if (off(secureBindAddress)) return;
  if (tls === undefined)
    faults.structured(address, `${place}.secureBindAddress`, "needs a TLS certificate and its key");
  else checkTls(tls, { ...names, place }, environment, faults);
}

/** The listener for Envoy's gRPC checks: CAs of clients without TLS would be looked at by nobody. */
function checkGrpc(options: Options, environment: Environment, faults: Faults): void {
  const names = { cert: "grpc_tls_cert_file", key: "grpc_tls_key_file" } as const;
  const tls = grpcTls(options);
  if (tls !== undefined) checkTls(tls, names, environment, faults);
  else if (options.grpc_tls_client_ca_file !== "")
    faults.add("grpc_tls_client_ca_file", "needs grpc_tls_cert_file and grpc_tls_key_file");
  if (tls !== undefined && options.grpc_address === "")
    faults.add("grpc_tls_cert_file", "needs grpc_address, the listener that it is for");
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
  checkGrpc(options, environment, faults);
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
