/** What of a hook's environment is recorded. The agent's address and token are not. */
const RECORDED = new Set([
  "JUJU_UNIT_NAME",
  "JUJU_MODEL_NAME",
  "JUJU_MODEL_UUID",
  "JUJU_VERSION",
  "JUJU_DISPATCH_PATH",
  "JUJU_HOOK_NAME",
  "JUJU_RELATION",
  "JUJU_RELATION_ID",
  "JUJU_REMOTE_APP",
  "JUJU_REMOTE_UNIT",
  "JUJU_DEPARTING_UNIT",
  "JUJU_WORKLOAD_NAME",
  "JUJU_PEBBLE_CHECK_NAME",
  "JUJU_NOTICE_ID",
  "JUJU_NOTICE_TYPE",
  "JUJU_NOTICE_KEY",
  "JUJU_SECRET_ID",
  "JUJU_SECRET_LABEL",
  "JUJU_SECRET_REVISION",
  "JUJU_STORAGE_ID",
  "JUJU_STORAGE_KIND",
  "JUJU_STORAGE_LOCATION",
  "JUJU_ACTION_NAME",
  "JUJU_ACTION_UUID",
  "JUJU_AVAILABILITY_ZONE",
  "JUJU_PRINCIPAL_UNIT",
  "JUJU_CHARM_HTTP_PROXY",
  "JUJU_CHARM_HTTPS_PROXY",
  "JUJU_CHARM_NO_PROXY",
  "CHARMED_IAP_CONTAINERS",
]);

/** Proxies may have a password in their URLs. */
const withoutUser = (value: string): string => value.replace(/\/\/[^/@]*@/, "//");

/** The variables that a recording has. */
export function recordedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept = Object.entries(env).filter((entry): entry is [string, string] => RECORDED.has(entry[0]));
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutUser(value)]));
}
