/** Every stable code of this room. */
export type KubernetesErrorCode = "ERR_KUBERNETES_API" | "ERR_KUBERNETES_UNREACHABLE";

const marker = Symbol.for("charmed-iap.kubernetes-error");

/**
 * The API server refused a request (`ERR_KUBERNETES_API`, `status` is the HTTP status: 403 means that the
 * application was not trusted) or did not answer (`ERR_KUBERNETES_UNREACHABLE`, which usually heals).
 */
export class KubernetesError extends Error {
  readonly code: KubernetesErrorCode;
  /** HTTP status; 0 when nothing answered. */
  readonly status: number;
  /** What dispatch does when this escapes `reconcile`. */
  readonly outcome: "waiting" | "fail" | "blocked";
  readonly [marker] = true;
  constructor(o: { code: KubernetesErrorCode; status: number; message: string; cause?: unknown }) {
    super(o.message, o.cause === undefined ? undefined : { cause: o.cause });
    this.code = o.code;
    this.status = o.status;
    this.outcome =
      o.status === 0 || o.status === 429 || o.status >= 500
        ? "waiting"
        : o.status === 403
          ? "blocked"
          : "fail";
  }
  override get name(): string {
    return "KubernetesError";
  }
}

/** Works across duplicate copies of the package, where `instanceof` does not. */
export function isKubernetesError(value: unknown): value is KubernetesError {
  return value instanceof Error && marker in value;
}
