import { openTransport } from "../hook/open-transport.ts";
import { CONTAINERS_DIR, containerSocket } from "../pebble/paths.ts";
import type { PebbleTransport } from "../pebble/transport.ts";
import { unixSocket } from "../pebble/unix-socket.ts";
import type { CharmProgram } from "./contract.ts";
import { runHook } from "./runtime/run-hook.ts";

/**
 * The program Juju runs, once per event: reads the environment, runs the charm, and sets the exit code.
 *
 * @example
 * ```ts
 * // main.ts
 * import { dispatch } from "charmed-iap/charm";
 * import charm from "./charm.ts";
 * void dispatch(charm); // Never rejects; no top-level await: packed charms are CommonJS.
 * ```
 *
 * @see Juju: hook environment variables
 */
export async function dispatch(charm: CharmProgram): Promise<void> {
  const { env } = process;
  const debug: string[] = [];
  const hooks = openTransport(env, { debug: (message) => debug.push(message) });
  const opened = new Map<string, PebbleTransport>();
  const ending = new AbortController();
  process.once("SIGTERM", () => {
    ending.abort();
    process.kill(process.pid, "SIGTERM"); // Its listener is gone now: the process ends as it would have.
  });
  const pebble = (container: string): PebbleTransport => {
    const folder = env["CHARMED_IAP_CONTAINERS"] || CONTAINERS_DIR;
    const transport = opened.get(container) ?? unixSocket(containerSocket(folder, container));
    opened.set(container, transport);
    return transport;
  };
  try {
    const { exitCode } = await runHook(charm, {
      env,
      hooks,
      pebble,
      clock: Date,
      signal: ending.signal,
      debug,
    });
    process.exitCode = exitCode;
  } finally {
    hooks.close();
    for (const transport of opened.values()) transport.close();
  }
}
