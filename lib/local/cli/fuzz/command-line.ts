/**
 * Feeds random command lines to `juju`; a fault is anything but an exit code of 0, 1 or 2.
 *
 * `node --conditions=charmed-iap:source lib/local/cli/fuzz/command-line.ts [--runs N] [--seconds N]`
 *
 * @module
 */
import fc from "fast-check";
import { LocalError } from "../../errors.ts";
import { juju } from "../juju.ts";

const given = (name: string): number | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : Number(process.argv[at + 1]);
};
const seconds = given("--seconds");
const words =
  "status deploy config run exec operations show-task models switch -m --format json yaml web web/0 a=1 a.b=[ --wait 1s -- --params / ./x =".split(
    " ",
  );
const line = fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 8 });

const property = fc.asyncProperty(line, async (argv) => {
  const code = await juju(argv, {
    env: {},
    cwd: "/nonexistent",
    signal: new AbortController().signal,
    juju: "4.0.15",
    terminal: false,
    out: () => undefined,
    err: () => undefined,
    input: async () => "",
    connect: async () => {
      throw new LocalError("ERR_CONTROLLER_UNREACHABLE", "none");
    },
  });
  return [0, 1, 2].includes(code);
});

const limit =
  seconds === undefined ? {} : { interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false };
const result = await fc.check(property, { numRuns: given("--runs") ?? (seconds ? 1e9 : 2000), ...limit });
if (result.failed) {
  console.error(fc.defaultReportMessage(result));
  process.exitCode = 1;
} else console.log(`${result.numRuns} command lines: no fault`);
