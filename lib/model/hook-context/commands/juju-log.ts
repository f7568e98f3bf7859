import { type Command, ignoredFormat } from "../command.ts";
import { boolFlag, textFlag, UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import type { LogLevel } from "../types.ts";

const levels: Readonly<Record<string, LogLevel>> = {
  UNSPECIFIED: "UNSPECIFIED",
  TRACE: "TRACE",
  DEBUG: "DEBUG",
  INFO: "INFO",
  WARN: "WARNING",
  WARNING: "WARNING",
  ERROR: "ERROR",
  CRITICAL: "CRITICAL",
};

export const jujuLog: Command = {
  name: "juju-log",
  args: "[options] <message> …",
  purpose: "Writes a message to the model's log.",
  prepare(call) {
    let level = "INFO";
    let debug = false;
    let formatGiven = false;
    let words: readonly string[] = [];
    const levelFlag = textFlag((value) => {
      level = value;
    });
    const debugFlag = boolFlag((value) => {
      debug = value;
    });
    const format = ignoredFormat(() => {
      formatGiven = true;
    });
    return {
      flags: [["l", levelFlag], ["log-level", levelFlag], ["debug", debugFlag], format],
      init(args) {
        if (args.length === 0) throw new UsageError("no message specified");
        words = args.all();
      },
      run() {
        const { state } = call;
        if (formatGiven) call.deprecated("--format");
        const logger = `unit.${state.world.unit}.juju-log`;
        const wanted = debug ? "DEBUG" : level.toUpperCase();
        const known = Object.hasOwn(levels, wanted) ? levels[wanted] : undefined;
        if (known === undefined && level !== "") {
          state.log("WARNING", logger, `Specified log level of ${quote(level)} is not valid`);
        }
        const relation = state.hookRelation();
        const prefix = relation === undefined ? "" : `${relation.fakeId}: `;
        state.log(known ?? "INFO", logger, prefix + words.join(" "));
      },
    };
  },
};
