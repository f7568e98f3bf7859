import { isLocalError } from "../errors.ts";
import type { Command, Controller, Invocation, Surroundings } from "./command.ts";
import { failure, SilentFailure, usage } from "./errors.ts";
import { type AliasTable, type Flags, type FlagTable, parseFlags } from "./flags.ts";
import { helpOf, helpText } from "./help.ts";
import { closest, isJujuCommand, isRetired } from "./known-commands.ts";
import { findCommand } from "./registry.ts";

const common: FlagTable = {
  B: "bool",
  "no-browser-login": "bool",
  debug: "bool",
  help: "bool",
  "logging-config": "text",
  quiet: "bool",
  "show-log": "bool",
  verbose: "bool",
};
const commonAliases: AliasTable = { h: "help", q: "quiet", v: "verbose" };

function tableOf(command: Command, juju: string): { flags: FlagTable; aliases: AliasTable } {
  const model: FlagTable = command.scope === "model" ? { model: "text" } : {};
  const controller: FlagTable = command.scope === "controller" ? { controller: "text" } : {};
  const { formats } = command;
  const known = (value: string) => (formats?.includes(value) ? undefined : `unknown format "${value}"`);
  const format: FlagTable = formats ? { format: { kind: "text", check: known }, output: "text" } : {};
  return {
    flags: {
      ...common,
      ...model,
      ...controller,
      ...format,
      ...command.flags,
      ...(juju.startsWith("3.") ? command.flagsOf3 : {}),
    },
    aliases: { ...commonAliases, m: "model", c: "controller", o: "output", ...command.aliases },
  };
}

/** `local:admin/iam` and its shorter spellings. */
function modelName(text: string): string {
  return text.replace(/^local:/, "").replace(/^admin\//, "");
}

/** A client names an unknown model with its controller and owner. */
function withModelUrl(error: unknown, name: string): unknown {
  const unknownModel = isLocalError(error) && error.message === `model "${name}" not found`;
  return unknownModel ? failure(`model local:admin/${name} not found`) : error;
}

function invocation(
  around: Surroundings,
  parsed: { flags: Flags; args: string[] },
): Invocation & { close(): void; connected(): Promise<unknown> } {
  const { flags, args } = parsed;
  const named = flags.text("model") ?? (around.env["JUJU_MODEL"] || undefined);
  let connection: Promise<Controller> | undefined;
  const connect = (): Promise<Controller> => {
    connection ??= around.connect();
    return connection;
  };
  return {
    ...around,
    flags,
    args,
    inModel: named === undefined ? {} : { model: modelName(named) },
    call: async (method, params, options) => {
      const controller = await connect();
      return controller.call(method, params, options).catch((error: unknown) => {
        throw named === undefined ? error : withModelUrl(error, modelName(named));
      });
    },
    info: (text) => {
      if (!flags.on("quiet")) around.err(text);
    },
    connected: connect,
    close: () => void connection?.then((open) => open.close()).catch(() => undefined), // Never opened: told already.
  };
}

async function execute(
  command: Command,
  argv: readonly string[],
  around: Surroundings,
  name: string,
): Promise<number> {
  const { flags, aliases } = tableOf(command, around.juju);
  const parsed = parseFlags(argv, flags, aliases);
  if (parsed.flags.on("help")) {
    around.out(helpOf(name, command));
    return 0;
  }
  const call = invocation(around, parsed);
  try {
    command.check?.(call);
    // Juju connects before it looks at files and the like, so its first complaint is about the connection.
    if (command.scope !== "none") await call.connected();
    return (await command.run(call)) ?? 0;
  } finally {
    call.close();
  }
}

async function dispatch(argv: readonly string[], around: Surroundings): Promise<number> {
  const [name = "help", ...rest] = argv;
  if (name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) {
    around.out(await helpText());
    return 0;
  }
  if (name === "help") return dispatch([rest[0] ?? "", "--help"], around);
  if (name === "--version") return dispatch(["version"], around);
  if (name.startsWith("-")) throw usage(`option provided but not defined: ${name}`);
  const command = await findCommand(name);
  if (command) return execute(command, rest, around, name);
  if (isRetired(name, around.juju)) throw failure(`unrecognized command: juju ${name}`);
  if (isJujuCommand(name, around.juju)) throw failure(`the local model does not support "${name}"`);
  throw failure(
    `juju: "${name}" is not a juju command. See "juju --help".\n\nDid you mean:\n\t${closest(name, around.juju)}`,
  );
}

/** As a shell reports a command that Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * Runs one `juju` command line.
 *
 * @param argv Without the name of the program.
 * @returns The exit code: 0, 1 for what is refused, 2 for wrong usage.
 */
export async function juju(argv: readonly string[], around: Surroundings): Promise<number> {
  try {
    return await dispatch(argv, around);
  } catch (error) {
    if (error instanceof SilentFailure) return error.exitCode;
    if (around.signal.aborted) return INTERRUPTED;
    if (!isLocalError(error) && !(error instanceof Error && "code" in error)) throw error;
    around.err(`ERROR ${error.message}\n`);
    return isLocalError(error) ? error.exitCode : 1;
  }
}
