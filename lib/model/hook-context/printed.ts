import type { HookAnswer } from "../../hook/transport.ts";
import type { Call } from "./command.ts";
import { formatJson } from "./go/json.ts";
import { jsonValue } from "./go/json-value.ts";
import type { GoValue } from "./go/value.ts";

/** An answer, and how the agent's socket would have given it. */
export interface ContextAnswer extends HookAnswer {
  /** Nothing was done: the command wants standard input, and the call had none. Call again with it. */
  readonly needsStdin?: true;
  /** The request was refused with this text; the client prints it as `ERROR …` and exits 1. */
  readonly refused?: string;
}

/** What a command printed; text and bytes are made for whoever wants them. */
class Printed implements ContextAnswer {
  readonly exitCode: number;
  readonly #stdout: string;
  readonly #stderr: string;

  constructor(exitCode: number, { stdout, stderr }: Call) {
    this.exitCode = exitCode;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  get text(): string {
    return this.#stdout.toWellFormed();
  }

  get stdout(): Uint8Array {
    return bytes(this.text);
  }

  get stderr(): Uint8Array {
    return bytes(this.#stderr);
  }
}

/** One value as JSON. */
class PrintedJson extends Printed {
  readonly #value: GoValue;

  constructor(exitCode: number, call: Call, value: GoValue) {
    super(exitCode, call);
    this.#value = value;
  }

  readonly json = (): unknown => jsonValue(this.#value);

  override get text(): string {
    return `${formatJson(this.#value)}\n`.toWellFormed();
  }
}

/** The answer of a call that has ended. */
export function printed(exitCode: number, call: Call): ContextAnswer {
  return call.json === undefined ? new Printed(exitCode, call) : new PrintedJson(exitCode, call, call.json);
}

export function refuse(text: string): ContextAnswer & { readonly refused: string } {
  return { exitCode: 1, stdout: bytes(""), stderr: bytes(`ERROR ${text}\n`), refused: text };
}

const ENCODER = new TextEncoder();
const NOTHING = new Uint8Array();

function bytes(text: string): Uint8Array {
  return text === "" ? NOTHING : ENCODER.encode(text);
}
