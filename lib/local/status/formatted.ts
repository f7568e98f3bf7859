import { type Field, type GoValue, Struct } from "../../model/hook-context/go/value.ts";
import type {
  ApplicationReport,
  ModelReport,
  RelationReport,
  StatusValue,
  UnitReport,
} from "../../model/status.ts";
import { naturally } from "./natural-order.ts";
import type { MachineReport, OfferReport, SaasReport, StorageReport } from "./shapes.ts";
import { storageFields } from "./storage-fields.ts";
import { sinceText, timestampText } from "./times.ts";

/** How times are written, and which Juju writes. */
export interface FormatOptions {
  readonly utc?: boolean;
}

type Value = GoValue | undefined;

/** A record without the fields that have nothing to say. */
export function struct(fields: Readonly<Record<string, Value>>): Struct {
  return new Struct(
    Object.entries(fields).filter((field): field is [string, GoValue] => field[1] !== undefined) as Field[],
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function truth(value: unknown): true | undefined {
  return value === true ? true : undefined;
}

/** A map, left out when it is empty. */
function some(map: ReadonlyMap<string, GoValue>): GoValue | undefined {
  return map.size > 0 ? map : undefined;
}

function list(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
}

function mapped<T>(
  record: Readonly<Record<string, T>> | undefined,
  make: (value: T, name: string) => GoValue,
) {
  return new Map(naturally(record).map(([name, value]) => [name, make(value, name)] as const));
}

/** `current`, `message`, `since` and what else an entity's status says. */
export function statusFields(
  status: StatusValue | undefined,
  utc: boolean,
  more: Record<string, Value> = {},
): Struct {
  if (!status) return struct({});
  return struct({
    current: text(status.status),
    message: text(status.message),
    ...more,
    since: status.since === "" ? undefined : sinceText(status.since, utc),
  });
}

function baseFields(base: unknown): Struct | undefined {
  const [name, channel] = typeof base === "string" ? base.split("@") : [];
  return name && channel ? struct({ name, channel }) : undefined;
}

/** 4.x says of every application that it is alive; 3.6 only that it is not. */
function lifeOf(report: ModelReport, status: StatusValue): string | undefined {
  return status.life ?? (report.model.version.startsWith("4.") ? "alive" : undefined);
}

function modelFields({ model }: ModelReport, utc: boolean): Struct {
  const reason = text(model.status.data?.["reason"]);
  return struct({
    name: model.name,
    type: model.type === "k8s" ? "caas" : "iaas",
    controller: model.controller,
    cloud: model.cloud,
    region: text(model.region),
    version: model.version,
    "upgrade-available": text(model["upgrade_available"]),
    "model-status": statusFields(model.status, utc, { reason }),
  });
}

function machineFields(machine: MachineReport, utc: boolean): Struct {
  const { agent, instance } = machine;
  const idle: StatusValue = { status: "idle", message: "", since: instance.since };
  return struct({
    "juju-status": withVersion(agent, utc),
    hostname: text(machine.hostname),
    "dns-name": text(machine.dns),
    "ip-addresses": list(machine.ips),
    "instance-id": text(machine["instance-id"]),
    "display-name": text(machine.display),
    "machine-status": statusFields(instance, utc),
    "modification-status": statusFields(idle, utc),
    base: baseFields(machine.base),
    containers: some(mapped(machine.containers, (inner) => machineFields(inner, utc))),
    constraints: text(machine.constraints),
    hardware: text(machine.hardware),
  });
}

function withVersion(status: StatusValue & { readonly version?: string }, utc: boolean): Struct {
  const fields = statusFields(status, utc).yaml;
  const version = text(status.version);
  const rest: Field[] = [
    ...(version ? [["version", version] as const] : []),
    ...(status.life ? [["life", status.life] as const] : []),
  ];
  return new Struct([...fields, ...rest]);
}

function unitFields(unit: UnitReport, utc: boolean): Struct {
  return struct({
    "workload-status": statusFields(unit.workload, utc),
    "juju-status": withVersion(unit.agent, utc),
    leader: truth(unit.leader),
    "upgrading-from": text(unit["upgrading_from"]),
    machine: text(unit["machine"]),
    "open-ports": list(unit.ports),
    "public-address": text(unit["public"]),
    address: text(unit.address),
    "provider-id": text(unit["provider_id"]) ?? text(unit["provider-id"]),
    subordinates: some(mapped(subordinatesOf(unit), (inner) => unitFields(inner, utc))),
  });
}

/** Units of subordinate charms that live with this one. */
export function subordinatesOf(unit: UnitReport): Readonly<Record<string, UnitReport>> {
  return (unit["subordinates"] ?? {}) as Readonly<Record<string, UnitReport>>;
}

function relationOf(
  relations: readonly RelationReport[],
  ends: readonly [app: string, endpoint: string, other: string],
) {
  const [app, endpoint, other] = ends;
  return relations.find(
    ({ endpoints }) =>
      endpoints.some(([a, e]) => a === app && e === endpoint) && endpoints.some(([a]) => a === other),
  );
}

function relationLists(report: ModelReport, name: string, app: ApplicationReport): GoValue | undefined {
  const lists = mapped(app.relations, (others, endpoint) =>
    [...others].sort().map((other) => {
      const relation = relationOf(report.relations ?? [], [name, endpoint, other]);
      const scope = text(relation?.["scope"]) ?? "global";
      return struct({ "related-application": other, interface: relation?.interface ?? "", scope });
    }),
  );
  return some(lists);
}

function applicationFields(report: ModelReport, name: string, utc: boolean): Struct {
  const app = report.applications[name] as ApplicationReport;
  const local = app.origin === "local";
  const bindings = app["bindings"] as Record<string, string> | undefined;
  return struct({
    charm: local ? `local:${app.charm}-${app.revision}` : app.charm,
    base: baseFields(app.base),
    "charm-origin": local ? "local" : "charmhub",
    "charm-name": app.charm,
    "charm-rev": app.revision,
    "charm-channel": text(app.channel),
    "charm-version": text(app["charm_version"]),
    "can-upgrade-to": text(app["upgrade"]),
    scale: report.model.type === "k8s" && app.scale > 0 ? BigInt(app.scale) : undefined,
    "provider-id": text(app["provider_id"]),
    address: text(app.address),
    exposed: app.exposed === true,
    life: lifeOf(report, app.status),
    "application-status": statusFields(app.status, utc),
    relations: relationLists(report, name, app),
    "subordinate-to": list(app["subordinate_to"]),
    units: some(mapped(app.units, (unit) => unitFields(unit, utc))),
    version: text(app.version),
    "endpoint-bindings": some(mapped(bindings, String)),
  });
}

function endpointMap(endpoints: OfferReport["endpoints"]): GoValue {
  return mapped(endpoints, (end) => struct({ interface: end.interface, role: end.role }));
}

function saasFields(saas: SaasReport, utc: boolean): Struct {
  const relations = mapped(saas.relations, (apps) => [...apps]);
  return struct({
    url: saas.url,
    endpoints: endpointMap(saas.endpoints),
    "application-status": statusFields(saas.status, utc),
    relations: some(relations),
  });
}

function offerFields(offer: OfferReport): Struct {
  return struct({
    application: offer.application,
    charm: text(offer.charm),
    "total-connected-count": offer.total ? BigInt(offer.total) : undefined,
    "active-connected-count": offer.active ? BigInt(offer.active) : undefined,
    endpoints: endpointMap(offer.endpoints),
  });
}

/** The whole status as `--format yaml` and `--format json` show it, in Juju's order of fields. */
export function formattedStatus(report: ModelReport, options: FormatOptions = {}): Struct {
  const utc = options.utc === true;
  const { timestamp } = report.model;
  const machines = report["machines"] as Readonly<Record<string, MachineReport>> | undefined;
  const saas = report["saas"] as Readonly<Record<string, SaasReport>> | undefined;
  const offers = report["offers"] as Readonly<Record<string, OfferReport>> | undefined;
  return struct({
    model: modelFields(report, utc),
    machines: mapped(machines, (machine) => machineFields(machine, utc)),
    applications: mapped(report.applications ?? {}, (_, name) => applicationFields(report, name, utc)),
    "application-endpoints": some(mapped(saas, (one) => saasFields(one, utc))),
    offers: some(mapped(offers, offerFields)),
    storage: storageFields((report.storage ?? []) as readonly StorageReport[]),
    controller: timestamp ? struct({ timestamp: timestampText(timestamp, utc) }) : undefined,
  });
}
