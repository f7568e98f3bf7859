/** The types Juju knows for options. */
export type OptionType = "string" | "int" | "float" | "boolean" | "secret";

/** One option of a charm. `T` is the type of its value, `D` that of its default. */
export interface Option<T = unknown, D = unknown> {
  readonly type: OptionType;
  readonly description: string;
  readonly default?: D;
  readonly oneOf?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly check?: (value: never) => string | undefined;
  /** Carries `T`; never present. */
  readonly value?: T;
}

interface Common<T> {
  /** For operators; one or two sentences. */
  readonly description: string;
  /** Without a default the value may be `undefined`. */
  readonly default?: T;
  /**
   * A rule Juju cannot check: returns what should be (`must be a URL`) or `undefined` when all is well.
   * Not asked when the option has no value.
   */
  readonly check?: (value: T) => string | undefined;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

type DefaultOf<O, T> = O extends { readonly default: T } ? T : undefined;

function string<const O extends Common<string>>(options: O): Option<string, DefaultOf<O, string>> {
  return { type: "string", ...options } as never;
}

function int<const O extends Common<number> & Range>(options: O): Option<number, DefaultOf<O, number>> {
  return { type: "int", ...options } as never;
}

function float<const O extends Common<number> & Range>(options: O): Option<number, DefaultOf<O, number>> {
  return { type: "float", ...options } as never;
}

function boolean<const O extends Common<boolean>>(options: O): Option<boolean, DefaultOf<O, boolean>> {
  return { type: "boolean", ...options } as never;
}

function oneOf<
  const V extends string,
  const O extends { readonly description: string; readonly default?: V },
>(values: readonly V[], options: O): Option<V, DefaultOf<O, V>> {
  return { type: "string", oneOf: values, ...options } as never;
}

function secret(options: { readonly description: string }): Option<string, undefined> {
  return { type: "secret", ...options };
}

/**
 * Options of a charm. A value that breaks a rule is reported as `blocked: config: <option> <rule>`, and
 * `reconcile` does not run: what is deployed stays as it is. Where other work must go on, check the value in
 * `reconcile` instead.
 *
 * `secret` options hold the URI of a user's secret: read it with `secrets.get`.
 *
 * @example
 * ```ts
 * const config = {
 *   "session-ttl": option.int({ default: 3600, min: 60, description: "Session lifetime, in seconds." }),
 *   "same-site": option.oneOf(["lax", "strict"], { default: "lax", description: "SameSite of the cookie." }),
 * };
 * ```
 */
export const option = { string, int, float, boolean, oneOf, secret };

/** Any option. */
export type AnyOption = Option<unknown, unknown>;

/** Type of an option → what `typeof` says of its values. */
export const TYPE_OF = {
  string: "string",
  secret: "string",
  int: "number",
  float: "number",
  boolean: "boolean",
} as const;

/** The rule a value breaks, or `undefined`. */
export function optionFault(definition: AnyOption, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const { oneOf: values, min, max, check } = definition;
  if (values !== undefined && !values.includes(String(value))) return `must be one of ${values.join(", ")}`;
  if (min !== undefined && Number(value) < min) return `must be at least ${min}`;
  if (max !== undefined && Number(value) > max) return `must be at most ${max}`;
  return (check as ((value: unknown) => string | undefined) | undefined)?.(value);
}
