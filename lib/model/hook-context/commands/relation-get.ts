import { type Args, type Call, type Command, Output, type Prepared } from "../command.ts";
import { OperationError } from "../errors.ts";
import { boolFlag, UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import { applicationOf, isApplication } from "../names.ts";
import type { ContextRelation } from "../relations.ts";
import { RelationOption } from "./relation-option.ts";

class RelationGet implements Prepared {
  readonly #call: Call;
  readonly #output: Output;
  readonly #relation: RelationOption;
  #app = false;
  #key = "";
  /** Unit or application whose databag is wanted; empty when the name given is neither. */
  #target = "";

  constructor(call: Call) {
    this.#call = call;
    this.#output = new Output(call);
    this.#relation = new RelationOption(call);
  }

  get flags(): Prepared["flags"] {
    const app = boolFlag((value) => {
      this.#app = value;
    });
    return [this.#output, this.#relation, ["app", app]];
  }

  init(args: Args): void {
    this.#relation.get();
    const key = args.next() ?? "";
    this.#key = key === "-" ? "" : key;
    const name = args.next();
    if (name === undefined) this.#useDefault();
    else this.#useName(name);
    args.end();
  }

  #useName(name: string): void {
    const app = applicationOf(name);
    if (this.#app) this.#target = isApplication(name) ? name : (app ?? "");
    else if (app !== undefined) this.#target = name;
    else if (isApplication(name)) {
      throw new UsageError(`expected unit name, got application name ${quote(name)}`);
    } else throw new UsageError(`invalid unit name ${quote(name)}`);
  }

  /** The hook's remote unit, or its remote application where it has no unit. */
  #useDefault(): void {
    const { state } = this.#call;
    const unit = this.#app ? undefined : state.remoteUnit();
    const target = unit ?? state.remoteApp();
    if (target === undefined) throw new UsageError("no unit or application specified");
    this.#target = target;
    if (unit === undefined) this.#app = true;
  }

  run(): void {
    if (this.#target === "") {
      throw new OperationError(`${quote(this.#target)} is not a valid unit or application`);
    }
    const settings = this.#settings(this.#relation.get());
    this.#output.write(this.#key === "" ? settings : (settings.get(this.#key) ?? null));
  }

  #settings(relation: ContextRelation): ReadonlyMap<string, string> {
    const { state } = this.#call;
    const { id } = relation.world;
    if (this.#app) {
      const own = this.#target === state.app && state.isLeader();
      return own ? relation.appSettings().map() : state.controller.appSettings(id, this.#target);
    }
    const own = this.#target === state.world.unit;
    return own ? relation.unitSettings().map() : state.controller.unitSettings(id, this.#target);
  }
}

export const relationGet: Command = {
  name: "relation-get",
  args: "[options] [<key>|-] [<unit>|<application>]",
  purpose: "Prints a databag of a relation, or one value of it.",
  prepare: (call) => new RelationGet(call),
};
