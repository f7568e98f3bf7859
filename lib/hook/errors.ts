/** What dispatch does when the error escapes `reconcile`: report `waiting`, report `blocked`, or fail the hook. */
export type CharmErrorOutcome = "waiting" | "blocked" | "fail";

const marker = Symbol.for("charmed-iap.error");

/**
 * Base of every error a caller may want to catch. Misuse of the API throws `TypeError` instead.
 *
 * Each subclass has one stable `code` and says its `outcome`: `waiting` heals by itself, `blocked` needs
 * a person, `fail` lets Juju run the hook again with the same context.
 */
export abstract class CharmError extends Error {
  abstract readonly code: string;
  abstract readonly outcome: CharmErrorOutcome;
  readonly [marker] = true;
  override get name(): string {
    return this.constructor.name;
  }
}

/** Works across duplicate copies of the package, where `instanceof` does not. */
export function isCharmError(value: unknown): value is CharmError {
  return value instanceof Error && marker in value;
}

/**
 * Why a hook command failed, as far as its exit code and text tell; Juju's versions word the same failure
 * differently, so branch on this and not on the text.
 *
 * `usage`: wrong flags or arguments. `not-found`: the relation, secret, unit, resource or key does not
 * exist. `permission-denied`: it exists and this unit may not touch it. `not-leader`: only the leader may.
 * `conflict`: the label, port or name is taken. `unknown-command`: this Juju lacks the command.
 * `unreachable`: no agent answered, or the hook is over. `other`: everything else.
 */
export type HookCommandReason =
  | "usage"
  | "not-found"
  | "permission-denied"
  | "not-leader"
  | "conflict"
  | "unknown-command"
  | "unreachable"
  | "other";

/** A hook command exited with a non-zero code. Has no arguments: they may hold what must not be logged. */
export class HookCommandError extends CharmError {
  readonly code = "ERR_HOOK_COMMAND";
  readonly outcome = "fail";
  /** `relation-get` for example. */
  readonly command: string;
  /** 1 the operation failed, 2 wrong arguments. */
  readonly exitCode: number;
  /** Trimmed, without `ERROR `; values handed over as secret content are replaced by `***`. */
  readonly stderr: string;
  readonly reason: HookCommandReason;
  constructor(failed: {
    readonly command: string;
    readonly exitCode: number;
    readonly stderr: string;
    readonly reason: HookCommandReason;
    readonly cause?: unknown;
  }) {
    super(`Cannot run ${failed.command}: exit code ${failed.exitCode}: ${failed.stderr}`, {
      cause: failed.cause,
    });
    this.command = failed.command;
    this.exitCode = failed.exitCode;
    this.stderr = failed.stderr;
    this.reason = failed.reason;
  }
}

/** A hook command succeeded and printed what its documentation does not allow. */
export class HookOutputError extends CharmError {
  readonly code = "ERR_HOOK_OUTPUT";
  readonly outcome = "fail";
  readonly command: string;
  /** What the output should have been; the output itself is left out, it may be a secret. */
  readonly expected: string;
  constructor(command: string, expected: string, options?: ErrorOptions) {
    super(`Cannot read the output of ${command}: must be ${expected}`, options);
    this.command = command;
    this.expected = expected;
  }
}

/** Every error this room throws; a `switch` on `code` is exhaustive. */
export type HookError = HookCommandError | HookOutputError;

/** Every stable code this room throws. */
export type HookErrorCode = HookError["code"];
