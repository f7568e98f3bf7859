import { type CharmContract, endpointsOf } from "../charm/contract.ts";
import { TYPE_OF } from "../charm/option.ts";
import type { WorldRelation } from "../model/world.ts";
import type { AnyEventInput, AnyState } from "./state.ts";

/** What the checks look at. */
export interface Checked {
  readonly contract: CharmContract;
  readonly state: AnyState;
  readonly event: AnyEventInput;
  readonly relations: readonly WorldRelation[];
}

const UNIT = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*\/(0|[1-9][0-9]*)$/;
const SECRET_ID = /^[0-9a-v]{20}$/;

/** States and events that Juju can never produce, one sentence each. */
export function inconsistencies(checked: Checked): readonly string[] {
  return [
    ...unknownNames(checked),
    ...configFaults(checked),
    ...relationFaults(checked),
    ...eventFaults(checked),
    ...secretFaults(checked),
  ];
}

function unknownNames({ contract, state }: Checked): readonly string[] {
  const endpoints = endpointsOf(contract).map(([name]) => name);
  const extra = (kind: string, given: object | undefined, known: readonly string[]) =>
    Object.keys(given ?? {})
      .filter((name) => !known.includes(name))
      .map((name) => `${kind} "${name}" is not declared`);
  return [
    ...extra("endpoint", state.relations, endpoints),
    ...extra("option", state.config, Object.keys(contract.config ?? {})),
    ...extra("container", state.containers, Object.keys(contract.containers ?? {})),
    ...extra("network of endpoint", state.networks, endpoints),
    ...extra("storage", state.storage, Object.keys(contract.storage ?? {})),
    ...extra("resource", state.resources, Object.keys(contract.resources ?? {})),
    ...(state.unit === undefined || UNIT.test(state.unit)
      ? []
      : [`unit "${state.unit}" is not a unit's name`]),
  ];
}

function configFaults({ contract, state }: Checked): readonly string[] {
  return Object.entries(state.config ?? {}).flatMap(([name, value]) => {
    const type = contract.config?.[name]?.type;
    if (type === undefined || value === undefined) return [];
    if (typeof value !== TYPE_OF[type]) return [`option "${name}" is of type ${type}, not ${typeof value}`];
    return type === "int" && !Number.isInteger(value) ? [`option "${name}" must be a whole number`] : [];
  });
}

function relationFaults({ contract, relations }: Checked): readonly string[] {
  const ids = relations.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  const over = endpointsOf(contract).flatMap(([name, { options }]) => {
    const count = relations.filter(({ endpoint }) => endpoint === name).length;
    return options.limit !== undefined && count > options.limit
      ? [`endpoint "${name}" has ${count} relations, its limit is ${options.limit}`]
      : [];
  });
  return [...twice.map((id) => `relation id ${id} is there twice`), ...over, ...ownUnitFaults(relations)];
}

function ownUnitFaults(relations: readonly WorldRelation[]): readonly string[] {
  return relations
    .filter(({ role, members, data }) => role === "peer" && members.length >= Object.keys(data).length - 1)
    .map(({ endpoint }) => `peers of "${endpoint}" must not name the unit itself`);
}

function eventFaults(checked: Checked): readonly string[] {
  const { contract, state, event } = checked;
  if (event.action !== undefined) {
    return contract.actions?.[event.action] === undefined ? [`action "${event.action}" is not declared`] : [];
  }
  const name = event.event ?? "";
  const [, endpoint] = /^(.+)-relation-(?:created|joined|changed|departed|broken)$/.exec(name) ?? [];
  if (endpoint !== undefined) return relationEventFaults(checked, name, endpoint);
  const [, container] = /^(.+)-pebble-(?:ready|custom-notice|check-failed|check-recovered)$/.exec(name) ?? [];
  if (container !== undefined) return pebbleEventFaults(checked, name, container);
  if (name === "leader-elected" && !state.leader) return ["leader-elected comes to the leader only"];
  if (/^secret-/.test(name) && (state.secrets ?? []).length === 0) return [`${name} needs a secret`];
  return [];
}

function relationEventFaults(
  { event, relations }: Checked,
  name: string,
  endpoint: string,
): readonly string[] {
  const mine = relations.filter((relation) => relation.endpoint === endpoint);
  const relation = event.relation === undefined ? mine[0] : mine.find(({ id }) => id === event.relation);
  if (relation === undefined) return [`${name} needs a relation of "${endpoint}"`];
  const needsUnit = /-(joined|departed)$/.test(name);
  if (needsUnit && event.remoteUnit === undefined && relation.members.length === 0)
    return [`${name} needs a remote unit`];
  const known = event.remoteUnit === undefined || event.remoteUnit.startsWith(`${relation["remote-app"]}/`);
  return known ? [] : [`unit "${event.remoteUnit}" is not one of "${relation["remote-app"]}"`];
}

function pebbleEventFaults(
  { contract, state, event }: Checked,
  name: string,
  container: string,
): readonly string[] {
  if (contract.containers?.[container] === undefined) return [`container "${container}" is not declared`];
  return [
    ...(state.containers?.[container]?.canConnect === false
      ? [`${name} needs a container that answers`]
      : []),
    ...(name.includes("-check-") && event.check === undefined ? [`${name} needs a check`] : []),
    ...(name.endsWith("-notice") && event.notice === undefined ? [`${name} needs a notice`] : []),
  ];
}

function secretFaults({ state, event }: Checked): readonly string[] {
  const secrets = state.secrets ?? [];
  const labels = secrets.map(({ label, owner }) => (label === undefined ? undefined : `${owner} ${label}`));
  const twice = labels.filter((label, index) => label !== undefined && labels.indexOf(label) !== index);
  const owned = secrets.find(({ label, id }) => [label, id].includes(event.secret)) ?? secrets[0];
  const ownersOnly = ["secret-rotate", "secret-remove", "secret-expired"].includes(event.event ?? "");
  return [
    ...secrets.flatMap(({ id }) =>
      id === undefined || SECRET_ID.test(id) ? [] : [`secret id "${id}" is not 20 of 0-9, a-v`],
    ),
    ...secrets.flatMap(({ content }) =>
      Object.keys(content).length > 0 ? [] : ["a secret must have content"],
    ),
    ...twice.map((label) => `secret label "${label?.split(" ")[1]}" is there twice`),
    ...(ownersOnly && owned !== undefined && (owned.owner ?? "other") === "other"
      ? [`${event.event} comes to the secret's owner only`]
      : []),
  ];
}
