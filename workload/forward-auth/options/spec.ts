/** What an option's text is read as. `list` is comma separated; `duration` is Go's (`1h30m`, `15m`, `0`). */
export type OptionKind = "string" | "boolean" | "integer" | "duration" | "list";

/** One option: its kind, its default as text, and what it does. */
export interface OptionSpec {
  readonly kind: OptionKind;
  /** Default in mode `compat`: oauth2-proxy's, unless the README lists the difference. */
  readonly default: string;
  /** Default in the other decision modes, where that is another one. */
  readonly strict?: string;
  /** The flag when it is not the key with dashes; `null`: there is none. */
  readonly flag?: string | null;
  /** True for a boolean whose flag needs a value. */
  readonly valued?: true;
  /** True for options that oauth2-proxy does not have. */
  readonly ours?: true;
  /** True when the value must never be logged. */
  readonly secret?: true;
  readonly about: string;
}

/** Options by oauth2-proxy's configuration key. */
export type OptionGroup = Readonly<Record<string, OptionSpec>>;
