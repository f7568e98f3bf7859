/** The program: reads its configuration, serves until it is told to stop. */
import http from "node:http";
import { flagOf, variableOf } from "./options/read.ts";
import type { OptionKey, OptionSpec } from "./options/table.ts";
import { OPTIONS } from "./options/table.ts";
import { createLog, standardOutput } from "./server/log.ts";
import { ListenError, type Serving, serve } from "./server/serve.ts";
import { watchTrustStore } from "./server/trust-store.ts";
import { ConfigurationError, readSettings, type Settings } from "./settings.ts";
import { VERSION } from "./version.ts";

/** The text of `--help`. */
export function usage(): string {
  const lines = Object.entries(OPTIONS as Record<string, OptionSpec>).map(([key, spec]) => {
    const name = key as OptionKey;
    const value = spec.default === "" ? "" : ` (default ${spec.default})`;
    return `  --${flagOf(name)}, ${variableOf(name)}\n      ${spec.about}${value}`;
  });
  return `Usage: oauth2-proxy [--name=value]...\n\nOptions, as flags or variables:\n${lines.join("\n")}\n`;
}

/** Settings of the process as a whole, which only the program itself may change. */
function setUpProcess(settings: Settings, environment: NodeJS.ProcessEnv): void {
  if (settings.options.ssl_insecure_skip_verify) {
    environment["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  }
  const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY } = environment;
  if (HTTP_PROXY || HTTPS_PROXY) {
    http.setGlobalProxyFromEnv({
      ...(HTTP_PROXY ? { HTTP_PROXY } : {}),
      ...(HTTPS_PROXY ? { HTTPS_PROXY } : {}),
      ...(NO_PROXY ? { NO_PROXY } : {}),
    });
  }
}

async function run(settings: Settings): Promise<void> {
  const log = createLog(settings.options, standardOutput());
  setUpProcess(settings, process.env);
  let serving: Serving | undefined;
  const unwatch = watchTrustStore(
    settings,
    process.env,
    log,
    1000,
    () => void serving?.context.provider.start(),
  );
  serving = await serve(settings, log);
  const stop = (signal: string) => {
    log.info("stopping", { signal });
    unwatch();
    serving?.close().then(
      () => end(0),
      () => end(1),
    );
  };
  const end = (code: number) => {
    log.flush();
    process.exit(code);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  const die = (error: unknown) => {
    log.error("stopping after a fault", {
      error: error instanceof Error ? (error.stack ?? error.message) : "unknown",
    });
    end(1);
  };
  process.on("uncaughtException", die);
  process.on("unhandledRejection", die);
}

/** Runs the program with its arguments. */
export async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return void process.stdout.write(usage());
  if (args.includes("--version"))
    return void process.stdout.write(`oauth2-proxy ${VERSION} (charmed-iap forward-auth)\n`);
  try {
    await run(readSettings(process.env, args));
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof ListenError || error instanceof RangeError))
      throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
