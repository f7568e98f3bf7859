import { Sensitive } from "../../hook/sensitive.ts";

/** The value itself, out of its wrapping if it has one. Each use is a place where it can leak. */
export function reveal<T>(value: T | Sensitive<T>): T {
  return value instanceof Sensitive ? value.reveal() : value;
}
