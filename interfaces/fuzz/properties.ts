import { type AnyDatabag, decode, encode, type RawDatabag } from "charmed-iap/interface";
import { differing, normal } from "../golden/compare.ts";
import type { Target } from "./targets.ts";

/**
 * What must hold for every databag: reading ends in a state; what was read can be written, means the same when read
 * again, and is the same text when written again.
 *
 * @param lists.sets Keys whose lists are sets.
 * @param lists.completed Members that writers complete.
 * @returns The fault; `undefined` when there is none.
 */
export function faultOf(
  databag: AnyDatabag,
  raw: RawDatabag,
  lists: Pick<Target, "sets" | "completed">,
): string | undefined {
  const first = decode(databag, raw);
  if (first.state !== "ready") return undefined;
  const written = encode(databag, first.data as never);
  if (Object.keys(written).length === 0) return undefined;
  const second = decode(databag, written);
  if (second.state !== "ready")
    return lostOnlyEmpty(first.data) ? undefined : `state is ${second.state} after writing`;
  const changed = differing(meaningful(second.data, lists), meaningful(first.data, lists));
  if (changed !== undefined) return changed;
  const again = encode(databag, second.data as never);
  return differing(again, written);
}

/** Juju has no empty text: such a value is no value. */
function meaningful(data: unknown, { sets, completed }: Pick<Target, "sets" | "completed">): unknown {
  const told = JSON.stringify(data, (key, value) =>
    value === "" || completed.includes(key) ? undefined : value,
  );
  return normal(JSON.parse(told), sets);
}

function lostOnlyEmpty(data: unknown): boolean {
  return Object.values(data as object).includes("");
}
