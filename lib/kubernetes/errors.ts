/** Every stable code of this room. */
export type KubernetesErrorCode = "ERR_KUBERNETES_API" | "ERR_KUBERNETES_UNREACHABLE";

/** A right that an application does not have. */
export interface Permission {
  readonly application: string;
  /** `get`, `create`, `patch`, `delete` … */
  readonly verb: string;
  /** With its group: `services`, `statefulsets.apps`. */
  readonly resource: string;
}

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
  /** What was not permitted, where the API server said it. */
  readonly permission: Permission | undefined;
  readonly [marker] = true;
  constructor(o: {
    readonly code: KubernetesErrorCode;
    readonly status: number;
    readonly message: string;
    readonly permission?: Permission;
    readonly cause?: unknown;
  }) {
    super(o.message, o.cause === undefined ? undefined : { cause: o.cause });
    this.code = o.code;
    this.status = o.status;
    this.permission = o.permission;
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

/**
 * For a status: which right an application lacks, and what gives it.
 *
 * @param error With status 401 or 403.
 *
 * @example
 * ```ts
 * blocked(`load balancer: ${notPermitted(error, "web")}`);
 * // load balancer: cannot create services, run: juju trust web --scope=cluster
 * ```
 */
export function notPermitted({ permission }: KubernetesError, application: string): string {
  const what = permission ? `cannot ${permission.verb} ${permission.resource}` : "not permitted";
  return `${what}, run: juju trust ${application} --scope=cluster`;
}
