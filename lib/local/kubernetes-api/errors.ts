/** A refusal of the API server, as its `Status` object says it. */
export class ApiStatus extends Error {
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }

  toJSON(): Record<string, unknown> {
    const { status: code, reason, message } = this;
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  }
}

/** @param what Such as `services "web-lb"`. */
export function notFound(what: string): ApiStatus {
  return new ApiStatus(404, "NotFound", `${what} not found`);
}
