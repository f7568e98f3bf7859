import { type CharmContract, endpointsOf } from "../charm/contract.ts";
import type { HookWorld, WorldHook, WorldNetwork, WorldRelation, WorldSecret } from "../model/world.ts";
import type { AnyEventInput, AnyState, SecretState } from "./state.ts";

/** The unit under test and its model. */
export interface Place {
  readonly unit: string;
  readonly app: string;
  readonly model: string;
  readonly uuid: string;
  readonly version: string;
}

const UUID = "8f2e1a34-55aa-4c1e-8d6a-000000000001";

export function placeOf(contract: CharmContract, state: AnyState): Place {
  const unit = state.unit ?? `${contract.name}/0`;
  return {
    unit,
    app: unit.slice(0, unit.lastIndexOf("/")),
    model: state.model ?? "test",
    uuid: UUID,
    version: state.jujuVersion ?? "4.0.15",
  };
}

/** What one hook over this state sees. */
export interface WorldInput {
  readonly contract: CharmContract;
  readonly state: AnyState;
  readonly event: AnyEventInput;
  readonly relations: readonly WorldRelation[];
  readonly place: Place;
}

export function worldOfState(input: WorldInput): HookWorld {
  const { contract, state, event, relations, place } = input;
  const { name, uuid } = { name: place.model, uuid: place.uuid };
  return {
    model: { name, uuid, type: "caas" },
    unit: place.unit,
    leader: state.leader ?? false,
    config: configOf(contract, state),
    relations,
    ...(event.action === undefined
      ? { hook: hookOf(input) }
      : { action: { name: event.action, id: "1", params: paramsOf(contract, event) } }),
    "unit-status": { status: "unknown", message: "" },
    "goal-state": { units: plannedUnits(place.app, state.plannedUnits ?? 1), relations: {} },
    networks: networksOf(contract, state),
    state: state.state ?? {},
    ports: { [place.unit]: { "": (state.openedPorts ?? []).map(portText) } },
    secrets: secretsOf(state, place),
    storage: storageOf(contract, state),
    resources: Object.fromEntries(Object.entries(state.resources ?? {})),
  };
}

function configOf(contract: CharmContract, state: AnyState): HookWorld["config"] {
  const options = Object.entries(contract.config ?? {});
  return Object.fromEntries(
    options.map(([name, option]) => [
      name,
      state.config?.[name] ?? (option.default as string | undefined) ?? null,
    ]),
  );
}

/** Juju inserts the schema's defaults before the action runs; the charm's schema does it here. */
function paramsOf(_contract: CharmContract, event: AnyEventInput): Readonly<Record<string, unknown>> {
  return { ...(event.params as object | undefined), ...event.raw };
}

function plannedUnits(app: string, count: number) {
  const units = Array.from({ length: count }, (_none, number) => [
    `${app}/${number}`,
    { status: "active", since: "2026-01-01 00:00:00Z" },
  ]);
  return Object.fromEntries(units);
}

function portText(port: number | string): string {
  return typeof port === "number" ? `${port}/tcp` : port;
}

function networksOf(contract: CharmContract, state: AnyState): Readonly<Record<string, WorldNetwork>> {
  return Object.fromEntries(
    endpointsOf(contract).map(([name]) => {
      const {
        bindAddress = "10.1.0.10",
        ingressAddress = "10.152.183.10",
        egressSubnets,
      } = state.networks?.[name] ?? {};
      const addresses = [{ hostname: "", value: bindAddress, cidr: "" }];
      return [
        name,
        {
          "bind-addresses": [{ "mac-address": "", "interface-name": "", addresses }],
          "egress-subnets": egressSubnets ?? [`${ingressAddress}/32`],
          "ingress-addresses": [ingressAddress],
        },
      ];
    }),
  );
}

function storageOf(contract: CharmContract, state: AnyState): NonNullable<HookWorld["storage"]> {
  let next = 0;
  return Object.entries(state.storage ?? {}).flatMap(([name, locations]) => {
    const kind = contract.storage?.[name]?.type ?? "filesystem";
    return locations.map((location) => ({ id: `${name}/${next++}`, kind, location }));
  });
}

/** Ids of secrets that a state does not name: their place, 20 digits. */
export function secretIdOf(secret: SecretState, index: number): string {
  return secret.id ?? String(index + 1).padStart(20, "0");
}

function secretsOf(state: AnyState, place: Place): readonly WorldSecret[] {
  return (state.secrets ?? []).map((secret, index) => secretOf(secret, secretIdOf(secret, index), place));
}

function secretOf(secret: SecretState, id: string, place: Place): WorldSecret {
  const { owner = "other", label = "", content, latest, granted = true } = secret;
  const own = owner !== "other";
  const tag =
    owner === "app"
      ? `application-${place.app}`
      : owner === "unit"
        ? `unit-${place.unit.replace("/", "-")}`
        : "";
  return {
    id,
    owner: tag,
    label: own ? label : "",
    ...(own ? {} : { "consumer-label": label }),
    ...(secret.description === undefined ? {} : { description: secret.description }),
    ...(secret.rotate === undefined ? {} : { rotate: secret.rotate }),
    revision: latest === undefined ? 1 : 2,
    readable: granted,
    content: { "1": base64(content), ...(latest === undefined ? {} : { "2": base64(latest) }) },
    tracked: 1,
    access: [],
  };
}

/** A secret's content as Juju stores it. */
function base64(content: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
}

/** The relation an event is about. */
export function relationOfEvent({
  event,
  relations,
}: Pick<WorldInput, "event" | "relations">): WorldRelation | undefined {
  const endpoint = /^(.+)-relation-/.exec(event.event ?? "")?.[1];
  const mine = relations.filter((relation) => relation.endpoint === endpoint);
  return event.relation === undefined ? mine[0] : mine.find(({ id }) => id === event.relation);
}

/** The remote unit of a relation event, as Juju would name one. */
export function remoteUnitOf(event: AnyEventInput, relation: WorldRelation): string | undefined {
  if (event.remoteUnit !== undefined) return event.remoteUnit;
  return /-relation-(joined|departed)$/.test(event.event ?? "") ? relation.members[0] : undefined;
}

function hookOf(input: WorldInput): WorldHook {
  const name = input.event.event ?? "";
  const relation = relationOfEvent(input);
  const kind = /-(relation-[a-z]+|pebble-[a-z-]+|storage-[a-z]+)$/.exec(name)?.[1] ?? name;
  if (relation === undefined) return { kind };
  const remoteUnit = remoteUnitOf(input.event, relation);
  return {
    kind,
    "relation-id": relation.id,
    "remote-app": relation["remote-app"],
    ...(remoteUnit === undefined ? {} : { "remote-unit": remoteUnit }),
    ...(input.event.departingUnit === undefined ? {} : { "departing-unit": input.event.departingUnit }),
  };
}
