import type { Call } from "../command.ts";
import { type FlagDefinition, type FlagGroup, UsageError } from "../flags.ts";
import { parseInteger } from "../go/text.ts";
import type { ContextRelation } from "../relations.ts";

/** `-r ID` and `--relation ID`; without it, the relation the hook is about. */
export class RelationOption implements FlagGroup, FlagDefinition {
  readonly kind = "text";
  readonly #call: Call;
  #chosen: ContextRelation | undefined;

  constructor(call: Call) {
    this.#call = call;
    this.#chosen = call.state.hookRelation();
  }

  flag(name: string): FlagDefinition | undefined {
    return name === "r" || name === "relation" ? this : undefined;
  }

  /** Takes the id. */
  set(text: string): string | undefined {
    const id = parseInteger(text.slice(text.lastIndexOf(":") + 1), "Atoi");
    if ("error" in id) return "invalid relation id";
    const relation = this.#call.state.relations.get(id.value);
    if (relation === undefined) return "relation not found";
    this.#chosen = relation;
    return undefined;
  }

  /** The relation, if one was named or the hook has one. */
  get optional(): ContextRelation | undefined {
    return this.#chosen;
  }

  /** @throws {UsageError} When there is none. */
  get(): ContextRelation {
    if (this.#chosen === undefined) throw new UsageError("no relation id specified");
    return this.#chosen;
  }
}
