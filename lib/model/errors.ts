/** Every stable code of a {@link ModelError}. */
export type ModelErrorCode =
  | "ERR_CHARM_INVALID"
  | "ERR_NOT_FOUND"
  | "ERR_ALREADY_EXISTS"
  | "ERR_NOT_VALID"
  | "ERR_NO_RELATION"
  | "ERR_AMBIGUOUS"
  | "ERR_LIMIT"
  | "ERR_CONFIG"
  | "ERR_STATE"
  | "ERR_NOT_SUPPORTED"
  | "ERR_COMMIT";

const marker = Symbol.for("charmed-iap.model-error");

/**
 * A command or commit that the model refuses. `message` is Juju's own text, without `ERROR `; the model
 * is as it was before.
 */
export class ModelError extends Error {
  readonly code: ModelErrorCode;
  readonly [marker] = true;
  constructor(code: ModelErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
  override get name(): string {
    return "ModelError";
  }
}

/** Works across duplicate copies of the package, where `instanceof` does not. */
export function isModelError(value: unknown): value is ModelError {
  return value instanceof Error && marker in value;
}
