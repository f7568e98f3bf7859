import { type Command, Output } from "../command.ts";
import { OperationError } from "../errors.ts";
import { boolFlag, UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";

export const applicationVersionSet: Command = {
  name: "application-version-set",
  args: "<version>",
  purpose: "Says which version of the workload this unit runs.",
  prepare(call) {
    let version = "";
    return {
      flags: [],
      init(args) {
        if (args.length === 0) throw new UsageError("no version specified");
        version = args.next() ?? "";
        args.end();
      },
      run: () => call.state.immediate({ kind: "workload-version", version }),
    };
  },
};

export const unitGet: Command = {
  name: "unit-get",
  args: "[options] public-address|private-address",
  purpose: "Prints an address of this unit.",
  prepare(call) {
    const output = new Output(call);
    let setting = "";
    return {
      flags: [output],
      init(args) {
        if (args.length === 0) throw new UsageError("no setting specified");
        setting = args.next() ?? "";
        if (setting !== "private-address" && setting !== "public-address") {
          throw new UsageError(`unknown setting ${quote(setting)}`);
        }
        args.end();
      },
      run() {
        // The agent asks for the addresses of the endpoint "", which no charm has.
        if (setting === "private-address") throw new OperationError("private address not found");
        try {
          output.write(call.state.controller.publicAddress());
        } catch (error) {
          if (!(error instanceof OperationError)) throw error;
          throw new OperationError("public address not found", { cause: error });
        }
      },
    };
  },
};

export const resourceGet: Command = {
  name: "resource-get",
  args: "<resource>",
  purpose: "Downloads a resource and prints the path of its file.",
  prepare(call) {
    let name = "";
    return {
      flags: [],
      init(args) {
        if (args.length === 0) throw new UsageError("missing required resource name");
        name = args.next() ?? "";
        args.end();
      },
      run() {
        try {
          call.stdout += call.state.controller.resource(name);
        } catch (error) {
          if (!(error instanceof OperationError)) throw error;
          throw new OperationError(`could not download resource: ${error.message}`, { cause: error });
        }
        call.state.immediate({ kind: "resource", name });
      },
    };
  },
};

export const jujuReboot: Command = {
  name: "juju-reboot",
  args: "[options]",
  purpose: "Asks for the machine to be rebooted.",
  prepare(call) {
    let now = false;
    const nowFlag = boolFlag((value) => {
      now = value;
    });
    return {
      flags: [["now", nowFlag]],
      init: (args) => args.end(),
      run() {
        if (call.state.action.running) {
          throw new OperationError("juju-reboot is not supported when running an action.");
        }
        call.state.reboot = now ? "now" : "after-hook";
        if (now) call.state.immediate({ kind: "reboot-now" });
      },
    };
  },
};
