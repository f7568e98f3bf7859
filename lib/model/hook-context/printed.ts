import type { HookAnswer } from "../../hook/transport.ts";
import { formatJson } from "./go/json.ts";
import { jsonValue } from "./go/json-value.ts";
import type { GoValue } from "./go/value.ts";

/** What a call left behind. */
interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  /** What was printed as JSON, and nothing else was; it does not change any more. */
  readonly json: GoValue | undefined;
}

/**
 * An answer, and how the agent's socket would have given it. Text and bytes are made for whoever wants them, so that
 * it is handed on whole: a class, for the compiler lets nobody copy its accessors.
 */
export class ContextAnswer implements HookAnswer {
  readonly exitCode: number;
  /** The request was refused with this text; the client prints it as `ERROR …` and exits 1. */
  readonly refused: string | undefined;
  /** Nothing was done: the command wants standard input, and the call had none. Call again with it. */
  readonly needsStdin: boolean;
  readonly #printed: Printed;

  constructor(exitCode: number, printed: Printed, refused?: string, needsStdin = false) {
    this.exitCode = exitCode;
    this.refused = refused;
    this.needsStdin = needsStdin;
    this.#printed = printed;
  }

  get json(): unknown {
    const { json } = this.#printed;
    return json === undefined ? undefined : jsonValue(json);
  }

  get text(): string {
    const { json, stdout } = this.#printed;
    return (json === undefined ? stdout : `${formatJson(json)}\n`).toWellFormed();
  }

  get stdout(): Uint8Array {
    return bytes(this.text);
  }

  get stderr(): Uint8Array {
    return bytes(this.#printed.stderr);
  }
}

export function refuse(text: string, needsStdin = false): ContextAnswer {
  return new ContextAnswer(1, { stdout: "", stderr: `ERROR ${text}\n`, json: undefined }, text, needsStdin);
}

const NOTHING = new Uint8Array();

function bytes(text: string): Uint8Array {
  return text === "" ? NOTHING : Buffer.from(text);
}
