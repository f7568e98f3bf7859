import { type Command, Output } from "../command.ts";
import { OperationError } from "../errors.ts";
import { UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import { keyValues } from "./key-values.ts";

export const isLeader: Command = {
  name: "is-leader",
  args: "[options]",
  purpose: "Says whether this unit leads its application, for the next 30 seconds at least.",
  prepare(call) {
    const output = new Output(call);
    return {
      flags: [output],
      init: (args) => args.end(),
      run: () => output.write(call.state.isLeader()),
    };
  },
};

export const leaderGet: Command = {
  name: "leader-get",
  args: "[options] [<key>|-]",
  purpose: "Prints the settings that the leader shares with its application.",
  until4: true,
  prepare(call) {
    const output = new Output(call);
    let key = "";
    return {
      flags: [output],
      init(args) {
        key = args.next() ?? "";
        if (key === "-") key = "";
        if (key.includes("=")) throw new UsageError(`invalid key ${quote(key)}`);
        args.end();
      },
      run() {
        const settings = new Map(Object.entries(call.state.world["leader-settings"] ?? {}));
        output.write(key === "" ? settings : (settings.get(key) ?? null));
      },
    };
  },
};

export const leaderSet: Command = {
  name: "leader-set",
  args: "<key>=<value> …",
  purpose: "Shares settings with the application. An empty value removes the key.",
  until4: true,
  prepare(call) {
    let values: ReadonlyMap<string, string> = new Map();
    return {
      flags: [],
      init(args) {
        values = keyValues(args.all());
      },
      run() {
        if (!call.state.isLeader()) {
          throw new OperationError("cannot write leadership settings: cannot write settings: not the leader");
        }
        call.state.immediate({ kind: "leader-settings", settings: Object.fromEntries(values) });
      },
    };
  },
};
