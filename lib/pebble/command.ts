/**
 * The `pebble` command as the charm container has it: `PEBBLE_SOCKET=… pebble exec -- COMMAND`. On Kubernetes the
 * real one is on PATH; this is the one of the local model, with the commands that people and scripts use there.
 *
 * @see Pebble: CLI commands
 * @module
 */

import { parseArgs } from "node:util";
import { PebbleClient } from "./client.ts";
import { parseDuration } from "./duration.ts";
import { ExecError } from "./errors.ts";
import type { ServiceState } from "./types.ts";
import { unixSocket } from "./unix-socket.ts";

type Run = (pebble: PebbleClient, args: readonly string[]) => Promise<number>;

const EXEC_OPTIONS = {
  w: { type: "string" },
  env: { type: "string", multiple: true },
  context: { type: "string" },
  timeout: { type: "string" },
  user: { type: "string" },
} as const;

/** Options end where the command begins, with or without `--`. */
function splitCommand(args: readonly string[]): { options: string[]; command: string[] } {
  let index = 0;
  while (index < args.length && args[index]?.startsWith("-") && args[index] !== "--") {
    index += args[index]?.includes("=") ? 1 : 2;
  }
  const command = args.slice(args[index] === "--" ? index + 1 : index);
  return { options: args.slice(0, index), command };
}

const exec: Run = async (pebble, args) => {
  const { options, command } = splitCommand(args);
  const { values } = parseArgs({ args: options, options: EXEC_OPTIONS });
  if (command.length === 0) throw new TypeError("Cannot exec: no command, give one after --");
  const timeoutMs = values.timeout === undefined ? undefined : parseDuration(values.timeout);
  if (values.timeout !== undefined && timeoutMs === undefined) {
    throw new TypeError(`Cannot exec: timeout "${values.timeout}" must be a duration such as 30s`);
  }
  const environment = Object.fromEntries((values.env ?? []).map((pair) => pair.split(/=(.*)/s, 2)));
  try {
    const { stdout, stderr } = await pebble.exec(command, {
      environment,
      ...(values.w === undefined ? {} : { workingDir: values.w }),
      ...(values.context === undefined ? {} : { serviceContext: values.context }),
      ...(values.user === undefined ? {} : { user: values.user }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    return 0;
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    process.stdout.write(error.stdout);
    process.stderr.write(error.stderr);
    return error.exitCode;
  }
};

const rows = (table: readonly (readonly string[])[]): string => {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd((widths[i] ?? 0) + 2))
        .join("")
        .trimEnd(),
    )
    .join("\n");
};

const services: Run = async (pebble, args) => {
  const states: readonly ServiceState[] = await pebble.services([...args]);
  console.log(
    rows([["Service", "Startup", "Current"], ...states.map((s) => [s.name, s.startup, s.current])]),
  );
  return 0;
};

const checks: Run = async (pebble) => {
  const states = await pebble.checks();
  const table = states.map((check) => [
    check.name,
    check.level || "-",
    check.status,
    `${check.failures}/${check.threshold}`,
  ]);
  console.log(rows([["Check", "Level", "Status", "Failures"], ...table]));
  return 0;
};

const done = (work: Promise<unknown>): Promise<number> => work.then(() => 0);

const commands: Readonly<Record<string, Run>> = {
  exec,
  services,
  checks,
  plan: async (pebble) => {
    process.stdout.write(await pebble.planYaml());
    return 0;
  },
  start: (pebble, names) => done(pebble.start(names)),
  stop: (pebble, names) => done(pebble.stop(names)),
  restart: (pebble, names) => done(pebble.restart(names)),
  replan: (pebble) => done(pebble.replan()),
  version: async (pebble) => {
    console.log(`server  ${(await pebble.systemInfo()).version}`);
    return 0;
  },
};

async function main(args: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = args;
  const run = commands[name];
  if (!run) {
    console.error(
      `error: unknown command "${name}", the local model has: ${Object.keys(commands).join(", ")}`,
    );
    return 1;
  }
  const socket =
    process.env["PEBBLE_SOCKET"] ?? `${process.env["PEBBLE"] ?? "/var/lib/pebble/default"}/.pebble.socket`;
  try {
    return await run(new PebbleClient(unixSocket(socket)), rest);
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    return 1;
  }
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
