import { CharmError } from "../hook/errors.ts";
import { type Issue, issueText } from "./schema.ts";

/** What a charm wants to publish does not fit the interface; half-filled databags are never sent. */
export class DatabagInvalidError extends CharmError {
  readonly code = "ERR_DATABAG_INVALID";
  readonly outcome = "blocked";
  readonly issues: readonly Issue[];
  /** Where it was to be published; absent outside a charm. */
  readonly endpoint: string | undefined;
  constructor(issues: readonly Issue[], endpoint?: string, options?: ErrorOptions) {
    const where = endpoint === undefined ? "" : ` on "${endpoint}"`;
    super(`Cannot publish${where}: ${issueText(issues[0])}`, options);
    this.issues = issues;
    this.endpoint = endpoint;
  }
}

/** A secret that somebody else owns cannot be read, yet: it is not there, or not granted. */
export class SecretUnavailableError extends CharmError {
  readonly code = "ERR_SECRET_UNAVAILABLE";
  readonly outcome = "waiting";
  /** The secret's id; not its content. */
  readonly secretId: string;
  constructor(secretId: string, options?: ErrorOptions) {
    super(
      `Cannot read secret "${secretId}": not there or not granted, must be granted to this application`,
      options,
    );
    this.secretId = secretId;
  }
}

/** A service of a container does not stay up. Pebble goes on starting it, with growing delays. */
export class WorkloadError extends CharmError {
  readonly code = "ERR_WORKLOAD";
  readonly outcome = "waiting";
  readonly container: string;
  /** In Pebble's words. */
  readonly reason: string;
  constructor(container: string, reason: string, options?: ErrorOptions) {
    super(`Cannot start the services of "${container}": ${reason}`, options);
    this.container = container;
    this.reason = reason;
  }
}

/** A container of the charm does not answer; `waiting`, for it starts after the charm. */
export class ContainerUnreachableError extends CharmError {
  readonly code = "ERR_CONTAINER_UNREACHABLE";
  readonly outcome = "waiting";
  readonly container: string;
  constructor(container: string, options?: ErrorOptions) {
    super(`Cannot reach container "${container}": Pebble does not answer, must be running`, options);
    this.container = container;
  }
}

/** The running Juju is older than a feature the charm uses; a person must upgrade it. */
export class JujuTooOldError extends CharmError {
  readonly code = "ERR_JUJU_TOO_OLD";
  readonly outcome = "blocked";
  readonly feature: string;
  /** The first version that has it. */
  readonly needs: string;
  readonly running: string;
  constructor(o: { readonly feature: string; readonly needs: string; readonly running: string }) {
    super(`Cannot use ${o.feature}: Juju is ${o.running}, must be ${o.needs} or later`);
    this.feature = o.feature;
    this.needs = o.needs;
    this.running = o.running;
  }
}

/** The application may not do what needs `juju trust`. */
export class NotTrustedError extends CharmError {
  readonly code = "ERR_NOT_TRUSTED";
  readonly outcome = "blocked";
  readonly app: string;
  constructor(app: string, options?: ErrorOptions) {
    super(
      `Cannot read the cloud's credential: "${app}" is not trusted, must be (juju trust ${app})`,
      options,
    );
    this.app = app;
  }
}

/** A resource has not been attached. */
export class ResourceMissingError extends CharmError {
  readonly code = "ERR_RESOURCE_MISSING";
  readonly outcome = "blocked";
  readonly resource: string;
  constructor(resource: string, options?: ErrorOptions) {
    super(`Cannot read resource "${resource}": not there, must be attached (juju attach-resource)`, options);
    this.resource = resource;
  }
}

/** Every error this room throws; a `switch` on `code` is exhaustive. */
export type CharmRoomError =
  | DatabagInvalidError
  | SecretUnavailableError
  | WorkloadError
  | ContainerUnreachableError
  | JujuTooOldError
  | NotTrustedError
  | ResourceMissingError;

/** Every stable code this room throws. */
export type CharmErrorCode = CharmRoomError["code"];
