import { type Command, Output } from "../command.ts";
import { boolFlag, UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import { fromJson, type GoValue } from "../go/value.ts";

export const configGet: Command = {
  name: "config-get",
  args: "[options] [<key>]",
  purpose: "Prints the application's options, or the value of one.",
  prepare(call) {
    const output = new Output(call);
    let all = false;
    let key = "";
    const allFlag = boolFlag((value) => {
      all = value;
    });
    return {
      flags: [output, ["a", allFlag], ["all", allFlag]],
      init(args) {
        key = args.next() ?? "";
        if (key !== "" && all) {
          throw new UsageError(`cannot use argument --all together with key ${quote(key)}`);
        }
        args.end();
      },
      run() {
        const values = Object.entries(call.state.world.config).map(([name, value]): [string, GoValue] => [
          name,
          fromJson(value),
        ]);
        if (key !== "") output.write(new Map(values).get(key) ?? null);
        else output.write(new Map(values.filter(([, value]) => all || value !== null)));
      },
    };
  },
};
