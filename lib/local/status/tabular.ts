import type { ApplicationReport, ModelReport, RelationReport, UnitReport } from "../../model/status.ts";
import { subordinatesOf } from "./formatted.ts";
import { naturally } from "./natural-order.ts";
import { portsCell } from "./ports.ts";
import type { MachineReport, OfferReport, SaasReport, StorageReport } from "./shapes.ts";
import { storageTable } from "./storage-table.ts";
import { type Cell, table } from "./table.ts";
import { timestampText } from "./times.ts";
import { versionCell } from "./version-cell.ts";

/** What `juju status` shows beside the model, its applications and units. */
export interface TabularOptions {
  readonly relations?: boolean;
  readonly storage?: boolean;
  readonly utc?: boolean;
  /** Version of the client; 4.1 heads relations otherwise than those before it. Default: the model's. */
  readonly juju?: string;
}

type Row = readonly Cell[];

/**
 * The table that `juju status` prints: sections with a blank line between them.
 *
 * @see Juju: juju status
 */
export function tabularStatus(report: ModelReport, options: TabularOptions = {}): string {
  const sections = [
    modelRows(report, options.utc === true),
    saasRows(report),
    applicationRows(report),
    unitRows(report),
    machineRows(report),
    offerRows(report),
    options.relations ? relationRows(report, options.juju ?? report.model.version) : [],
  ].filter((rows) => rows.length > 0);
  const storage = (report.storage ?? []) as readonly StorageReport[];
  const tables = sections.map(table);
  if (options.storage && storage.length > 0) tables.push(storageTable(storage));
  return tables.join("\n");
}

function modelRows({ model }: ModelReport, utc: boolean): Row[] {
  const { timestamp } = model;
  const upgrade = model["upgrade_available"];
  const notes = model.status.message || (upgrade ? `upgrade available: ${upgrade}` : "");
  const region = model.region === "" ? "" : `/${model.region}`;
  const cells: [string, string][] = [
    ["Model", model.name],
    ["Controller", model.controller],
    ["Cloud/Region", `${model.cloud}${region}`],
    ["Version", model.version],
    ...(timestamp ? [["Timestamp", timestampText(timestamp, utc)] as [string, string]] : []),
    ...(notes ? [["Notes", notes] as [string, string]] : []),
  ];
  // The version is written with a column after it, be it there or not.
  const tail = cells.length === 4 ? [""] : [];
  return [cells.map(([head]) => head), [...cells.map(([, value]) => value), ...tail]];
}

function saasRows(report: ModelReport): Row[] {
  const saas = naturally(report["saas"] as Readonly<Record<string, SaasReport>> | undefined);
  if (saas.length === 0) return [];
  const rows = saas.map(([name, { url, status }]) => {
    const [, store = "local", rest = url] = /^(?:([^:]+):)?(.*)$/.exec(url) ?? [];
    return [name, status.status, store, rest];
  });
  return [["SAAS", "Status", "Store", "URL"], ...rows];
}

/** Longer messages are cut. */
function messageCell(message: string): string {
  return message.length > 120 ? `${message.slice(0, 117)}...` : message;
}

function isUp(unit: UnitReport): boolean {
  return (
    ["executing", "idle", "running"].includes(unit.agent.status) && unit.workload.status !== "terminated"
  );
}

/** Units of the application, on machines also those that live with another one. */
function unitsOf(report: ModelReport, name: string): UnitReport[] {
  const inner = Object.values(report.applications).flatMap((app) =>
    Object.values(app.units ?? {}).flatMap((unit) => Object.entries(subordinatesOf(unit))),
  );
  const own = Object.values(report.applications[name]?.units ?? {});
  return [...own, ...inner.filter(([unit]) => unit.startsWith(`${name}/`)).map(([, unit]) => unit)];
}

function scaleCell(report: ModelReport, name: string, app: ApplicationReport): string {
  const units = unitsOf(report, name);
  const current = units.filter(isUp).length;
  const wanted = report.model.type === "k8s" ? app.scale : units.length;
  return current === wanted ? `${current}` : `${current}/${wanted}`;
}

function applicationRows(report: ModelReport): Row[] {
  const apps = naturally(report.applications);
  if (apps.length === 0) return [];
  const k8s = report.model.type === "k8s";
  const address = k8s ? ["Address"] : [];
  const head: Row = [
    ...["App", "Version", "Status"],
    { right: "Scale" },
    ...["Charm", "Channel"],
    { right: "Rev" },
    ...address,
    ...["Exposed", "Message"],
  ];
  const rows = apps.map(
    ([name, app]): Row => [
      name,
      versionCell(app.version ?? "", report.model.type),
      app.status.status,
      { right: scaleCell(report, name, app) },
      app.charm,
      app.channel,
      { right: String(app.revision) },
      ...(k8s ? [app.address ?? ""] : []),
      app.exposed ? "yes" : "no",
      messageCell(app.status.message),
    ],
  );
  return [head, ...rows];
}

const running =
  /^running action (\S+)|^running (?:action )?(install|start|config-changed|leader-elected|leader-deposed|leader-settings-changed|upgrade-charm|update-status|stop|remove|collect-metrics|meter-status-changed|pre-series-upgrade|post-series-upgrade) hook/;

function unitMessage({ workload, agent }: UnitReport): string {
  if (agent.status === "executing") {
    const match = running.exec(agent.message);
    const name = match?.[1] ?? match?.[2];
    if (name !== undefined) return `(${name}) ${workload.message}`;
  }
  if (agent.status === "allocating" && workload.message === "") return agent.message;
  return workload.message;
}

function unitRow(report: ModelReport, name: string, unit: UnitReport): Row {
  const place =
    report.model.type === "k8s"
      ? [unit.address ?? ""]
      : [String(unit["machine"] ?? ""), String(unit["public"] ?? "")];
  return [
    `${name}${unit.leader ? "*" : ""}`,
    unit.workload.status,
    unit.agent.status,
    ...place,
    portsCell(unit.ports ?? []),
    messageCell(unitMessage(unit)),
  ];
}

function unitRows(report: ModelReport): Row[] {
  const all = Object.assign({}, ...Object.values(report.applications ?? {}).map(({ units }) => units ?? {}));
  const units = naturally(all as Readonly<Record<string, UnitReport>>);
  if (units.length === 0) return [];
  const place = report.model.type === "k8s" ? ["Address"] : ["Machine", "Public address"];
  const rows = units.flatMap(([name, unit]) => [
    unitRow(report, name, unit),
    ...naturally(subordinatesOf(unit)).map(([inner, one]) => unitRow(report, `  ${inner}`, one)),
  ]);
  return [["Unit", "Workload", "Agent", ...place, "Ports", "Message"], ...rows];
}

function machineRows(report: ModelReport): Row[] {
  const machines = naturally(report["machines"] as Readonly<Record<string, MachineReport>> | undefined);
  if (machines.length === 0) return [];
  const row = ([id, machine]: [string, MachineReport]): Row[] => {
    const zone = /availability-zone=(\S+)/.exec(machine.hardware ?? "")?.[1] ?? "";
    const shown = machine.display || machine["instance-id"];
    const cells = [id, machine.agent.status, machine.dns ?? "", shown, machine.base, zone];
    return [[...cells, machine.instance.message], ...naturally(machine.containers).flatMap(row)];
  };
  return [["Machine", "State", "Address", "Inst id", "Base", "AZ", "Message"], ...machines.flatMap(row)];
}

function offerRows(report: ModelReport): Row[] {
  const offers = naturally(report["offers"] as Readonly<Record<string, OfferReport>> | undefined);
  if (offers.length === 0) return [];
  const rows = offers.flatMap(([name, offer]) => {
    const app = report.applications[offer.application];
    const first = [name, offer.application, app?.charm ?? "", String(app?.revision ?? "")];
    const connected = `${offer.active ?? 0}/${offer.total ?? 0}`;
    return naturally(offer.endpoints).map(([endpoint, end], at) => {
      const lead = at === 0 ? [...first, connected] : ["", "", "", "", ""];
      return [...lead, endpoint, end.interface, end.role];
    });
  });
  return [["Offer", "Application", "Charm", "Rev", "Connected", "Endpoint", "Interface", "Role"], ...rows];
}

function relationRow(relation: RelationReport): string[] {
  const [one, other = one] = relation.endpoints;
  const providers = [one, other].sort(
    (a, b) => Number(b?.[2] === "provider") - Number(a?.[2] === "provider"),
  );
  const [provider = "", requirer = ""] = providers.map((end) => `${end?.[0]}:${end?.[1]}`);
  const peer = relation.endpoints.length === 1;
  const type = peer ? "peer" : relation["scope"] === "container" ? "subordinate" : "regular";
  const { status, message } = relation.status;
  const shown = status === "joined" ? "" : `${status}  ${message}`;
  return [provider, requirer, relation.interface, type, shown];
}

function relationRows(report: ModelReport, juju: string): Row[] {
  const relations = report.relations ?? [];
  if (relations.length === 0) return [];
  const head = /^4\.0\.|^3\./.test(juju) ? "Integration provider" : "Relation provider";
  const rows = relations.map(relationRow).sort((a, b) => compare(a.join(" "), b.join(" ")));
  return [[head, "Requirer", "Interface", "Type", "Message"], ...rows];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
