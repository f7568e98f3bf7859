/**
 * Builds one charm in a process of its own, so that a changed contract is read anew and the controller goes
 * on meanwhile: `node build-child.ts SOURCE OUT`. Ends with 1 and a message on standard error when it cannot.
 *
 * @module
 */

import { buildCharm } from "../../../charmcraft/build.ts";

const [source = "", out = ""] = process.argv.slice(2);
try {
  await buildCharm(source, out);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
