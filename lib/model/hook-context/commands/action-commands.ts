import { type Command, Output } from "../command.ts";
import { UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import { fromJson, type GoValue } from "../go/value.ts";

const keyPart = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const reserved = ["stdout", "stdout-encoding", "stderr", "stderr-encoding"];

export const actionGet: Command = {
  name: "action-get",
  args: "[options] [<key>[.<key> …]]",
  purpose: "Prints the action's parameters, or one of them.",
  prepare(call) {
    const output = new Output(call);
    let path: readonly string[] = [];
    return {
      flags: [output],
      init(args) {
        const key = args.next();
        path = key === undefined ? [] : key.split(".");
        args.end();
      },
      run: () => output.write(descend(fromJson(call.state.action.params()), path)),
    };
  },
};

function descend(value: GoValue, path: readonly string[]): GoValue {
  let found: GoValue = value;
  for (const part of path) {
    if (!(found instanceof Map)) return null;
    found = found.get(part) ?? null;
  }
  return found;
}

export const actionSet: Command = {
  name: "action-set",
  args: "<key>[.<key> …]=<value> …",
  purpose: "Adds to the action's results.",
  prepare(call) {
    let entries: readonly { readonly path: readonly string[]; readonly value: string }[] = [];
    return {
      flags: [],
      init(args) {
        entries = args.all().map(parseEntry);
      },
      run() {
        for (const { path, value } of entries) call.state.action.set(path, value);
      },
    };
  },
};

function parseEntry(argument: string): { readonly path: readonly string[]; readonly value: string } {
  const equals = argument.indexOf("=");
  if (equals < 0) throw new UsageError(`argument ${quote(argument)} must be of the form key...=value`);
  const path = argument.slice(0, equals).split(".");
  for (const part of path) {
    if (reserved.includes(part)) throw new UsageError(`cannot set reserved action key ${quote(part)}`);
    if (!keyPart.test(part)) {
      throw new UsageError(
        `key ${quote(part)} must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric and hyphens`,
      );
    }
  }
  return { path, value: argument.slice(equals + 1) };
}

export const actionLog: Command = {
  name: "action-log",
  args: "<message> …",
  purpose: "Reports progress of the action.",
  prepare(call) {
    let words: readonly string[] = [];
    return {
      flags: [],
      init(args) {
        if (args.length === 0) throw new UsageError("no message specified");
        words = args.all();
      },
      run() {
        call.state.action.check();
        call.state.immediate({ kind: "action-log", message: words.join(" ") });
      },
    };
  },
};

export const actionFail: Command = {
  name: "action-fail",
  args: "[<message>]",
  purpose: "Marks the action as failed. The script goes on.",
  prepare(call) {
    let message = "";
    return {
      flags: [],
      init(args) {
        message = args.next() ?? "action failed without reason given, check action for errors";
        args.end();
      },
      run: () => call.state.action.fail(message),
    };
  },
};
