import { HookOutputError } from "./errors.ts";
import { commandError } from "./failure.ts";
import type { HookAnswer, HookRequest, HookTransport } from "./transport.ts";

type Extras = Omit<HookRequest, "command" | "args">;

/** Runs a command and gives its standard output. */
export async function runText(
  transport: HookTransport,
  command: string,
  args: readonly string[],
  extras: Extras = {},
): Promise<string> {
  const request = { command, args, ...extras };
  const answer = await transport.run(request);
  if (answer.exitCode !== 0) throw commandError(request, answer);
  return textOf(answer);
}

const decoder = new TextDecoder();

function textOf(answer: HookAnswer): string {
  return answer.text ?? decoder.decode(answer.stdout);
}

/** Checks the shape of decoded JSON; `undefined` means that it is another one. */
export interface Shape<Value> {
  readonly expected: string;
  readonly read: (json: unknown) => Value | undefined;
}

/** Runs a command with `--format=json` and reads its output. */
export async function runJson<Value>(
  transport: HookTransport,
  command: string,
  args: readonly string[],
  shape: Shape<Value>,
): Promise<Value> {
  const request = { command, args: ["--format=json", ...args] };
  const answer = await transport.run(request);
  if (answer.exitCode !== 0) throw commandError(request, answer);
  const { json = parse(command, textOf(answer)) } = answer;
  const value = shape.read(json);
  if (value === undefined) throw new HookOutputError(command, shape.expected);
  return value;
}

/** The cause is left out: its text quotes the output, which may be a secret. */
function parse(command: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HookOutputError(command, "JSON");
  }
}
