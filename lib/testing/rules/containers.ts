import { LayerError } from "../../pebble/errors.ts";
import { FakePebble, type FakePebbleOptions } from "../pebble/fake-pebble.ts";
import { type Checked, isCount, unknownNames } from "./checked.ts";

/** Containers: declared, their layers acceptable to Pebble, their services and checks in the plan. */
export function containerRules(checked: Checked): void {
  const { contract, state, report } = checked;
  const known = Object.keys(contract.containers ?? {});
  unknownNames(checked, "containers", state.containers, known);
  for (const [name, options] of Object.entries(state.containers ?? {})) {
    const path = `containers.${name}`;
    const names = planOf(options, (rule) => report(`${path}.layers`, rule));
    if (names === undefined) continue;
    for (const file of Object.keys(options.files ?? {}))
      if (!file.startsWith("/") || file.endsWith("/"))
        report(`${path}.files`, `"${file}" is not an absolute path of a file`);
    for (const service of options.running ?? [])
      if (!names.services.includes(service)) report(`${path}.running`, `"${service}" is not in the plan`);
    for (const check of [...(options.down ?? []), ...Object.keys(options.failures ?? {})])
      if (!names.checks.includes(check)) report(`${path}.down`, `"${check}" is not a check of the plan`);
    for (const [check, count] of Object.entries(options.failures ?? {}))
      if (!isCount(count)) report(`${path}.failures.${check}`, `must be a whole number from 0, is ${count}`);
    for (const [index, { key }] of (options.notices ?? []).entries())
      if (key === "") report(`${path}.notices[${index}].key`, "must not be empty");
  }
}

/** What the layers combine to; most states have none, and need no Pebble to say so. */
export function planOf(options: FakePebbleOptions | undefined, report: (rule: string) => void) {
  if (options?.layers === undefined) return { services: [], checks: [] };
  try {
    const { plan } = new FakePebble("checked", options);
    return { services: Object.keys(plan.services), checks: Object.keys(plan.checks) };
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    report(error.message);
    return undefined;
  }
}
