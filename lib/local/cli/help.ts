import type { Command } from "./command.ts";

/** Help of one command. */
export function helpOf(name: string, command: Command): string {
  const options = Object.entries(command.flags ?? {}).map(
    ([flag]) => `  ${flag.length === 1 ? "-" : "--"}${flag}`,
  );
  const scope = command.scope === "model" ? ["  -m, --model"] : [];
  const formats = command.formats ? [`  --format ${command.formats.join("|")}`, "  -o, --output"] : [];
  const lines = [...scope, ...formats, ...options].sort();
  return [
    `Usage: juju ${name} [options]${command.usage ? ` ${command.usage}` : ""}`,
    `\nSummary:\n${command.purpose}`,
    ...(lines.length > 0 ? [`\nOptions:\n${lines.join("\n")}`] : []),
    "",
  ].join("\n");
}

/** Help of the program: its commands. */
export async function helpText(): Promise<string> {
  const { allCommands } = await import("./registry.ts");
  const commands = await allCommands();
  const width = Math.max(...commands.map(([name]) => name.length));
  const lines = commands.map(([name, { purpose }]) => `  ${name.padEnd(width)}  ${purpose}`);
  return `Usage: juju <command> [options]\n\nThe local model of Charmed IAP; it supports these commands of Juju:\n\n${lines.join("\n")}\n`;
}
