import { type Command, Output } from "../command.ts";
import { OperationError } from "../errors.ts";
import { boolFlag, textFlag } from "../flags.ts";
import { quote } from "../go/text.ts";
import { nilMap } from "../go/value.ts";
import { keyValues, withFile } from "./key-values.ts";

export const stateGet: Command = {
  name: "state-get",
  args: "[options] [<key>|-]",
  purpose: "Prints what this unit has stored in the controller, or one value of it.",
  prepare(call) {
    const output = new Output(call);
    let strict = false;
    let key = "";
    const strictFlag = boolFlag((value) => {
      strict = value;
    });
    return {
      flags: [output, ["strict", strictFlag]],
      init(args) {
        key = args.next() ?? "";
        if (key === "-") key = "";
        args.end();
      },
      run() {
        const { charmState } = call.state;
        const all = charmState.all();
        if (key === "") return output.write(all.size === 0 ? nilMap : all);
        const value = charmState.get(key);
        if (value === undefined && strict) throw new OperationError(`${quote(key)} not found`);
        output.write(value ?? "");
      },
    };
  },
};

export const stateSet: Command = {
  name: "state-set",
  args: "[options] <key>=<value> …",
  purpose: "Stores values of this unit in the controller.",
  prepare(call) {
    let file = "";
    let values: ReadonlyMap<string, string> = new Map();
    const fileFlag = textFlag((value) => {
      file = value;
    });
    return {
      flags: [["file", fileFlag]],
      init(args) {
        values = keyValues(args.all());
      },
      run() {
        for (const [key, value] of withFile(call, file, values)) call.state.charmState.set(key, value);
      },
    };
  },
};

export const stateDelete: Command = {
  name: "state-delete",
  args: "[<key>]",
  purpose: "Removes a value of this unit from the controller.",
  prepare(call) {
    let key = "";
    return {
      flags: [],
      init(args) {
        key = args.next() ?? "";
        args.end();
      },
      run: () => call.state.charmState.delete(key),
    };
  },
};
