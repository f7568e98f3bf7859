import { LayerError } from "../../pebble/errors.ts";
import { keyFault } from "../../pebble/server/notices.ts";
import type { Report } from "../fault.ts";
import { givenFaults } from "../pebble/container-pebble.ts";
import { FakePebble, type FakePebbleOptions } from "../pebble/fake-pebble.ts";
import { type Checked, isCount, repeated, unknownNames } from "./checked.ts";

/** Containers: declared, their layers acceptable to Pebble, their services and checks in the plan. */
export function containerRules(checked: Checked): void {
  const { contract, state, report } = checked;
  const known = Object.keys(contract.containers ?? {});
  unknownNames(checked, "containers", state.containers, known);
  for (const [name, options] of Object.entries(state.containers ?? {})) {
    const path = `containers.${name}`;
    if (options?.pebble !== undefined) {
      for (const fault of givenFaults(options)) report(`${path}.${fault.path}`, fault.rule);
      continue;
    }
    const names = planOf(options, (rule) => report(`${path}.layers`, rule));
    if (names === undefined) continue;
    for (const file of Object.keys(options.files ?? {}))
      if (!file.startsWith("/") || file.endsWith("/"))
        report(`${path}.files`, `"${file}" is not an absolute path of a file`);
    for (const service of options.running ?? [])
      if (!names.services.includes(service)) report(`${path}.running`, `"${service}" is not in the plan`);
    checksOf(options, names.thresholds, (place, rule) => report(`${path}.${place}`, rule));
    noticesOf(options, (place, rule) => report(`${path}.${place}`, rule));
  }
}

/** Checks of the plan only; one is down from as many failures in a row as its threshold says. */
function checksOf(
  { down = [], failures = {} }: FakePebbleOptions,
  thresholds: ReadonlyMap<string, number>,
  report: Report,
): void {
  for (const check of [...down, ...Object.keys(failures)])
    if (!thresholds.has(check)) report("down", `"${check}" is not a check of the plan`);
  for (const [check, count] of Object.entries(failures)) {
    const threshold = thresholds.get(check) ?? Number.NaN;
    const place = `failures.${check}`;
    if (!isCount(count)) report(place, `must be a whole number from 0, is ${count}`);
    else if (down.includes(check) && count < threshold)
      report(place, `must be at least the threshold, ${threshold}, of a check that is down, is ${count}`);
    else if (!down.includes(check) && count >= threshold)
      report(place, `must be below the threshold, ${threshold}, of a check that is up, is ${count}`);
  }
}

/** Keys as Pebble takes them, each once for its type. */
function noticesOf({ notices = [] }: FakePebbleOptions, report: Report): void {
  for (const [index, { key, type = "custom" }] of notices.entries()) {
    const fault = type === "custom" ? keyFault(key) : undefined;
    if (fault !== undefined) report(`notices[${index}].key`, fault);
  }
  for (const name of repeated(notices.map(({ key, type = "custom" }) => `${type} ${key}`)))
    report("notices", `${name} is there twice`);
  for (const id of repeated(notices.flatMap(({ id }) => id ?? [])))
    report("notices", `id ${id} is there twice`);
}

/** What the layers combine to; most states have none, and need no Pebble to say so. */
export function planOf(options: FakePebbleOptions | undefined, report: (rule: string) => void) {
  if (options?.layers === undefined) return { services: [], thresholds: new Map<string, number>() };
  try {
    const { plan } = new FakePebble("checked", options);
    const thresholds = Object.entries(plan.checks).map(
      ([name, { threshold = 3 }]) => [name, threshold] as const,
    );
    return { services: Object.keys(plan.services), thresholds: new Map(thresholds) };
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    report(error.message);
    return undefined;
  }
}
