import { NeedsStdin, OperationError } from "./errors.ts";
import {
  type Flag,
  type FlagDefinition,
  type FlagGroup,
  type FlagTable,
  HelpRequest,
  parseFlags,
  Rest,
  textFlag,
  UsageError,
} from "./flags.ts";
import { type Format, print } from "./go/print.ts";
import { quote } from "./go/text.ts";
import type { GoValue } from "./go/value.ts";
import { joinPath } from "./paths.ts";
import type { HookState } from "./state.ts";

/** A hook command: what it is called with, and what it does. */
export interface Command {
  readonly name: string;
  /** Arguments in words, for `--help`. */
  readonly args: string;
  /** What it does, for `--help`. */
  readonly purpose: string;
  /** Removed in Juju 4. */
  readonly until4?: true;
  /** Makes one call's options and steps. */
  readonly prepare: (call: Call) => Prepared;
}

/** One call, before its arguments are known. Steps run in this order. */
export interface Prepared {
  readonly flags: FlagTable;
  /** Takes the arguments; throws {@link UsageError}. */
  init(args: Args): void;
  /** Does it; throws `OperationError`. */
  run(): void;
}

/** One call of a command: where it reads and prints. */
export class Call {
  readonly state: HookState;
  readonly name: string;
  /** The caller's working directory. */
  readonly dir: string;
  readonly #stdin: Uint8Array | undefined;
  stdout = "";
  stderr = "";
  /** What is printed as JSON, and nothing else is; it does not change any more. */
  json: GoValue | undefined;

  constructor(options: { state: HookState; name: string; dir: string; stdin: Uint8Array | undefined }) {
    this.state = options.state;
    this.name = options.name;
    this.dir = options.dir;
    this.#stdin = options.stdin;
  }

  /** @throws {NeedsStdin} When the caller supplied none. */
  readStdin(): Uint8Array {
    if (this.#stdin === undefined) throw new NeedsStdin("hook tool requires stdin, none supplied");
    return this.#stdin;
  }

  /** A file named in an argument, `-` for standard input; throws with Go's text. */
  readFile(path: string): Uint8Array {
    if (path === "-") return this.readStdin();
    const absolute = joinPath(this.dir, path);
    return this.readAbsolute(absolute, absolute);
  }

  /** A file whose name the message repeats as it was given. */
  readAbsolute(absolute: string, shown: string): Uint8Array {
    const bytes = this.state.readFile(absolute);
    if (bytes === undefined) throw new OperationError(`open ${shown}: no such file or directory`);
    return bytes;
  }

  /** Says that an option is accepted and ignored. */
  deprecated(option: string): void {
    this.stderr += `${option} flag deprecated for command ${quote(this.name)}`;
  }
}

/** Arguments that are no options. */
export class Args extends Rest {
  /** @throws {UsageError} When something is left. */
  end(): void {
    if (this.length > 0) throw new UsageError(`unrecognized args: [${this.all().map(quote).join(" ")}]`);
  }
}

const FORMATS: readonly Format[] = ["smart", "yaml", "json"];

/** `--format` and `-o` of a command that prints a value. */
export class Output implements FlagGroup, FlagDefinition {
  readonly kind = "text";
  readonly #call: Call;
  readonly #formats: readonly Format[];
  #format: Format;
  #file = "";

  constructor(call: Call, formats: readonly Format[] = FORMATS) {
    this.#call = call;
    this.#formats = formats;
    this.#format = formats[0] ?? "smart";
  }

  get format(): Format {
    return this.#format;
  }

  flag(name: string): FlagDefinition | undefined {
    if (name === "format") return this;
    if (name !== "o" && name !== "output") return undefined;
    return textFlag((text) => {
      this.#file = text;
    });
  }

  /** Takes the format. */
  set(text: string): string | undefined {
    const known = this.#formats.find((name) => name === text);
    if (known === undefined) return `unknown format ${quote(text)}`;
    this.#format = known;
    return undefined;
  }

  /** Prints a value, which must not change afterwards. */
  write(value: GoValue): void {
    if (this.#format === "json" && this.#file === "") {
      this.#call.json = value;
      return;
    }
    const text = print(value, this.#format);
    if (this.#file === "") this.#call.stdout += text;
    else this.#call.state.writeFile(joinPath(this.#call.dir, this.#file), new TextEncoder().encode(text));
  }
}

/** `--format` where it is accepted and ignored. */
export function ignoredFormat(set: () => void): Flag {
  return ["format", textFlag(set)];
}

/** Runs one call to its end. */
export function runCommand(command: Command, call: Call, args: readonly string[]): number {
  try {
    const prepared = command.prepare(call);
    const positional = parseFlags(prepared.flags, args);
    prepared.init(new Args(positional));
    prepared.run();
    return 0;
  } catch (error) {
    if (error instanceof HelpRequest) {
      call.stdout += `Usage: ${command.name} ${command.args}\n\n${command.purpose}\n`.replace(/ +\n/, "\n");
      return 0;
    }
    const code = error instanceof UsageError ? 2 : error instanceof OperationError ? 1 : 0;
    if (code === 0 || !(error instanceof Error)) throw error;
    call.stderr += `ERROR ${error.message}\n`;
    return code;
  }
}
