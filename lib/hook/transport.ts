/** One call of a hook command, as the unit agent receives it. */
export interface HookRequest {
  /** Name of the command, `relation-get` for example. */
  readonly command: string;
  readonly args: readonly string[];
  /** Standard input; absent means that the caller supplies none. */
  readonly stdin?: Uint8Array;
  /**
   * Secret content by key, for `secret-add` and `secret-set`. The transport adds it to the arguments in
   * its own way: private files for executables, whose arguments everybody on the machine can read, and
   * `key#base64=…` otherwise. Whoever answers finds it in `args`.
   */
  readonly content?: Readonly<Record<string, Uint8Array>>;
}

/** What a hook command printed, and how it ended. */
export interface HookAnswer {
  /** 0 success, 1 the operation failed, 2 wrong arguments. */
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Standard output as text, from a transport that has it so: nobody need encode and decode it. */
  readonly text?: string;
  /** What standard output says in JSON, from a transport that has the value: nobody need write and parse it. */
  readonly json?: unknown;
}

/**
 * Carries hook commands to whoever answers them: a model in this process, the unit agent's socket, or
 * the executables on PATH. Callers cannot tell which.
 *
 * A refused request (unknown command, finished context) is an answer with exit code 1 and `ERROR …` on
 * standard error, as the client program `jujuc` prints it.
 */
export interface HookTransport {
  run(request: HookRequest): Promise<HookAnswer>;
  /** Closes what is held open; the agent's server waits for every open connection. */
  close(): void;
}
