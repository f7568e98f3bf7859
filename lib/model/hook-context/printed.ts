import type { HookAnswer } from "../../hook/transport.ts";
import type { Call } from "./command.ts";
import { formatJson } from "./go/json.ts";
import { jsonValue } from "./go/json-value.ts";

/** An answer, and how the agent's socket would have given it. */
export interface ContextAnswer extends HookAnswer {
  /** Nothing was done: the command wants standard input, and the call had none. Call again with it. */
  readonly needsStdin?: true;
  /** The request was refused with this text; the client prints it as `ERROR …` and exits 1. */
  readonly refused?: string;
}

/**
 * The answer of a call that has ended; text and bytes are made for whoever wants them. A copy of it (`{ ...answer }`)
 * has them too.
 */
export function printed(exitCode: number, { stdout, stderr, json }: Call): ContextAnswer {
  const text = () => (json === undefined ? stdout : `${formatJson(json)}\n`).toWellFormed();
  return {
    exitCode,
    json: json === undefined ? undefined : () => jsonValue(json),
    get text() {
      return text();
    },
    get stdout() {
      return bytes(text());
    },
    get stderr() {
      return bytes(stderr);
    },
  };
}

export function refuse(text: string): ContextAnswer & { readonly refused: string } {
  return { exitCode: 1, stdout: bytes(""), stderr: bytes(`ERROR ${text}\n`), refused: text };
}

const ENCODER = new TextEncoder();
const NOTHING = new Uint8Array();

function bytes(text: string): Uint8Array {
  return text === "" ? NOTHING : ENCODER.encode(text);
}
