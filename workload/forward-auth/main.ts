/** The program's entry. What only tells something does not load what serves: the charm asks for the version in its hooks. */
import { readFlags } from "./options/flags.ts";
import { usage } from "./options/usage.ts";
import { VERSION } from "./version.ts";

/** What `--version` says: oauth2-proxy's words with our own version. */
const versionLine = (): string =>
  `oauth2-proxy ${VERSION} (built with Node.js ${process.version.slice(1)}, charmed-iap forward-auth)`;

/** Runs the program with its arguments. */
export async function main(args: readonly string[]): Promise<void> {
  const { switches } = readFlags(args);
  if (switches.help) process.stderr.write(usage());
  else if (switches.version) process.stdout.write(`${versionLine()}\n`);
  else await (await import("./run.ts")).run(args, switches);
}
