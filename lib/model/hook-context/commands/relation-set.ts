import { type Args, type Call, type Command, ignoredFormat, type Prepared } from "../command.ts";
import { OperationError } from "../errors.ts";
import { boolFlag, textFlag } from "../flags.ts";
import { keyValues, withFile } from "./key-values.ts";
import { RelationOption } from "./relation-option.ts";

class RelationSet implements Prepared {
  readonly #call: Call;
  readonly #relation: RelationOption;
  #app = false;
  #file = "";
  #formatGiven = false;
  #values: ReadonlyMap<string, string> = new Map();

  constructor(call: Call) {
    this.#call = call;
    this.#relation = new RelationOption(call);
  }

  get flags(): Prepared["flags"] {
    const app = boolFlag((value) => {
      this.#app = value;
    });
    const file = textFlag((value) => {
      this.#file = value;
    });
    const format = ignoredFormat(() => {
      this.#formatGiven = true;
    });
    return [this.#relation, ["app", app], ["file", file], format];
  }

  init(args: Args): void {
    this.#relation.get();
    this.#values = keyValues(args.all());
  }

  run(): void {
    if (this.#formatGiven) this.#call.deprecated("--format");
    const relation = this.#relation.get();
    const values = withFile(this.#call, this.#file, this.#values);
    if (values.size === 0 && this.#file === "") return;
    if (this.#app && !this.#call.state.isLeader()) throw new OperationError("cannot write relation settings");
    const settings = this.#app ? relation.appSettings() : relation.unitSettings();
    for (const [key, value] of values) settings.set(key, value);
  }
}

export const relationSet: Command = {
  name: "relation-set",
  args: "[options] <key>=<value> …",
  purpose: "Writes into our databag of a relation. An empty value removes the key.",
  prepare: (call) => new RelationSet(call),
};
