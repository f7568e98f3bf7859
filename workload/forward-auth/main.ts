/** The program's entry. What only tells something does not load what serves: the charm asks for the version in its hooks. */
import { flagOf, variableOf } from "./options/read.ts";
import { OPTIONS, type OptionKey, type OptionSpec } from "./options/table.ts";
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

/** Runs the program with its arguments. */
export async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) process.stdout.write(usage());
  else if (args.includes("--version"))
    process.stdout.write(`oauth2-proxy ${VERSION} (charmed-iap forward-auth)\n`);
  else await (await import("./run.ts")).run(args);
}
