/** The operation itself failed: exit code 1 and `ERROR <message>`. An ordinary answer, for which no stack is collected. */
export class OperationError extends Error {
  override name = "OperationError";

  constructor(message: string, options?: ErrorOptions) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The command needs standard input and the caller supplied none. The client sends it again with some. */
export class NeedsStdin extends Error {
  override name = "NeedsStdin";
}

/**
 * Makes a whole request fail, as the agent does for an unknown command: the client prints
 * `ERROR <message>` and exits 1.
 */
export class RefusedRequest extends Error {
  override name = "RefusedRequest";
}

/** The hook ended well, but what it asked for cannot be committed: the hook fails with this text. */
export class FlushError extends Error {
  override name = "FlushError";
  readonly code = "ERR_HOOK_FLUSH";
}
