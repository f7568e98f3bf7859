import type { MethodName, ParamsOf, ProgressOf, ResultOf } from "../api.ts";
import type { AliasTable, Flags, FlagTable } from "./flags.ts";

/** What a command asks of the controller. */
export interface CallOptions<M extends MethodName> {
  readonly onProgress?: (progress: ProgressOf<M>) => void;
  readonly signal?: AbortSignal;
}

/** A connection to the controller; {@link LocalClient} is one. */
export interface Controller {
  call<M extends MethodName>(method: M, params: ParamsOf<M>, options?: CallOptions<M>): Promise<ResultOf<M>>;
  close(): void;
}

/** The world around the command: streams, folder and environment of the process, or those of a test. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Version of Juju that is played: `4.0.15`. */
  readonly juju: string;
  /** Whether standard output is a terminal. */
  readonly terminal: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Standard input, to its end. */
  input(): Promise<string>;
  connect(): Promise<Controller>;
}

/** One call of a command, options read and arguments checked. */
export interface Invocation extends Surroundings {
  readonly flags: Flags;
  readonly args: readonly string[];
  /** Params of a method for the model that is meant. */
  readonly inModel: { readonly model?: string };
  /** Calls the controller; connects the first time. */
  call: Controller["call"];
  /** Information on standard error, unless `--quiet`. */
  info(text: string): void;
}

/** What a command needs before it connects. */
export type Checked = Pick<Invocation, "flags" | "args" | "juju" | "cwd" | "env">;

/** One command of `juju`. */
export interface Command {
  readonly purpose: string;
  /** `<unit> <action> [key=value ...]`. */
  readonly usage?: string;
  /** Whether it has `-m` and `--model`, `-c` and `--controller`, or neither. */
  readonly scope: "model" | "controller" | "none";
  readonly flags?: FlagTable;
  /** Options that only 3.x has. */
  readonly flagsOf3?: FlagTable;
  readonly aliases?: AliasTable;
  /** Formats it prints, the default first. */
  readonly formats?: readonly string[];
  /** Checks arguments; throws what Juju says about them. */
  check?(o: Checked): void;
  /** Does it; the number is the exit code, nothing means 0. */
  run(o: Invocation): Promise<number | undefined> | Promise<void>;
}
