import type { LogTarget } from "../../pebble/plan/types.ts";

type Targets = Readonly<Record<string, LogTarget>>;

/**
 * The log targets of a layer.
 *
 * Pebble sends to the place that a name had first, whatever later layers say: a target that moves takes another name, and
 * the old one is switched off. It takes a service off a target by the name with a minus; `all` means every one.
 *
 * @param known What is in Pebble's plan.
 */
export function targetsOf(wanted: Targets, known: Targets): Targets {
  const named = Object.fromEntries(
    Object.entries(wanted).map(([name, target]) => [
      nameOf(name, wanted, known),
      { override: "replace", ...target } as const,
    ]),
  );
  const others = Object.keys(known).filter((name) => !Object.hasOwn(named, name) && isOn(known[name]!));
  const off = others.map((name) => [name, { override: "merge", services: ["-all"] } as const]);
  return { ...named, ...Object.fromEntries(off) };
}

/** One that is off stays in the plan, and is left as it is. */
function isOn({ services }: LogTarget): boolean {
  return services?.at(-1) !== "-all";
}

/** The first name that is free, or that has always meant this place. */
function nameOf(name: string, wanted: Targets, known: Targets): string {
  const { type, location } = wanted[name]!;
  let tried = name;
  for (let count = 2; !isFree(tried); count += 1) tried = `${name}#${count}`;
  return tried;

  function isFree(candidate: string): boolean {
    if (candidate !== name && Object.hasOwn(wanted, candidate)) return false;
    const before = Object.hasOwn(known, candidate) ? known[candidate] : undefined;
    return before === undefined || (before.type === type && before.location === location);
  }
}
