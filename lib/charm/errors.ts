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
