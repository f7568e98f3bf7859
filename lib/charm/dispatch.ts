import { openTransport } from "../hook/open-transport.ts";
import { CONTAINERS_DIR, containerSocket } from "../pebble/paths.ts";
import type { PebbleTransport } from "../pebble/transport.ts";
import { unixSocket } from "../pebble/unix-socket.ts";
import type { CharmProgram } from "./contract.ts";
import { recordFolder } from "./record/wanted.ts";
import { runHook } from "./runtime/run-hook.ts";
import { watchProcess } from "./runtime/watch-process.ts";

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
  const agent = openTransport(env, { debug: (message) => debug.push(message) });
  const recorder = await recorderOf(charm);
  const hooks = recorder?.hooks(agent) ?? agent;
  const opened = new Map<string, PebbleTransport>();
  const ending = new AbortController();
  process.once("SIGTERM", () => {
    recorder?.end("signal");
    ending.abort();
    process.kill(process.pid, "SIGTERM"); // Its listener is gone now: the process ends as it would have.
  });
  const pebble = (container: string): PebbleTransport => {
    const folder = env["CHARMED_IAP_CONTAINERS"] || CONTAINERS_DIR;
    const known = opened.get(container);
    if (known !== undefined) return known;
    const socket = unixSocket(containerSocket(folder, container));
    const transport = recorder?.pebble(container, socket) ?? socket;
    opened.set(container, transport);
    return transport;
  };
  const watch = watchProcess();
  try {
    await stopForDebugger(env);
    const outcome = await runHook(charm, {
      env,
      hooks,
      pebble,
      clock: Date,
      signal: ending.signal,
      debug,
      warnings: watch.warnings,
      crashed: watch.crashed,
    });
    process.exitCode = outcome.exitCode;
    recorder?.end(outcome);
  } finally {
    watch.end();
    hooks.close();
    for (const transport of opened.values()) transport.close();
  }
  // What is still going on belongs to a hook that has failed: it must not write any more.
  if (watch.hasCrashed()) process.exit(1);
  // When nothing is left to do the process ends, and does not take its heap apart first.
  process.once("beforeExit", () => process.exit());
}

/** Waits for a debugger where `juju debug-code` asks for it: for `hook`, `all`, or the event's name. */
async function stopForDebugger(env: NodeJS.ProcessEnv): Promise<void> {
  if (!env["JUJU_DEBUG_AT"]) return;
  const { waitForDebugger } = await import("./runtime/debug-at.ts");
  waitForDebugger(env["JUJU_DEBUG_AT"], env["JUJU_DISPATCH_PATH"] ?? "");
}

/** Whoever writes the hook down, where that is wanted; what fails in it is no failure of the hook. */
async function recorderOf({ contract }: CharmProgram) {
  const { env } = process;
  const folder = recordFolder(env);
  if (folder === undefined) return undefined;
  // Not with the other lines for the log: these have been sent when the recording is written.
  const tell = (message: string) => void process.stderr.write(`${message}\n`);
  try {
    const { Recorder } = await import("./record/recorder.ts");
    return new Recorder({ contract, env, folder, tell });
  } catch (error) {
    tell(`no recording of this hook: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
