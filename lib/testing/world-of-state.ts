import { type CharmContract, endpointsOf } from "../charm/contract.ts";
import type { HookWorld, WorldHook, WorldNetwork, WorldRelation, WorldSecret } from "../model/world.ts";
import type { AnyEventInput } from "./event.ts";
import { worldSecrets } from "./secrets-of-state.ts";
import type { AnyState, NetworkState, StatusState } from "./state.ts";
import { type StorageInstance, toWorldStorage } from "./storage-of-state.ts";

/** The unit under test and its model. */
export interface Place {
  readonly unit: string;
  readonly app: string;
  readonly model: string;
  readonly uuid: string;
  readonly version: string;
}

const UUID = "8f2e1a34-55aa-4c1e-8d6a-000000000001";

/** A release of each family that may be named alone. */
const RELEASES: Readonly<Record<string, string>> = { "3.6": "3.6.28", "4.0": "4.0.15", "4.1": "4.1.0" };

export function placeOf(contract: CharmContract, state: AnyState): Place {
  const unit = state.unit ?? `${contract.name}/0`;
  const version = state.jujuVersion ?? "4.0";
  return {
    unit,
    app: unit.slice(0, unit.lastIndexOf("/")),
    model: state.model ?? "test",
    uuid: state.modelUuid ?? UUID,
    version: RELEASES[version] ?? version,
  };
}

/** What one hook over this state sees. */
export interface WorldInput {
  readonly contract: CharmContract;
  readonly state: AnyState;
  readonly event: AnyEventInput;
  readonly relations: readonly WorldRelation[];
  readonly place: Place;
  readonly storage: readonly StorageInstance[];
  /** Resource → path. */
  readonly resources: Readonly<Record<string, string>>;
}

/** A world that no model can change meanwhile: nothing in it is late. */
export interface StateWorld extends HookWorld {
  readonly secrets: readonly WorldSecret[];
}

export function worldOfState(input: WorldInput): StateWorld {
  const { contract, state, event, place } = input;
  return {
    model: { name: place.model, uuid: place.uuid, type: state.modelType === "machine" ? "iaas" : "caas" },
    unit: place.unit,
    ...(state.machine === undefined ? {} : { machine: state.machine }),
    ...(state.zone === undefined ? {} : { zone: state.zone }),
    ...(state.principal === undefined ? {} : { principal: state.principal }),
    leader: state.leader ?? false,
    config: configOf(contract, state),
    relations: relationsSeen(input),
    ...(event.action === undefined
      ? { hook: hookOf(input) }
      : { action: { name: event.action, id: "1", params: paramsOf(event) } }),
    "unit-status": statusOf(state.unitStatus),
    "app-status": statusOf(state.appStatus),
    "unit-statuses": Object.fromEntries(
      Object.entries(state.peerStatuses ?? {}).map(([number, status]) => [
        `${place.app}/${number}`,
        statusOf(status),
      ]),
    ),
    // Few hooks ask.
    "goal-state": () => goalState(input),
    networks: () => networksOf(contract, state),
    state: state.state ?? {},
    ports: { [place.unit]: { "": (state.openedPorts ?? []).map(portText) } },
    secrets: worldSecrets(input),
    storage: input.storage.map(toWorldStorage),
    resources: input.resources,
    ...(state.credential === undefined ? {} : { "cloud-spec": state.credential }),
    ...(state.workloadVersion === undefined ? {} : { "workload-version": state.workloadVersion }),
  };
}

/** Everybody has left a relation that breaks. */
function relationsSeen(input: WorldInput): readonly WorldRelation[] {
  const breaking = /-relation-broken$/.test(input.event.event ?? "") ? relationOfEvent(input) : undefined;
  if (breaking === undefined) return input.relations;
  return input.relations.map((relation) => (relation === breaking ? { ...relation, members: [] } : relation));
}

function statusOf({ name, message = "" }: StatusState = { name: "unknown" }) {
  return { status: name, message };
}

function configOf(contract: CharmContract, state: AnyState): HookWorld["config"] {
  const config: Record<string, string | number | boolean | null> = {};
  for (const [name, option] of Object.entries(contract.config ?? {}))
    config[name] = state.config?.[name] ?? (option.default as string | undefined) ?? null;
  return config;
}

/** Defaults of parameters are the charm's schema's to give. */
function paramsOf(event: AnyEventInput): Readonly<Record<string, unknown>> {
  return { ...(event.params as object | undefined), ...event.raw };
}

/** This unit, its peers, and as many more as are planned; and the other sides of all relations. */
function goalState({ contract, state, relations, place }: WorldInput) {
  const since = "2026-01-01 00:00:00Z";
  const units: Record<string, object> = { [place.unit]: { status: "active", since } };
  for (const [endpoint] of Object.entries(contract.peers ?? {})) {
    const given = [state.relations?.[endpoint] ?? {}].flat()[0]?.units;
    for (const member of relations.find((one) => one.endpoint === endpoint)?.members ?? []) {
      const number = Number(member.slice(member.lastIndexOf("/") + 1));
      const dying = typeof given === "object" && given[number]?.dying === true;
      units[member] = { status: dying ? "dying" : "active", since };
    }
  }
  const planned = state.plannedUnits ?? 0;
  const count = () =>
    Object.values(units).filter((unit) => !("status" in unit && unit.status === "dying")).length;
  for (let number = 0; count() < planned; number += 1)
    units[`${place.app}/${number}`] ??= { status: "waiting", since };
  if (planned === 0 && state.plannedUnits !== undefined) units[place.unit] = { status: "dying", since };
  const others: Record<string, Record<string, object>> = {};
  for (const relation of relations.filter(({ role }) => role !== "peer")) {
    const names = [relation["remote-app"], ...relation.members];
    const joined = Object.fromEntries(names.map((name) => [name, { status: "joined", since }]));
    others[relation.endpoint] = { ...others[relation.endpoint], ...joined };
  }
  return { units, relations: others };
}

export function portText(port: number | string): string {
  return typeof port === "number" ? `${port}/tcp` : port;
}

function networksOf(contract: CharmContract, state: AnyState): Readonly<Record<string, WorldNetwork>> {
  const networks: Record<string, WorldNetwork> = {};
  for (const name of bindingsOf(contract)) {
    const network = networkOf(state.networks?.[name] ?? {});
    if (network !== undefined) networks[name] = network;
  }
  return networks;
}

/** What `network-get` may be asked for. */
export function bindingsOf(contract: CharmContract): readonly string[] {
  return [...endpointsOf(contract).map(([name]) => name), ...(contract.extraBindings ?? []), "juju-info"];
}

function networkOf(given: NetworkState): WorldNetwork | undefined {
  if (given === "none") return undefined;
  const { bindAddress = "10.1.0.10", ingressAddress = "10.152.183.10", egressSubnets, interfaces } = given;
  const all = interfaces ?? { "": { addresses: [{ value: bindAddress }] } };
  return {
    "bind-addresses": Object.entries(all).map(([name, { macAddress = "", addresses }]) => ({
      "mac-address": macAddress,
      "interface-name": name,
      addresses: addresses.map(({ value, hostname = "", cidr = "" }) => ({ hostname, value, cidr })),
    })),
    "egress-subnets": egressSubnets ?? [`${ingressAddress}/32`],
    "ingress-addresses": [ingressAddress],
  };
}

/** The relation an event is about. */
export function relationOfEvent({
  event,
  relations,
}: Pick<WorldInput, "event" | "relations">): WorldRelation | undefined {
  const endpoint = /^(.+)-relation-/.exec(event.event ?? "")?.[1];
  if (endpoint === undefined) return undefined;
  const mine = relations.filter((relation) => relation.endpoint === endpoint);
  return event.relation === undefined ? mine[0] : mine.find(({ id }) => id === event.relation);
}

/** The remote unit of a relation event, as Juju would name one. */
export function remoteUnitOf(event: AnyEventInput, relation: WorldRelation): string | undefined {
  if (event.remoteUnit !== undefined) return event.remoteUnit;
  return /-relation-(joined|departed)$/.test(event.event ?? "") ? relation.members[0] : undefined;
}

/** The unit that departs: the remote one, unless the event says that it is this one. */
export function departingUnitOf(event: AnyEventInput, relation: WorldRelation): string | undefined {
  if (!/-relation-departed$/.test(event.event ?? "")) return undefined;
  return event.departingUnit ?? remoteUnitOf(event, relation);
}

/** The storage instance of a storage event. */
export function storageOfEvent({ event, storage }: Pick<WorldInput, "event" | "storage">) {
  const name = /^(.+)-storage-(?:attached|detaching)$/.exec(event.event ?? "")?.[1];
  const mine = storage.filter((instance) => instance.name === name);
  return event.storageId === undefined ? mine[0] : mine.find(({ id }) => id === event.storageId);
}

function hookOf(input: WorldInput): WorldHook {
  const { event } = input;
  const name = event.event ?? "";
  const kind = /-(relation-[a-z]+|pebble-[a-z-]+|storage-[a-z]+)$/.exec(name)?.[1] ?? name;
  const storage = storageOfEvent(input);
  if (storage !== undefined) return { kind, "storage-id": storage.id };
  const relation = relationOfEvent(input);
  if (relation === undefined) return { kind };
  const remoteUnit = remoteUnitOf(event, relation);
  const departing = departingUnitOf(event, relation);
  return {
    kind,
    "relation-id": relation.id,
    "remote-app": relation["remote-app"],
    ...(remoteUnit === undefined ? {} : { "remote-unit": remoteUnit }),
    ...(departing === undefined ? {} : { "departing-unit": departing }),
  };
}
