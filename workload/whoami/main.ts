import { createWhoami } from "./server.ts";

const DEFAULT_PORT = 8080;

/** Where to listen, or what is wrong with the arguments. */
export type Arguments = { readonly port: number; readonly host: string } | { readonly problem: string };

/** Reads `--port=N`, `--port N`, `--host ADDRESS`, else `WHOAMI_PORT` and `WHOAMI_HOST`. */
export function readArguments(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Arguments {
  const values = new Map([
    ["port", environment["WHOAMI_PORT"] || String(DEFAULT_PORT)],
    ["host", environment["WHOAMI_HOST"] || "0.0.0.0"],
  ]);
  for (let index = 0; index < args.length; index++) {
    const [, name = "", inline] = /^--(port|host)(?:=(.*))?$/.exec(args[index] ?? "") ?? [];
    const value = inline ?? args[++index];
    if (name === "")
      return {
        problem: `Cannot read argument "${args[inline === undefined ? index - 1 : index]}": should be --port or --host`,
      };
    if (value === undefined) return { problem: `Cannot read --${name}: a value should follow` };
    values.set(name, value);
  }
  const port = values.get("port") ?? "";
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    return { problem: `Cannot read port "${port}": should be 0 to 65535` };
  return { port: Number(port), host: values.get("host") ?? "" };
}

/** Runs the program until it is told to stop. */
export function main(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const read = readArguments(args, environment);
  if ("problem" in read) {
    process.stderr.write(`${read.problem}\n`);
    process.exitCode = 2;
    return;
  }
  const server = createWhoami();
  server.once("error", (error: NodeJS.ErrnoException) => {
    process.stderr.write(`Cannot listen on ${read.host}:${read.port}: ${error.code}\n`);
    process.exitCode = 1;
  });
  server.listen(read, () => process.stdout.write(`whoami listens on ${read.host}:${read.port}\n`));
  const stop = () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
