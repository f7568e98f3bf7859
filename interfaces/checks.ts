/**
 * Checks that several schemas share.
 *
 * @module
 */

import * as v from "valibot";
import { remembering } from "./remembering.ts";

/** An absolute `http` or `https` URL with a host and without blanks or control characters. */
export function httpUrl() {
  return v.pipe(v.string(), v.check(isHttpUrl, "must be an http or https URL"));
}

/** Whether a text is an absolute `http` or `https` URL without user, blanks or control characters. */
export const isHttpUrl: (text: string) => boolean = remembering((text) => {
  if (!/^https?:\/\/[^\s\p{Cc}\\]+$/iu.test(text)) return false;
  const url = URL.parse(text);
  return url !== null && url.hostname !== "" && url.username === "" && url.password === "";
});

/** Text of at least one character on one line. */
export function line() {
  return v.pipe(v.string(), v.regex(/^[^\p{Cc}]+$/u, "must be one line of text"));
}

/**
 * Demands keys that a writer may still lack; the same keys go into the databag's `awaits`.
 *
 * @example
 * ```ts
 * const schema = v.pipe(v.object({ url: v.optional(v.string()) }), demand<{ url?: string }, "url">("url"));
 * ```
 */
export function demand<T extends object, K extends keyof T & string>(...keys: readonly K[]) {
  return v.rawTransform<T, T & { [P in K]-?: NonNullable<T[P]> }>(({ dataset, addIssue, NEVER }) => {
    const input = dataset.value;
    const absent = keys.filter((key) => input[key] === undefined || input[key] === null);
    for (const key of absent) {
      const step = {
        type: "object",
        origin: "value",
        input: input as Record<string, unknown>,
        key,
        value: undefined,
      };
      addIssue({ message: "must be there", path: [step as v.ObjectPathItem] });
    }
    return absent.length > 0 ? NEVER : (input as T & { [P in K]-?: NonNullable<T[P]> });
  });
}
