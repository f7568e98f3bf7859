/** Every stable code of this room beside those of the engine, which pass through. */
export type LocalErrorCode =
  | "ERR_CONTROLLER_UNREACHABLE"
  | "ERR_CONTROLLER_START"
  | "ERR_CONTROLLER_LOCKED"
  | "ERR_PORT_IN_USE"
  | "ERR_CHARM_NOT_FOUND"
  | "ERR_USAGE"
  | "ERR_TIMEOUT"
  | "ERR_NOT_SUPPORTED"
  | "ERR_NOT_FOUND"
  | "ERR_ALREADY_EXISTS"
  | "ERR_INTERNAL"
  | (string & {});

const marker = Symbol.for("charmed-iap.local-error");

/**
 * What a command of the local model ends with: `message` is Juju's own text without `ERROR `, `exitCode`
 * is Juju's: 1, or 2 for wrong usage.
 */
export class LocalError extends Error {
  readonly code: LocalErrorCode;
  readonly exitCode: number;
  readonly [marker] = true;
  constructor(code: LocalErrorCode, message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode ?? 1;
  }
  override get name(): string {
    return "LocalError";
  }
}

/** Works across duplicate copies of the package, where `instanceof` does not. */
export function isLocalError(value: unknown): value is LocalError {
  return value instanceof Error && marker in value;
}

/** How the background process ends when another one has the state. */
export const EXIT_LOCKED = 75;
