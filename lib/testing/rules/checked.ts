import type { CharmContract } from "../../charm/contract.ts";
import type { WorldRelation } from "../../model/world.ts";
import type { AnyEventInput } from "../event.ts";
import type { Report } from "../fault.ts";
import type { ListedRelation } from "../relations-of-state.ts";
import type { AnyState } from "../state.ts";
import type { StorageInstance } from "../storage-of-state.ts";
import type { Place } from "../world-of-state.ts";

/** What the rules look at. */
export interface Checked {
  readonly contract: CharmContract;
  readonly state: AnyState;
  readonly event: AnyEventInput;
  readonly place: Place;
  /** Each with its place in the state; `relations` has the same ones in the same order. */
  readonly listed: readonly ListedRelation[];
  readonly relations: readonly WorldRelation[];
  readonly storage: readonly StorageInstance[];
  readonly report: Report;
}

/** Reports names that are not among the known ones. */
export function unknownNames(
  { report }: Pick<Checked, "report">,
  path: string,
  given: object | undefined,
  known: readonly string[],
): void {
  for (const name of Object.keys(given ?? {})) {
    const all = known.length === 0 ? "there is none" : `must be one of ${known.join(", ")}`;
    if (!known.includes(name)) report(`${path}.${name}`, `is not declared, ${all}`);
  }
}

/** What stands twice or more in a list, once. */
export function repeated<T>(list: readonly T[]): readonly T[] {
  return [...new Set(list.filter((one, index) => list.indexOf(one) !== index))];
}

/** Whether a Juju version is at least this one. */
export function isAtLeast(version: string, major: number, minor: number, patch = 0): boolean {
  const [a = 0, b = 0, c = 0] = version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
  return a !== major ? a > major : b !== minor ? b > minor : c >= patch;
}

export const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

/** Reports values that are not text, as untyped callers may pass. */
export function textsOnly(report: Report, path: string, given: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== "string") report(`${path}.${key}`, `must be text, is ${typeof value}`);
    if (key === "" || /[=\s]/.test(key)) report(`${path}.${key}`, "a key must have no blank and no =");
  }
}
