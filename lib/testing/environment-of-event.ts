import { relationOfEvent, remoteUnitOf, secretIdOf, type WorldInput } from "./world-of-state.ts";

/** The variables Juju would set for the event, as far as charms look at them. */
export function environmentOfEvent(input: WorldInput): Readonly<Record<string, string>> {
  const { event, place } = input;
  const path = event.action === undefined ? `hooks/${event.event}` : `actions/${event.action}`;
  return {
    JUJU_UNIT_NAME: place.unit,
    JUJU_MODEL_NAME: place.model,
    JUJU_MODEL_UUID: place.uuid,
    JUJU_VERSION: place.version,
    JUJU_DISPATCH_PATH: path,
    JUJU_HOOK_NAME: event.action === undefined ? (event.event ?? "") : "",
    ...relationVariables(input),
    ...workloadVariables(input),
    ...secretVariables(input),
    ...(event.storageId === undefined ? {} : { JUJU_STORAGE_ID: event.storageId }),
    ...(event.action === undefined ? {} : { JUJU_ACTION_NAME: event.action, JUJU_ACTION_UUID: "1" }),
  };
}

function relationVariables(input: WorldInput): Readonly<Record<string, string>> {
  const relation = relationOfEvent(input);
  if (relation === undefined) return {};
  return {
    JUJU_RELATION: relation.endpoint,
    JUJU_RELATION_ID: `${relation.endpoint}:${relation.id}`,
    JUJU_REMOTE_APP: relation["remote-app"],
    JUJU_REMOTE_UNIT: remoteUnitOf(input.event, relation) ?? "",
    ...(input.event.departingUnit === undefined ? {} : { JUJU_DEPARTING_UNIT: input.event.departingUnit }),
  };
}

function workloadVariables({ event }: WorldInput): Readonly<Record<string, string>> {
  const container = /^(.+)-pebble-/.exec(event.event ?? "")?.[1];
  if (container === undefined) return {};
  const { check, notice } = event;
  return {
    JUJU_WORKLOAD_NAME: container,
    ...(check === undefined ? {} : { JUJU_PEBBLE_CHECK_NAME: check }),
    ...(notice === undefined
      ? {}
      : { JUJU_NOTICE_ID: "1", JUJU_NOTICE_TYPE: notice.type ?? "custom", JUJU_NOTICE_KEY: notice.key }),
  };
}

function secretVariables({ event, state }: WorldInput): Readonly<Record<string, string>> {
  if (!/^secret-/.test(event.event ?? "")) return {};
  const secrets = (state.secrets ?? []).map((secret, index) => ({
    ...secret,
    id: secretIdOf(secret, index),
  }));
  const secret = secrets.find(({ id, label }) => event.secret === id || event.secret === label) ?? secrets[0];
  const revised = /-(remove|expired)$/.test(event.event ?? "");
  return {
    JUJU_SECRET_ID: `secret:${secret?.id}`,
    JUJU_SECRET_LABEL: secret?.label ?? "",
    ...(revised ? { JUJU_SECRET_REVISION: String(event.revision ?? 1) } : {}),
  };
}
