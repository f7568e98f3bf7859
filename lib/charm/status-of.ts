import { isCharmError } from "../hook/errors.ts";
import {
  ContainerUnreachableError,
  DatabagInvalidError,
  JujuTooOldError,
  NotTrustedError,
  ResourceMissingError,
  SecretUnavailableError,
  WorkloadError,
} from "./errors.ts";
import { issueText } from "./schema.ts";
import { blocked, type Status, waiting } from "./status.ts";

/** What a container that does not answer is reported as. */
export function unreachableStatus(container: string): Status<"waiting"> {
  return waiting(`${container}: waiting for Pebble`);
}

/**
 * What an error means to a person; `undefined`: the hook must fail, so throw it on. For charms in which other
 * writes must be sent although a part of `reconcile` failed: an error that escapes sends none.
 *
 * @example
 * ```ts
 * const status = await configure(ctx).catch((error: unknown) => {
 *   const known = statusOf(error);
 *   if (!known) throw error;
 *   return known;
 * });
 * ```
 */
export function statusOf(error: unknown): Status | undefined {
  if (!isCharmError(error) || error.outcome === "fail") return undefined;
  if (error instanceof ContainerUnreachableError) return unreachableStatus(error.container);
  if (error instanceof WorkloadError) return waiting(`${error.container}: ${error.reason}`);
  if (error instanceof DatabagInvalidError)
    return blocked(`${error.endpoint}: cannot publish: ${issueText(error.issues[0])}`);
  if (error instanceof SecretUnavailableError) return waiting(`waiting for access to ${error.secretId}`);
  if (error instanceof JujuTooOldError)
    return blocked(`juju: ${error.feature} needs ${error.needs}, is ${error.running}`);
  if (error instanceof NotTrustedError) return blocked(`trust required: juju trust ${error.app}`);
  if (error instanceof ResourceMissingError) return blocked(`resource ${error.resource}: must be attached`);
  return error.outcome === "waiting" ? waiting(error.message) : blocked(error.message);
}
