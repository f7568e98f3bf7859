import { revisionOf, secretOfEvent } from "./secrets-of-state.ts";
import {
  departingUnitOf,
  relationOfEvent,
  remoteUnitOf,
  storageOfEvent,
  type WorldInput,
} from "./world-of-state.ts";

/** The variables Juju would set for the event, as far as charms look at them. */
export function environmentOfEvent(input: WorldInput): Readonly<Record<string, string>> {
  const { event, place, state } = input;
  const path = event.action === undefined ? `hooks/${event.event}` : `actions/${event.action}`;
  return {
    JUJU_UNIT_NAME: place.unit,
    JUJU_MODEL_NAME: place.model,
    JUJU_MODEL_UUID: place.uuid,
    JUJU_VERSION: place.version,
    JUJU_DISPATCH_PATH: path,
    JUJU_HOOK_NAME: event.action === undefined ? (event.event ?? "") : "",
    JUJU_MACHINE_ID: state.machine ?? (state.modelType === "machine" ? "0" : ""),
    JUJU_AVAILABILITY_ZONE: state.zone ?? "",
    JUJU_PRINCIPAL_UNIT: state.principal ?? "",
    ...relationVariables(input),
    ...workloadVariables(input),
    ...secretVariables(input),
    ...storageVariables(input),
    ...(event.event === "pre-series-upgrade" ? { JUJU_TARGET_BASE: "ubuntu@24.04/stable" } : {}),
    ...(event.action === undefined ? {} : { JUJU_ACTION_NAME: event.action, JUJU_ACTION_UUID: "1" }),
  };
}

function relationVariables(input: WorldInput): Readonly<Record<string, string>> {
  const relation = relationOfEvent(input);
  if (relation === undefined) return {};
  const departing = departingUnitOf(input.event, relation);
  return {
    JUJU_RELATION: relation.endpoint,
    JUJU_RELATION_ID: `${relation.endpoint}:${relation.id}`,
    JUJU_REMOTE_APP: relation["remote-app"],
    JUJU_REMOTE_UNIT: remoteUnitOf(input.event, relation) ?? "",
    ...(departing === undefined ? {} : { JUJU_DEPARTING_UNIT: departing }),
  };
}

function workloadVariables({ event, state }: WorldInput): Readonly<Record<string, string>> {
  const container = /^(.+)-pebble-/.exec(event.event ?? "")?.[1];
  if (container === undefined) return {};
  const { check, notice } = event;
  return {
    JUJU_WORKLOAD_NAME: container,
    ...(check === undefined ? {} : { JUJU_PEBBLE_CHECK_NAME: check }),
    ...(notice === undefined
      ? {}
      : {
          JUJU_NOTICE_ID: notice.id ?? noticeId(state.containers?.[container]?.notices ?? [], notice.key),
          JUJU_NOTICE_TYPE: "custom",
          JUJU_NOTICE_KEY: notice.key,
        }),
  };
}

function noticeId(notices: readonly { readonly id?: string; readonly key: string }[], key: string): string {
  const index = notices.findIndex((one) => one.key === key);
  return notices[index]?.id ?? String(Math.max(index, 0) + 1);
}

function secretVariables({ event, state }: WorldInput): Readonly<Record<string, string>> {
  const secret = secretOfEvent(state, event);
  if (secret === undefined) return {};
  const name = event.event ?? "";
  const revised = /-(remove|expired)$/.test(name);
  return {
    JUJU_SECRET_ID: `secret:${secret.id}`,
    JUJU_SECRET_LABEL: secret.label ?? "",
    ...(revised ? { JUJU_SECRET_REVISION: String(event.revision ?? revisionOf(secret, name)) } : {}),
  };
}

function storageVariables(input: WorldInput): Readonly<Record<string, string>> {
  const storage = storageOfEvent(input);
  if (storage === undefined) return {};
  const { id, kind, location } = storage;
  return { JUJU_STORAGE_ID: id, JUJU_STORAGE_KIND: kind, JUJU_STORAGE_LOCATION: location };
}
