import { LocalError } from "../errors.ts";

/** Wrong usage: exit code 2. */
export function usage(message: string): LocalError {
  return new LocalError("ERR_USAGE", message, { exitCode: 2 });
}

/** What Juju refuses while it works: exit code 1. */
export function failure(message: string): LocalError {
  return new LocalError("ERR_REFUSED", message);
}

/** Ends a command that has told already what went wrong. */
export class SilentFailure extends Error {
  readonly exitCode: number;
  constructor(exitCode = 1) {
    super("told already");
    this.exitCode = exitCode;
  }
}

/** More arguments than the command takes. */
export function noMoreThan(args: readonly string[], count: number): void {
  if (args.length <= count) return;
  throw usage(
    `unrecognized args: [${args
      .slice(count)
      .map((arg) => JSON.stringify(arg))
      .join(" ")}]`,
  );
}
