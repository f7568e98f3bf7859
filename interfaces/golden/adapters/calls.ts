import type { WriteCase } from "../types.ts";

/** The argument of one library call; `undefined` when the hook did not make it. */
export function argumentOf(one: WriteCase, method: string): unknown {
  const { call } = one.given;
  return typeof call === "object" && method in call ? call[method] : undefined;
}

/** A list that may be marked as a Python set. */
export function listOf(value: unknown): string[] {
  const list = (value as { $set?: unknown } | null)?.$set ?? value;
  return Array.isArray(list) ? (list as string[]) : [];
}

/** The members that are not null. */
export function given(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}
