import { ApiStatus } from "./errors.ts";
import type { Target } from "./route.ts";

/** Whoever calls: the service account of an application. */
export interface Caller {
  readonly model: string;
  readonly application: string;
  readonly trusted: boolean;
}

/** What an application without `juju trust` may do in its namespace. */
const UNTRUSTED: Readonly<Record<string, readonly string[]>> = {
  namespaces: ["get"],
  pods: ["get", "list", "patch"],
  services: ["get", "list", "patch"],
};

/**
 * Checks a call against the roles that Juju gives an application.
 *
 * @param exists Whether the object is there: applying one that is not creates it.
 * @throws {ApiStatus} 403
 * @see Juju: charm package, roles
 */
export function checkAccess(
  caller: Caller,
  { verb, resource, group, namespace, name }: Target,
  exists: boolean,
): void {
  const needed = verb === "patch" && !exists ? ["patch", "create"] : [verb];
  const allowed = group === "" ? (UNTRUSTED[resource] ?? []) : [];
  const refused = needed.find((one) => !allowed.includes(one));
  if (caller.trusted || (refused === undefined && namespace === caller.model)) return;
  const user = `system:serviceaccount:${caller.model}:${caller.application}`;
  const what = name === undefined ? resource : `${resource} "${name}"`;
  const text = `${what} is forbidden: User "${user}" cannot ${refused ?? verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}"`;
  throw new ApiStatus(403, "Forbidden", text);
}
