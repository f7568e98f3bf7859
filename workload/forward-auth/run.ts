/** Serving, from the configuration to the signal that ends it. */
import http from "node:http";
import { openLog } from "./log/open.ts";
import type { Switches } from "./options/flags.ts";
import { conflict, converted, tested } from "./options/once.ts";
import { usage } from "./options/usage.ts";
import { Reloader } from "./reload.ts";
import { ListenError } from "./server/listen.ts";
import { type Serving, serve } from "./server/serve.ts";
import { watchTrustStore } from "./server/trust-store.ts";
import { ConfigurationError, readSettings, type Settings, UsageError } from "./settings.ts";

/** Milliseconds between looks at the files of the configuration and of CAs. */
const WATCH_INTERVAL = 1000;

/** Settings of the process as a whole, which only the program itself may change. */
function setUpProcess(environment: NodeJS.ProcessEnv): void {
  const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY } = environment;
  if (!HTTP_PROXY && !HTTPS_PROXY) return;
  http.setGlobalProxyFromEnv({
    ...(HTTP_PROXY ? { HTTP_PROXY } : {}),
    ...(HTTPS_PROXY ? { HTTPS_PROXY } : {}),
    ...(NO_PROXY ? { NO_PROXY } : {}),
  });
}

async function serveUntilStopped(
  settings: Settings,
  args: readonly string[],
  switches: Switches,
): Promise<void> {
  const log = openLog(settings.options);
  setUpProcess(process.env);
  let serving: Serving | undefined;
  let reloader: Reloader | undefined;
  const again = () => void serving?.context.provider.start();
  const unwatch = watchTrustStore(process.env, log, WATCH_INTERVAL, again);
  const end = (code: number) => {
    log.flush();
    serving?.context.log.flush();
    process.exit(code);
  };
  const stop = (signal: string) => {
    log.info("stopping", { signal });
    unwatch();
    reloader?.close();
    Promise.resolve(serving?.close()).then(
      () => end(0),
      () => end(1),
    );
  };
  const die = (error: unknown) => {
    log.error("stopping after a fault", {
      error: error instanceof Error ? (error.stack ?? error.message) : "unknown",
    });
    end(1);
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
  process.on("SIGHUP", () => void reloader?.reload("SIGHUP"));
  process.on("uncaughtException", die).on("unhandledRejection", die);
  serving = await serve(settings, log);
  if (!serving.listening) return stop("no listener is configured");
  reloader = new Reloader({ environment: process.env, args, switches, serving, log });
  reloader.watch(WATCH_INTERVAL);
}

/** How the program ends. */
export interface End {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The end after a fault that its words explain; any other fault is thrown on. */
export function explained(error: unknown): End {
  if (error instanceof UsageError) return { code: 2, out: "", err: `${usage()}\n${error.message}\n` };
  const told =
    error instanceof ConfigurationError || error instanceof ListenError || error instanceof RangeError;
  if (!told) throw error;
  const faults = error instanceof ConfigurationError ? error.faults : [];
  const code = faults.find(({ exit }) => exit !== undefined)?.exit ?? 1;
  return { code, out: "", err: `${error.message}\n` };
}

/** What the arguments ask for: to serve by these settings, or to say something and end. Touches nothing of the process. */
export async function begin(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
  switches: Switches,
): Promise<Settings | End> {
  try {
    const together = conflict(switches);
    if (together !== undefined) throw new RangeError(together);
    if (switches.convertConfigToAlpha) return { code: 0, out: converted(environment, args), err: "" };
    if (switches.configTest) return { code: 0, ...(await tested(environment, args)) };
    return readSettings(environment, args);
  } catch (error) {
    return explained(error);
  }
}

function end({ code, out, err }: End): void {
  process.stdout.write(out);
  process.stderr.write(err);
  process.exitCode = code;
}

/**
 * Serves until SIGTERM or SIGINT, or does what a switch says and ends. A configuration that does not hold together ends the
 * process with 1, as does a taken address; a fault of the command line with 2. SIGHUP reads the configuration again.
 */
export async function run(args: readonly string[], switches: Switches): Promise<void> {
  const settings = await begin(process.env, args, switches);
  if ("code" in settings) {
    end(settings);
    return;
  }
  try {
    await serveUntilStopped(settings, args, switches);
  } catch (error) {
    const { code, err } = explained(error);
    process.stderr.write(err);
    process.exit(code);
  }
}
