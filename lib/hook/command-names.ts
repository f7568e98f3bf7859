/** Hook commands of Juju 4. Source: Juju, hook commands. */
const both = [
  "action-fail",
  "action-get",
  "action-log",
  "action-set",
  "application-version-set",
  "close-port",
  "config-get",
  "credential-get",
  "goal-state",
  "is-leader",
  "juju-log",
  "juju-reboot",
  "network-get",
  "open-port",
  "opened-ports",
  "relation-get",
  "relation-ids",
  "relation-list",
  "relation-model-get",
  "relation-set",
  "resource-get",
  "secret-add",
  "secret-get",
  "secret-grant",
  "secret-ids",
  "secret-info-get",
  "secret-remove",
  "secret-revoke",
  "secret-set",
  "state-delete",
  "state-get",
  "state-set",
  "status-get",
  "status-set",
  "storage-add",
  "storage-get",
  "storage-list",
  "unit-get",
] as const;

/** Removed in Juju 4. */
const only36 = [
  "k8s-raw-get",
  "k8s-raw-set",
  "k8s-spec-get",
  "k8s-spec-set",
  "leader-get",
  "leader-set",
  "payload-register",
  "payload-status-set",
  "payload-unregister",
  "pod-spec-get",
  "pod-spec-set",
] as const;

/**
 * Names of the hook commands by Juju version, sorted.
 *
 * @example
 * ```ts
 * HOOK_COMMANDS["4.x"].includes("leader-get"); // false
 * ```
 */
export const HOOK_COMMANDS: { readonly "3.6": readonly string[]; readonly "4.x": readonly string[] } = {
  "3.6": [...both, ...only36].sort(),
  "4.x": both,
};
