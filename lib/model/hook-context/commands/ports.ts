import { type Command, ignoredFormat, Output } from "../command.ts";
import { boolFlag, textFlag, UsageError } from "../flags.ts";
import { trimSpace } from "../go/text.ts";
import { StringList } from "../go/value.ts";
import { formatRange, type PortRange, PortRangeError, parsePortRange } from "../ports.ts";

export const openPort = portCommand("open-port", "open", "Opens a port or a range of ports.");
export const closePort = portCommand("close-port", "close", "Closes a port or a range of ports.");

function portCommand(name: string, verb: "open" | "close", purpose: string): Command {
  return {
    name,
    args: "[options] <port>[/<protocol>] | <from>-<to>[/<protocol>] | icmp",
    purpose,
    prepare(call) {
      let endpoints: readonly string[] = [""];
      let formatGiven = false;
      let range: PortRange | undefined;
      const endpointsFlag = textFlag((value) => {
        endpoints = splitEndpoints(value);
      });
      const format = ignoredFormat(() => {
        formatGiven = true;
      });
      return {
        flags: [["endpoints", endpointsFlag], format],
        init(args) {
          const text = args.next();
          if (text === undefined) throw new UsageError("no port or range specified");
          range = readRange(text);
          args.end();
        },
        run() {
          if (formatGiven) call.deprecated("--format");
          for (const endpoint of endpoints) if (range !== undefined) call.state.ports[verb](endpoint, range);
        },
      };
    },
  };
}

function readRange(text: string): PortRange {
  try {
    return parsePortRange(text);
  } catch (error) {
    if (error instanceof PortRangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** Names between commas; none at all means every endpoint. */
function splitEndpoints(text: string): readonly string[] {
  const names = new Set(text.split(",").map(trimSpace));
  names.delete("");
  return names.size === 0 ? [""] : [...names];
}

export const openedPorts: Command = {
  name: "opened-ports",
  args: "[options]",
  purpose: "Lists the ports this unit has open.",
  prepare(call) {
    const output = new Output(call);
    let showEndpoints = false;
    const endpoints = boolFlag((value) => {
      showEndpoints = value;
    });
    return {
      flags: [output, ["endpoints", endpoints]],
      init: (args) => args.end(),
      run() {
        const lines = call.state.ports.opened().map((opened) => {
          const names = opened.endpoints.map((name) => (name === "" ? "*" : name)).join(", ");
          return formatRange(opened.range) + (showEndpoints ? ` (${names})` : "");
        });
        output.write(new StringList(lines));
      },
    };
  },
};
