import { type Logger, pino } from "pino";
import { type Merged, nothing, readDirectory, watchDirectory } from "../config/directory.ts";
import { ConfigFault } from "../config/fault.ts";
import type { StaticConfig } from "../config/static.ts";
import { answerText, type Handler } from "../proxy/exchange.ts";
import { type RoutingTable, routingTable } from "../routing/table.ts";
import { api } from "./api.ts";
import { type Certificates, loadCertificates } from "./certificates.ts";
import { type EntryPoint, openEntryPoint } from "./entry-point.ts";

/** A running gateway. */
export interface Running {
  /** Entry point → port that it listens on. */
  readonly ports: Readonly<Record<string, number>>;
  /** The routers that are disabled, and why. */
  disabled(): Readonly<Record<string, string>>;
  /** Reads the folder again at once. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

const LEVELS: Readonly<Record<string, string>> = {
  PANIC: "fatal",
  FATAL: "fatal",
  ERROR: "error",
  WARN: "warn",
  INFO: "info",
  DEBUG: "debug",
  TRACE: "trace",
};

const ping: Handler = async (exchange) => answerText(exchange, 200, "OK");

/** Metrics in Prometheus' text format: whether the configuration was taken. */
const metrics =
  (state: { reloads: number; failures: number; last: number }): Handler =>
  async (exchange) => {
    const lines = [
      "# TYPE traefik_config_reloads_total counter",
      `traefik_config_reloads_total ${state.reloads}`,
      "# TYPE traefik_config_reloads_failure_total counter",
      `traefik_config_reloads_failure_total ${state.failures}`,
      "# TYPE traefik_config_last_reload_success gauge",
      `traefik_config_last_reload_success ${state.last}`,
    ];
    answerText(exchange, 200, `${lines.join("\n")}\n`);
  };

/** Traefik's own routes, ahead of all others. */
function withOwnRoutes(
  table: RoutingTable,
  config: StaticConfig,
  own: Readonly<Record<string, Handler>>,
): RoutingTable {
  const places = [
    { path: "/ping", entryPoint: config.ping?.entryPoint, handle: own["ping@internal"] },
    {
      path: "/metrics",
      entryPoint: config.metrics?.prometheus?.entryPoint,
      handle: own["prometheus@internal"],
    },
  ];
  if (config.api?.insecure) places.push({ path: "/api", entryPoint: "traefik", handle: own["api@internal"] });
  return {
    ...table,
    find(entryPoint, tls, request) {
      const place = places.find(
        (one) => !tls && one.entryPoint === entryPoint && request.path.startsWith(one.path),
      );
      if (!place?.handle) return table.find(entryPoint, tls, request);
      return {
        name: place.path,
        match: () => true,
        priority: 0,
        tls,
        entryPoints: [entryPoint],
        handle: place.handle,
      };
    },
  };
}

/** Starts the entry points and follows the folder of dynamic files. */
export async function run(config: StaticConfig, options: { readonly log?: Logger } = {}): Promise<Running> {
  const log = options.log ?? pino({ level: LEVELS[config.log.level.toUpperCase()] ?? "error", base: null });
  const names = Object.keys(config.entryPoints);
  const state = { reloads: 0, failures: 0, last: 0 };
  let current: Merged = nothing;
  const own: Record<string, Handler> = { "ping@internal": ping, "prometheus@internal": metrics(state) };
  if (config.api) own["api@internal"] = api({ merged: () => current, disabled: () => table.disabled });
  const compile = (merged: Merged): RoutingTable =>
    withOwnRoutes(
      routingTable(merged, { known: new Set(names), defaults: names, internal: own }),
      config,
      own,
    );
  let table = compile(nothing);
  let certificates: Certificates = { contextFor: () => undefined };
  const directory = config.providers.file?.directory;

  /** Takes the folder as it is now; a bad file leaves everything as it was. */
  const reload = async (): Promise<void> => {
    if (directory === undefined) return;
    let merged: Merged;
    try {
      merged = await readDirectory(directory);
    } catch (error) {
      state.failures += 1;
      log.error(
        { err: error instanceof ConfigFault ? error.message : error },
        "cannot take the dynamic configuration",
      );
      return;
    }
    const next = compile(merged);
    certificates = await loadCertificates(merged.tls, (message) => log.error(message));
    const before = table;
    table = next;
    current = merged;
    before.close();
    state.reloads += 1;
    state.last = Math.floor(Date.now() / 1000);
    for (const name of merged.duplicates) log.warn({ name }, "configured more than once");
    for (const [router, reason] of Object.entries(next.disabled))
      log.error({ router, reason }, "router disabled");
  };

  await reload();
  const addresses = new Map(names.map((name) => [name, config.entryPoints[name]?.address ?? ""]));
  const open: Record<string, EntryPoint> = {};
  for (const name of names) {
    open[name] = await openEntryPoint(name, config.entryPoints[name] as never, {
      table: () => table,
      contextFor: (serverName) => certificates.contextFor(serverName),
      portOf: (other) => /:(\d+)$/.exec(addresses.get(other) ?? "")?.[1] ?? "",
      onFault: (error) => log.error({ err: error }, "request failed"),
    });
  }
  let queue = Promise.resolve();
  const inTurn = (): Promise<void> => {
    // One that fails must not stop the later ones: a protection could be among them.
    queue = queue.then(reload).catch((error: unknown) => log.error({ err: error }, "reload failed"));
    return queue;
  };
  const stopWatching =
    directory !== undefined && config.providers.file?.watch !== false
      ? watchDirectory(directory, config.providers.providersThrottleDuration, () => void inTurn())
      : () => {};
  log.info(
    { entryPoints: Object.fromEntries(Object.entries(open).map(([name, { port }]) => [name, port])) },
    "started",
  );
  return {
    ports: Object.fromEntries(Object.entries(open).map(([name, { port }]) => [name, port])),
    disabled: () => table.disabled,
    reload: inTurn,
    async close() {
      stopWatching();
      const grace = (name: string) => config.entryPoints[name]?.transport.lifeCycle.graceTimeOut ?? 10_000;
      await Promise.all(Object.entries(open).map(([name, entryPoint]) => entryPoint.close(grace(name))));
      table.close();
    },
  };
}
