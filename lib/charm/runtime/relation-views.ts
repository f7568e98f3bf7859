import {
  type AnyDatabag,
  type Decoded,
  decode,
  encode,
  type RawDatabag,
  withoutJujuKeys,
} from "../databag.ts";
import { DatabagInvalidError } from "../errors.ts";
import type { EndpointDef } from "../interface.ts";
import type { Missing, OneOfMany, Peers, PeerUnit, Relation, Relations, RemoteUnit } from "../relation.ts";
import { type Issue, issueText } from "../schema.ts";
import { active, blocked, type Status, waiting, worst } from "../status.ts";
import type { Outbox } from "./outbox.ts";
import type { RelationSnapshot } from "./snapshot.ts";

type Data = unknown;
type AnyWriter = {
  readonly publish: (data: Data) => void;
  readonly withdraw: () => void;
  readonly publishUnit: (data: Data) => void;
  readonly withdrawUnit: () => void;
};
type AnyOne = OneOfMany<Data, Data, Data, Data> & AnyWriter;

/** One endpoint of the hook. */
export interface EndpointInput {
  readonly name: string;
  readonly definition: EndpointDef;
  readonly relations: readonly RelationSnapshot[];
  readonly leader: boolean;
  readonly unit: string;
  readonly outbox: Outbox;
}

/** What handlers see under `relations.<endpoint>`: peers, one relation, or many. */
export function endpointView(input: EndpointInput): unknown {
  const { definition, relations } = input;
  if (definition.role === "peer") return peersView(input);
  const views = relations.map((relation) => relationView(input, relation));
  return definition.options.limit === 1 ? (views[0] ?? missing(input)) : manyView(input, views);
}

function missing(input: EndpointInput): Relation<Data, Data, Data, Data> {
  const nothing = () => undefined;
  return {
    publish: nothing,
    withdraw: nothing,
    publishUnit: nothing,
    withdrawUnit: nothing,
    ...missingState(input),
  };
}

function missingState({ name, definition }: EndpointInput): Missing {
  const status = definition.options.optional
    ? active(`${name}: not related`)
    : blocked(`${name}: relation required`);
  return { state: "missing", status };
}

function manyView(
  input: EndpointInput,
  views: readonly AnyOne[],
): Relations<Data, Data, Data, Data> & AnyWriter {
  const each = (act: (view: AnyOne) => void) => {
    for (const view of views) act(view);
  };
  return {
    all: views,
    ready: views.filter((view) => view.state === "ready"),
    status: views.length === 0 ? missingState(input).status : worst(views.map(({ status }) => status)),
    publish: (data) => each((view) => view.publish(data)),
    withdraw: () => each((view) => view.withdraw()),
    publishUnit: (data) => each((view) => view.publishUnit(data)),
    withdrawUnit: () => each((view) => view.withdrawUnit()),
    [Symbol.iterator]: () => views[Symbol.iterator](),
  };
}

function relationView(input: EndpointInput, relation: RelationSnapshot): AnyOne {
  const { name, definition } = input;
  const { id, remoteApp } = relation;
  const { publish, withdraw, publishUnit, withdrawUnit } = writerOf(input, relation);
  const units = remoteUnits(definition.remote.unit, relation.remoteUnits);
  return {
    publish,
    withdraw,
    publishUnit,
    withdrawUnit,
    id,
    remoteApp,
    units,
    raw: relation.remoteAppData,
    published: relation.localAppData,
    ...stateOf(name, remoteApp, remoteState(definition, relation, units)),
  } as never;
}

/** The application databag decides; where the other side has none, its units; where it has neither, all is said. */
function remoteState(
  { remote }: EndpointDef,
  relation: RelationSnapshot,
  units: readonly RemoteUnit<Data>[],
): Decoded {
  if (remote.app !== undefined) return decode(remote.app, relation.remoteAppData);
  if (remote.unit === undefined || units.some(({ state }) => state === "ready"))
    return { state: "ready", data: {} };
  const wrong = units.find((unit) => unit.state === "invalid");
  return wrong?.state === "invalid" ? { state: "invalid", issues: wrong.issues } : { state: "pending" };
}

function stateOf(name: string, from: string, decoded: Decoded): object {
  const { state } = decoded;
  if (state === "pending")
    return { state, status: waiting(`${name}: waiting for ${from || "the other side"}`) };
  if (state === "ready") return { state, data: decoded.data, status: active() };
  const { issues } = decoded;
  return { state, issues, status: invalidStatus(name, from, issues) };
}

function invalidStatus(name: string, from: string, issues: readonly Issue[]): Status<"blocked"> {
  return blocked(`${name}: invalid data from ${from}: ${issueText(issues[0])}`);
}

function remoteUnits(
  bag: AnyDatabag | undefined,
  units: Readonly<Record<string, RawDatabag>>,
): RemoteUnit<Data>[] {
  const names = Object.keys(units).sort(byUnitNumber);
  return names.map((unit) => ({ unit, raw: units[unit] ?? {}, ...decodeUnit(bag, units[unit] ?? {}) }));
}

function decodeUnit(bag: AnyDatabag | undefined, raw: RawDatabag): Decoded {
  return bag === undefined ? { state: "ready", data: {} } : decode(bag, raw);
}

/** `web/2` before `web/10`. */
export function byUnitNumber(a: string, b: string): number {
  const [appA, appB] = [a.slice(0, a.lastIndexOf("/")), b.slice(0, b.lastIndexOf("/"))];
  if (appA !== appB) return appA < appB ? -1 : 1;
  return Number(a.slice(appA.length + 1)) - Number(b.slice(appB.length + 1));
}

/** What a relation says now: databags as read, unit databags without Juju's own keys. */
export function publishedOf(
  relations: readonly RelationSnapshot[],
  id: number,
  side: "app" | "unit",
): RawDatabag {
  const relation = relations.find((one) => one.id === id);
  if (relation === undefined) return {};
  return side === "app" ? relation.localAppData : withoutJujuKeys(relation.localUnitData);
}

/** Plain functions, safe to take out of their object. */
function writerOf({ name, definition, leader, outbox }: EndpointInput, { id }: RelationSnapshot): AnyWriter {
  const { app, unit } = definition.local;
  return {
    publish: (data) => {
      const raw = encodeFor(name, app, data);
      if (leader) outbox.publish(id, "app", raw);
    },
    withdraw: () => {
      if (leader && app !== undefined) outbox.publish(id, "app", {});
    },
    publishUnit: (data) => outbox.publish(id, "unit", encodeFor(name, unit, data)),
    withdrawUnit: () => {
      if (unit !== undefined) outbox.publish(id, "unit", {});
    },
  };
}

function encodeFor(endpoint: string, bag: AnyDatabag | undefined, data: Data): RawDatabag {
  if (bag === undefined)
    throw new TypeError(`Cannot publish on "${endpoint}": this side has no such databag`);
  try {
    return encode(bag, data);
  } catch (cause) {
    if (cause instanceof DatabagInvalidError)
      throw new DatabagInvalidError(cause.issues, endpoint, { cause });
    throw cause;
  }
}

function peersView(input: EndpointInput): Peers<Data, Data, Data, Data> & AnyWriter {
  const relation = input.relations[0];
  if (relation === undefined) {
    return { ...missing(input), state: "missing", status: active(), units: [] } as never;
  }
  const { definition, name, unit } = input;
  const own: PeerUnit<Data> = {
    unit,
    own: true,
    raw: relation.localUnitData,
    ...decodeUnit(definition.local.unit, relation.localUnitData),
  };
  const others = remoteUnits(definition.remote.unit, relation.remoteUnits).map((peer) => ({
    ...peer,
    own: false,
  }));
  const decoded: Decoded =
    definition.local.app === undefined
      ? { state: "ready", data: {} }
      : decode(definition.local.app, relation.localAppData);
  const { publish, withdraw, publishUnit, withdrawUnit } = writerOf(input, relation);
  return {
    publish,
    withdraw,
    publishUnit,
    withdrawUnit,
    id: relation.id,
    raw: relation.localAppData,
    units: [...others, own].sort((a, b) => byUnitNumber(a.unit, b.unit)),
    ...stateOf(name, "the leader", decoded),
  } as never;
}
