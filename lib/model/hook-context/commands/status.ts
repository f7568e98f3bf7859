import type { WorldStatus } from "../../world.ts";
import { type Command, Output } from "../command.ts";
import { OperationError } from "../errors.ts";
import { boolFlag, UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import { fromJson, type GoValue } from "../go/value.ts";

const settable = ["maintenance", "blocked", "waiting", "active"];
const notLeader = "this unit is not the leader";

export const statusGet: Command = {
  name: "status-get",
  args: "[options]",
  purpose: "Prints the status of this unit, or of its application.",
  prepare(call) {
    const output = new Output(call);
    let includeData = false;
    let application = false;
    const data = boolFlag((value) => {
      includeData = value;
    });
    const app = boolFlag((value) => {
      application = value;
    });
    const unit = () => {
      const status = call.state.readUnitStatus();
      const short = !includeData && output.format === "smart";
      output.write(short ? status.status : describe(status, includeData));
    };
    const all = () => {
      if (!call.state.isLeader()) throw new OperationError(`finding application status: ${notLeader}`);
      const { app: status, units } = call.state.readAppStatus();
      if (!includeData && output.format === "smart") return output.write(status.status);
      const described = [...units].map(([name, of]): [string, GoValue] => [name, describe(of, includeData)]);
      const whole = new Map([...describe(status, includeData), ["units", new Map(described)] as const]);
      output.write(new Map([["application-status", whole]]));
    };
    return {
      flags: [output, ["include-data", data], ["application", app]],
      init: (args) => args.end(),
      run: () => (application ? all() : unit()),
    };
  },
};

function describe(status: WorldStatus, includeData: boolean): Map<string, GoValue> {
  const result = new Map<string, GoValue>([["status", status.status]]);
  if (!includeData) return result;
  return result.set("message", status.message).set("status-data", fromJson(status.data ?? {}));
}

export const statusSet: Command = {
  name: "status-set",
  args: "[options] maintenance|blocked|waiting|active [<message>]",
  purpose: "Sets the status of this unit, or of its application.",
  prepare(call) {
    let application = false;
    let status = "";
    let message = "";
    const app = boolFlag((value) => {
      application = value;
    });
    return {
      flags: [["application", app]],
      init(args) {
        if (args.length === 0) throw new UsageError("invalid args, require <status> [message]");
        status = args.next() ?? "";
        if (!settable.includes(status)) {
          throw new UsageError(`invalid status ${quote(status)}, expected one of [${settable.join(" ")}]`);
        }
        message = args.next() ?? "";
        args.end();
      },
      run() {
        if (application && !call.state.isLeader()) throw new OperationError(notLeader);
        call.state.setStatus(application ? "application" : "unit", status, message);
      },
    };
  },
};
