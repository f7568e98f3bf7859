/** The program's entry. What only tells something does not load what serves: the charm asks for the version in its hooks. */
import { readFlags } from "./options/flags.ts";
import { usage } from "./options/usage.ts";
import { VERSION } from "./version.ts";

/** How the program ends. */
export interface Told {
  readonly out: string;
  readonly err: string;
}

/** What `--version` says: oauth2-proxy's words with our own version. */
const versionLine = (): string =>
  `oauth2-proxy ${VERSION} (built with Node.js ${process.version.slice(1)}, charmed-iap forward-auth)\n`;

/** What the program says about itself without looking at its configuration; undefined when it is not asked. */
export function told(args: readonly string[]): Told | undefined {
  const { switches } = readFlags(args);
  if (switches.help) return { out: "", err: usage() };
  return switches.version ? { out: versionLine(), err: "" } : undefined;
}

/** Runs the program with its arguments. */
export async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  const about = command === "check" ? undefined : told(args);
  if (about !== undefined) {
    process.stdout.write(about.out);
    process.stderr.write(about.err);
  } else if (command === "check") {
    const { check } = await import("./check/check.ts");
    const { code, out, err } = await check(process.env, rest);
    process.stdout.write(out);
    process.stderr.write(err);
    process.exitCode = code;
  } else await (await import("./run.ts")).run(args, readFlags(args).switches);
}
