/**
 * The `traefik` command of the stand-in.
 *
 * @module
 */

import { VERSION } from "./version.ts";

const fileOf = (args: readonly string[]): string | undefined => {
  for (const [index, arg] of args.entries()) {
    const [, value] = /^--configfile=(.*)$/i.exec(arg) ?? [];
    if (value !== undefined) return value;
    if (/^--configfile$/i.test(arg)) return args[index + 1];
  }
  return undefined;
};

async function serve(file: string): Promise<void> {
  const { readStatic } = await import("./config/static.ts");
  const { run } = await import("./server/run.ts");
  const running = await run(await readStatic(file));
  const stop = (): void => void running.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.on("SIGUSR1", () => {}); // Traefik rotates logs; Node would open its debugger.
  process.on("SIGHUP", () => void running.reload());
}

/** Runs the command; expected faults are one line on standard error and exit code 1. */
export async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "version") {
    console.log(
      `Version:      ${VERSION}\nCodename:     charmed-iap stand-in\nGo version:   none\nOS/Arch:      ${process.platform}/${process.arch}`,
    );
    return;
  }
  const file = fileOf(args) ?? "/etc/traefik/traefik.yaml";
  try {
    await serve(file);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
