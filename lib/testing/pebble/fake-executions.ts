import { PebbleUnreachableError } from "../../pebble/errors.ts";
import type { PebbleWebSocket } from "../../pebble/transport.ts";

/** What a mocked command does. */
export interface ExecMock {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** How a command is run, beside its words. */
export interface ExecSettings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly user?: string;
  readonly group?: string;
  readonly serviceContext?: string;
}

/** A command that was run, and how it ended. */
export interface ExecRun extends ExecSettings {
  readonly command: readonly string[];
  readonly stdin: string;
  readonly exitCode: number;
}

/** Answers a command that a charm runs in a container. */
export type ExecHandler = (command: readonly string[], stdin: string, settings: ExecSettings) => ExecMock;

/** Commands by their beginning: `"hydra migrate"` answers `hydra migrate sql -e`; the longest one wins. */
export type ExecMocks = Readonly<Record<string, ExecMock | ExecHandler>>;

interface Execution {
  readonly command: readonly string[];
  readonly settings: ExecSettings;
  readonly ended: (exitCode: number) => void;
  /** What the command printed, once it has ended. */
  readonly output: Promise<ExecMock>;
  readonly end: (mock: ExecMock) => void;
}

/** Commands of one container, answered by mocks as soon as their input has ended. */
export class FakeExecutions {
  readonly #mocks: ExecMocks;
  readonly #running = new Map<string, Execution>();
  /** Commands that have ended, in order. */
  readonly runs: ExecRun[] = [];

  constructor(mocks: ExecMocks) {
    this.#mocks = mocks;
  }

  /** The mock for a command, or `undefined`. The empty beginning answers every command. */
  mockOf(command: readonly string[]): ExecMock | ExecHandler | undefined {
    const text = command.join(" ");
    const fits = (key: string) => key === "" || text === key || text.startsWith(`${key} `);
    const longest = Object.keys(this.#mocks)
      .filter(fits)
      .sort((a, b) => b.length - a.length)[0];
    return longest === undefined ? undefined : this.#mocks[longest];
  }

  begin(
    task: string,
    command: readonly string[],
    ended: (exitCode: number) => void,
    settings: ExecSettings = {},
  ): void {
    const { promise, resolve } = Promise.withResolvers<ExecMock>();
    this.#running.set(task, { command, settings, ended, output: promise, end: resolve });
  }

  /** One of a task's streams: `stdio`, `stderr` or `control`. */
  websocket(path: string): PebbleWebSocket {
    const [, task = "", stream] = /^\/v1\/tasks\/([^/]+)\/websocket\/(\w+)$/.exec(path) ?? [];
    const execution = this.#running.get(task);
    if (execution === undefined) throw new PebbleUnreachableError(path);
    if (stream === "stdio") return this.#stdio(execution);
    const text = execution.output.then(({ stderr = "" }) => stderr);
    return silent(stream === "stderr" ? streamOf(text) : nothing());
  }

  #stdio(execution: Execution): PebbleWebSocket {
    let input = "";
    return {
      messages: streamOf(execution.output.then(({ stdout = "" }) => stdout)),
      send: (message) => {
        if (typeof message !== "string") input += new TextDecoder().decode(message);
        else if (message.includes('"end"')) this.#finish(execution, input);
      },
      close: () => undefined,
    };
  }

  #finish({ command, settings, ended, end }: Execution, input: string): void {
    const mock = this.mockOf(command) ?? {};
    const result = typeof mock === "function" ? mock(command, input, settings) : mock;
    const exitCode = result.exitCode ?? 0;
    this.runs.push({ command, stdin: input, exitCode, ...settings });
    ended(exitCode);
    end(result);
  }
}

async function* streamOf(text: Promise<string>): AsyncGenerator<string | Uint8Array> {
  const content = await text;
  if (content !== "") yield new TextEncoder().encode(content);
  yield JSON.stringify({ command: "end" });
}

async function* nothing(): AsyncGenerator<string | Uint8Array> {
  // The control stream: Pebble sends nothing on it.
}

function silent(messages: AsyncIterable<string | Uint8Array>): PebbleWebSocket {
  return { messages, send: () => undefined, close: () => undefined };
}
