/** What a fake model's engine holds, in the words of tests. */

import { statusText } from "../../charm/status.ts";
import type { Model, UnitReport } from "../../model/index.ts";
import type { DatabagsOf } from "./options.ts";

function shown({ status, message }: { readonly status: string; readonly message: string }): string {
  return statusText({ name: status, message });
}

/** Application → status and message. */
export function statuses(model: Model): Record<string, string> {
  const { applications } = model.status();
  return Object.fromEntries(Object.entries(applications).map(([app, report]) => [app, shown(report.status)]));
}

/** Status and message of a unit. */
export function unitStatus(model: Model, unit: string): string {
  const apps = Object.values(model.status().applications);
  const principals: [string, UnitReport][] = apps.flatMap(({ units = {} }) => Object.entries(units));
  const beside = principals.flatMap(([, report]) =>
    Object.entries((report["subordinates"] ?? {}) as Record<string, UnitReport>),
  );
  const report = [...principals, ...beside].find(([name]) => name === unit)?.[1];
  if (report !== undefined) return shown(report.workload);
  throw new TypeError(`Cannot find unit "${unit}": the model has none of that name`);
}

/** Names of an application's units, in order. */
export function unitNames(model: Model, app: string): readonly string[] {
  const units = Object.values(model.state.units).filter((unit) => unit.app === app);
  return units.sort((a, b) => a.ordinal - b.ordinal).map(({ name }) => name);
}

/** The relations of an endpoint (`auth:oauth`), in order of their ids. */
export function databags(model: Model, endpoint: string): readonly DatabagsOf[] {
  const [app, name] = endpoint.split(":");
  const relations = Object.values(model.state.relations).sort((a, b) => a.id - b.id);
  return relations.flatMap(({ id, endpoints, appData, unitData }) => {
    const own = endpoints.find((end) => end.app === app && end.endpoint === name);
    if (own === undefined) return [];
    const other = endpoints.find((end) => end !== own) ?? own;
    const localAppData = appData[own.app] ?? {};
    return [{ id, remoteApp: other.app, localAppData, remoteAppData: appData[other.app] ?? {}, unitData }];
  });
}

/** Secrets that an application and its units own: label → content of the latest revision, in plain text. */
export function secrets(model: Model, app: string): Record<string, Record<string, string>> {
  const all = Object.values(model.state.secrets);
  const owned = all.filter(({ owner }) => owner === app || owner.startsWith(`${app}/`));
  return Object.fromEntries(
    owned.map(({ label, content, latest }) => [label, decoded(content[latest] ?? {})]),
  );
}

function decoded(content: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(content);
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

/** Ports that a unit has open. */
export function openedPorts(model: Model, unit: string): readonly string[] {
  return Object.values(model.state.units[unit]?.ports ?? {})
    .flat()
    .sort();
}
