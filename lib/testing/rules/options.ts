import { TYPE_OF } from "../../charm/option.ts";
import { issueText, validate } from "../../charm/schema.ts";
import { type Checked, isAtLeast, unknownNames } from "./checked.ts";

/** A secret, or the empty text of one that was taken away. */
const SECRET = /^(secret:(\/\/[0-9a-f-]{36}\/)?[0-9a-v]{20})?$/;

/** Options: declared, and of their type. What else the charm demands of them, it says itself. */
export function optionRules(checked: Checked): void {
  const { contract, state, place, report } = checked;
  unknownNames(checked, "config", state.config, Object.keys(contract.config ?? {}));
  for (const [name, value] of Object.entries(state.config ?? {})) {
    const type = contract.config?.[name]?.type;
    if (type === undefined || value === undefined) continue;
    const path = `config.${name}`;
    if (typeof value !== TYPE_OF[type]) report(path, `must be of type ${type}, is ${typeof value}`);
    else if (type === "int" && !Number.isInteger(value)) report(path, "must be a whole number");
    else if (type === "secret" && !isAtLeast(place.version, 3, 4))
      report(path, `Juju ${place.version} has no options of type secret, 3.4 and later do`);
    else if (type === "secret" && !SECRET.test(String(value)))
      report(path, 'must be the URI of a secret: "secret:" and 20 of 0-9, a-v');
  }
}

/** Actions: declared, their parameters as Juju would let them through. `raw` is let through as it is. */
export function actionRules({ contract, event, report }: Checked): void {
  if (event.action === undefined) return;
  const names = Object.keys(contract.actions ?? {});
  const definition = contract.actions?.[event.action];
  if (definition === undefined) {
    report("event.action", `"${event.action}" is not declared, the charm has ${names.join(", ") || "none"}`);
    return;
  }
  if (event.raw !== undefined) return;
  const params = (event.params ?? {}) as Readonly<Record<string, unknown>>;
  const { entries } = (definition.params ?? { entries: {} }) as { readonly entries?: object };
  for (const name of Object.keys(params)) {
    if (entries !== undefined && !Object.hasOwn(entries, name))
      report(`event.params.${name}`, `is not a parameter of ${event.action}`);
  }
  const result =
    definition.params === undefined ? { ok: true as const } : validate(definition.params, params);
  if (!result.ok) for (const issue of result.issues) report("event.params", issueText(issue));
}
