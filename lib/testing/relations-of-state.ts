import { type CharmContract, endpointsOf } from "../charm/contract.ts";
import { type AnyDatabag, encode, type RawDatabag } from "../charm/databag.ts";
import { DatabagInvalidError } from "../charm/errors.ts";
import type { EndpointDef } from "../charm/interface.ts";
import type { WorldRelation } from "../model/world.ts";
import type { AnyEventInput } from "./event.ts";
import type { Report } from "./fault.ts";
import type { AnyRelationState, AnyState, AnyUnitState } from "./state.ts";
import type { Place } from "./world-of-state.ts";

/** One relation of a state, and where in it. */
export interface ListedRelation {
  readonly endpoint: string;
  readonly definition: EndpointDef;
  readonly given: AnyRelationState;
  /** `relations.oauth[0]`. */
  readonly path: string;
}

/** The relations of a state in the order they are written. Peer relations exist without being mentioned. */
export function listRelations(contract: CharmContract, state: AnyState): readonly ListedRelation[] {
  return endpointsOf(contract).flatMap(([endpoint, definition]) => {
    const given = state.relations?.[endpoint] ?? (definition.role === "peer" ? {} : []);
    const isList = Array.isArray(given);
    const all = (isList ? given : [given]) as readonly AnyRelationState[];
    return all.map((relation, index) => {
      const path = `relations.${endpoint}${isList ? `[${index}]` : ""}`;
      return { endpoint, definition, given: relation, path };
    });
  });
}

/** What relations are made from. */
export interface RelationsInput {
  readonly listed: readonly ListedRelation[];
  readonly event: AnyEventInput;
  readonly place: Place;
  /** Told of data that the interface does not allow. */
  readonly report: Report;
}

/** The relations of a state as the model would hold them, in the order they are listed. */
export function relationsOfState(input: RelationsInput): readonly WorldRelation[] {
  const used = new Set(input.listed.map(({ given }) => given.id));
  let next = 0;
  const free = (): number => {
    next += 1;
    return used.has(next) ? free() : next;
  };
  return input.listed.map((listed) => toWorld(listed, listed.given.id ?? free(), input));
}

function toWorld(listed: ListedRelation, id: number, input: RelationsInput): WorldRelation {
  const { endpoint, definition, given, path } = listed;
  const { unit, app } = input.place;
  const peer = definition.role === "peer";
  const remoteApp = peer ? app : (given.remoteApp ?? `remote-${endpoint}`);
  const { local, remote } = definition;
  const text = (bag: AnyDatabag | undefined, side: string, value: Said) =>
    databagOf(bag, value, (where, rule) =>
      input.report(`${path}.${side}${side.endsWith(".") ? lowered(where) : where}`, rule),
    );
  const data: Record<string, RawDatabag> = {};
  const members: string[] = [];
  for (const [number, bag] of unitsOf(given, defaultUnits(definition, listed, input))) {
    const name = `${remoteApp}/${number}`;
    members.push(name);
    data[name] = { ...addresses(input.place, number), ...text(remote.unit, `units[${number}].`, bag) };
  }
  for (const [number, bag] of Object.entries(given.siblings ?? {}))
    data[`${app}/${number}`] = text(local.unit, `siblings[${number}].`, bag);
  if (!peer)
    data[remoteApp] = text(remote.app, "remoteApp", { data: given.remoteAppData, raw: given.remoteAppRaw });
  data[app] = text(local.app, "localApp", { data: given.localAppData, raw: given.localAppRaw });
  data[unit] = {
    ...addresses(input.place, numberOf(unit)),
    ...text(local.unit, "localUnit", { data: given.localUnitData, raw: given.localUnitRaw }),
  };
  return {
    id,
    key: keyOf(endpoint, definition, app, `${remoteApp}:remote${id}`),
    endpoint,
    role: definition.role,
    interface: definition.interface,
    "remote-app": remoteApp,
    ...(given.remoteModelUuid === undefined ? {} : { "remote-model-uuid": given.remoteModelUuid }),
    members: members.sort(),
    data,
  };
}

/** Nobody has joined a relation that is just created, and whose end is told has been left by everybody. */
function defaultUnits(
  definition: EndpointDef,
  listed: ListedRelation,
  { event, listed: all }: RelationsInput,
) {
  if (definition.role === "peer") return 0;
  const [, endpoint] = /^(.+)-relation-(?:created|broken)$/.exec(event.event ?? "") ?? [];
  if (endpoint !== listed.endpoint) return 1;
  const first = all.find((one) => one.endpoint === endpoint);
  const meant = event.relation === undefined ? listed === first : listed.given.id === event.relation;
  return meant ? 0 : 1;
}

function unitsOf(relation: AnyRelationState, fallback: number): readonly (readonly [number, AnyUnitState])[] {
  const { units = fallback } = relation;
  if (typeof units !== "number")
    return Object.entries(units).map(([number, bag]) => [Number(number), bag] as const);
  return Array.from({ length: units }, (_none, number) => [number, {}] as const);
}

function numberOf(unit: string): number {
  return Number(unit.slice(unit.lastIndexOf("/") + 1));
}

/** What Juju itself writes into every unit's databag; 4.x has no `private-address`. */
function addresses({ version }: Place, number: number): RawDatabag {
  const address = `10.1.0.${10 + (number % 200)}`;
  const keys = { "egress-subnets": `${address}/32`, "ingress-address": address };
  return version.startsWith("3.") ? { ...keys, "private-address": address } : keys;
}

/** One databag: as a value or as text. */
interface Said {
  readonly data?: unknown;
  readonly raw?: RawDatabag | undefined;
}

function databagOf(bag: AnyDatabag | undefined, { data, raw }: Said, report: Report): RawDatabag {
  if (data === undefined) return raw ?? {};
  if (raw !== undefined) report("Raw", "must not be there beside data");
  if (bag === undefined) {
    report("Data", "this side of the interface has no such databag");
    return {};
  }
  try {
    return encode(bag, data);
  } catch (error) {
    if (!(error instanceof DatabagInvalidError)) throw error;
    for (const { path, message } of error.issues) report(["Data", ...path].join("."), message);
    return {};
  }
}

/** The far endpoint gets a name of its own: two applications may share several relations. */
function keyOf(name: string, { role }: EndpointDef, app: string, theirs: string): string {
  if (role === "peer") return `${app}:${name}`;
  const mine = `${app}:${name}`;
  return role === "requirer" ? `${mine} ${theirs}` : `${theirs} ${mine}`;
}

/** `units[0].data`, where an application has `remoteAppData`. */
function lowered(where: string): string {
  return where.charAt(0).toLowerCase() + where.slice(1);
}
