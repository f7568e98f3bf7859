/** Which cluster a charm under test was made with. @module */
import type { CharmProgram } from "charmed-iap/charm";
import type { Cluster } from "charmed-iap/kubernetes";

/** As charms take it. */
export type Open = () => Cluster | Promise<Cluster>;

const opened = new WeakMap<CharmProgram, Open>();

/** The cluster of a charm; undefined: it looks for that of its pod. */
export const clusterOf = (program: CharmProgram): Open | undefined => opened.get(program);

/** Notes the charms that a function makes of a cluster; every other export stays as it is. */
export function note<T>(exported: T): T {
  if (typeof exported !== "function") return exported;
  const make = (...args: unknown[]): unknown => {
    const made: unknown = exported(...args);
    if (isProgram(made) && typeof args[0] === "function") opened.set(made, args[0] as Open);
    return made;
  };
  return make as T;
}

function isProgram(value: unknown): value is CharmProgram {
  return typeof value === "object" && value !== null && "contract" in value;
}
