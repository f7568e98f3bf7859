import { type Command, Output } from "../command.ts";
import { OperationError } from "../errors.ts";
import { UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import { StringList } from "../go/value.ts";
import { isStorageId } from "../names.ts";

export const storageList: Command = {
  name: "storage-list",
  args: "[options] [<name>]",
  purpose: "Lists the storage attached to this unit.",
  prepare(call) {
    const output = new Output(call);
    let name = "";
    return {
      flags: [output],
      init(args) {
        name = args.next() ?? "";
        args.end();
      },
      run() {
        const ids = (call.state.world.storage ?? []).map((storage) => storage.id);
        output.write(new StringList(ids.filter((id) => name === "" || id.startsWith(`${name}/`))));
      },
    };
  },
};

export const storageGet: Command = {
  name: "storage-get",
  args: "[options] [kind|location]",
  purpose: "Prints where a storage is and of which kind.",
  prepare(call) {
    const output = new Output(call);
    const hookId = call.state.world.hook?.["storage-id"];
    let id = typeof hookId === "string" ? hookId : "";
    let key = "";
    const set = (text: string) => {
      if (!isStorageId(text)) return `invalid storage ID ${quote(text)}`;
      id = text;
      return messageOf(() => call.state.controller.storage(text));
    };
    return {
      flags: [output, ["s", { kind: "text", set }]],
      init(args) {
        if (id === "") throw new UsageError("no storage instance specified");
        key = args.next() ?? "";
        args.end();
      },
      run() {
        const storage = call.state.controller.storage(id);
        const values = new Map([
          ["kind", storage.kind],
          ["location", storage.location],
        ]);
        if (key === "") return output.write(values);
        const value = values.get(key);
        if (value === undefined) throw new OperationError(`invalid storage attribute ${quote(key)}`);
        output.write(value);
      },
    };
  },
};

/** What the controller refuses with, if it does. */
function messageOf(ask: () => unknown): string | undefined {
  try {
    ask();
    return undefined;
  } catch (error) {
    if (error instanceof OperationError) return error.message;
    throw error;
  }
}

export const storageAdd: Command = {
  name: "storage-add",
  args: "<name>[=<count>] …",
  purpose: "Asks for more storage.",
  prepare(call) {
    const wanted = new Map<string, number>();
    const word = call.state.version.major >= 4 ? "directive" : "constraints";
    return {
      flags: [],
      init(args) {
        if (args.length === 0) throw new UsageError("storage add requires a storage directive");
        for (const argument of args.all()) {
          const [name, count] = parseDirective(argument, word);
          if (wanted.has(name)) throw new UsageError(`storage ${quote(name)} specified more than once`);
          wanted.set(name, count);
        }
      },
      run() {
        for (const [name, count] of wanted) call.state.storageAdds.push({ name, count });
      },
    };
  },
};

function parseDirective(argument: string, word: string): readonly [string, number] {
  const equals = argument.indexOf("=");
  const name = equals < 0 ? argument : argument.slice(0, equals);
  if (name === "") throw new UsageError(`expected "name=${word}" or "name", got ${quote(argument)}`);
  if (equals < 0) return [name, 1];
  const text = argument.slice(equals + 1);
  const refuse = (why: string) => new UsageError(`cannot parse ${word} for storage ${quote(name)}: ${why}`);
  if (text === "") {
    const plural = word === "directive" ? "directives require" : "constraints require";
    throw refuse(`storage ${plural} at least one field to be specified`);
  }
  if (!/^-?[0-9]+$/.test(text)) throw new UsageError(`only count can be specified for ${quote(name)}`);
  const count = Number(text);
  if (count <= 0) {
    throw refuse(`parsing storage count: count must be greater than zero, got ${quote(text)}`);
  }
  return [name, count];
}
