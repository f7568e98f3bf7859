import { JujuTooOldError } from "./errors.ts";

/**
 * What came to Juju after its first release with sidecar charms, and when.
 *
 * @see Juju: release notes; canonical/operator: ops/jujuversion.py
 */
export const JUJU_FEATURES = {
  secrets: "3.0.3",
  "ports on Kubernetes": "3.0.3",
  "exec in a service's context": "3.1.6",
  "log forwarding": "3.4.0",
  "custom notices": "3.4.0",
  "check events": "3.6.0",
  "Pebble identities": "3.6.4",
  "Pebble metrics": "3.6.4",
  "cloud credentials on Kubernetes": "3.6.10",
} as const;

/** A feature that not every Juju has. */
export type JujuFeature = keyof typeof JUJU_FEATURES;

/**
 * Whether a version of Juju is at least another. `3.6-beta2` comes before `3.6.0`; a fourth number, the build,
 * does not count. What is no version counts as newer than any: a development build must not be locked out.
 *
 * @example
 * ```ts
 * jujuAtLeast("3.6.9", "3.6.10"); // false
 * ```
 */
export function jujuAtLeast(running: string, wanted: string): boolean {
  const [is, must] = [parsed(running), parsed(wanted)];
  if (is === undefined || must === undefined) return true;
  for (const [index, part] of must.entries()) {
    const have = is[index] ?? 0;
    if (have !== part) return have > part;
  }
  return true;
}

/** Major, minor, patch; the patch of a pre-release is below 0. */
function parsed(version: string): readonly number[] | undefined {
  const match = /^(\d+)\.(\d+)(?:\.(\d+)|-[a-z]+(\d+))?/.exec(version);
  if (match === null) return undefined;
  const patch = match[4] === undefined ? Number(match[3] ?? 0) : -1;
  return [Number(match[1]), Number(match[2]), patch];
}

/**
 * Goes on when the running Juju has the feature.
 *
 * @throws {JujuTooOldError} `ERR_JUJU_TOO_OLD`, blocked: names the feature, the version it needs, and this one.
 */
export function requireJuju(running: string, feature: JujuFeature): void {
  const needs = JUJU_FEATURES[feature];
  if (!jujuAtLeast(running, needs)) throw new JujuTooOldError({ feature, needs, running });
}
