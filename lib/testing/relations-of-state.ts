import { type CharmContract, endpointsOf } from "../charm/contract.ts";
import { type AnyDatabag, encode, type RawDatabag } from "../charm/databag.ts";
import type { EndpointDef } from "../charm/interface.ts";
import type { WorldRelation } from "../model/world.ts";
import type { AnyRelationState, AnyState } from "./state.ts";

/** The relations of a state as the model would hold them. Peer relations exist without being mentioned. */
export function relationsOfState(
  contract: CharmContract,
  state: AnyState,
  unit: string,
): readonly WorldRelation[] {
  const listed = endpointsOf(contract).flatMap(([name, definition]) => {
    const given = state.relations?.[name] ?? (definition.role === "peer" ? {} : []);
    const all = (Array.isArray(given) ? given : [given]) as readonly AnyRelationState[];
    return all.map((relation) => ({ name, definition, relation }));
  });
  const used = new Set(listed.map(({ relation }) => relation.id));
  let next = 0;
  const free = (): number => {
    next += 1;
    return used.has(next) ? free() : next;
  };
  return listed.map(({ name, definition, relation }) =>
    toWorld({ name, definition, relation, unit, id: relation.id ?? free() }),
  );
}

interface Listed {
  readonly name: string;
  readonly definition: EndpointDef;
  readonly relation: AnyRelationState;
  readonly unit: string;
  readonly id: number;
}

function toWorld({ name, definition, relation, unit, id }: Listed): WorldRelation {
  const app = unit.slice(0, unit.lastIndexOf("/"));
  const peer = definition.role === "peer";
  const remoteApp = peer ? app : (relation.remoteApp ?? `remote-${name}`);
  const { local, remote } = definition;
  const units = remoteUnits(relation, remoteApp, peer ? 0 : 1).map(([unitName, bag]) => [
    unitName,
    bag.raw ?? encoded(remote.unit, bag.data),
  ]);
  const data: Record<string, RawDatabag> = {
    ...Object.fromEntries(units),
    ...(peer ? {} : { [remoteApp]: relation.remoteAppRaw ?? encoded(remote.app, relation.remoteAppData) }),
    [app]: relation.localAppRaw ?? encoded(local.app, relation.localAppData),
    [unit]: relation.localUnitRaw ?? encoded(local.unit, relation.localUnitData),
  };
  return {
    id,
    key: keyOf(name, definition, app, `${remoteApp}:remote${id}`),
    endpoint: name,
    role: definition.role,
    interface: definition.interface,
    "remote-app": remoteApp,
    members: units.map(([unitName]) => unitName as string).sort(),
    data,
  };
}

function remoteUnits(relation: AnyRelationState, app: string, fallback: number) {
  const { units = fallback } = relation;
  if (typeof units !== "number")
    return Object.entries(units).map(([number, bag]) => [`${app}/${number}`, bag] as const);
  return Array.from({ length: units }, (_none, number) => [`${app}/${number}`, {}] as [string, UnitBag]);
}

interface UnitBag {
  readonly data?: unknown;
  readonly raw?: RawDatabag;
}

function encoded(bag: AnyDatabag | undefined, data: unknown): RawDatabag {
  return bag === undefined || data === undefined ? {} : encode(bag, data);
}

/** The far endpoint gets a name of its own: two applications may share several relations. */
function keyOf(name: string, { role }: EndpointDef, app: string, theirs: string): string {
  if (role === "peer") return `${app}:${name}`;
  const mine = `${app}:${name}`;
  return role === "requirer" ? `${mine} ${theirs}` : `${theirs} ${mine}`;
}
