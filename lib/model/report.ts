/** The model as `juju status` needs it. */

import type { Endpoint } from "./charm-metadata.ts";
import { localEnd, remoteApp } from "./databags.ts";
import { type Engine, relationsOf, unitsOf } from "./engine.ts";
import { applicationOf, byText } from "./names.ts";
import type { ApplicationState, Life, RelationState, StatusRecord, UnitState } from "./state.ts";
import type { ApplicationReport, ModelReport, RelationReport, StatusValue, UnitReport } from "./status.ts";
import { derivedApplicationStatus, shownAgent, shownWorkload } from "./statuses.ts";
import { subordinatesOf } from "./units.ts";

/** RFC 3339 in whole seconds, UTC. */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "Z");
}

function value(record: StatusRecord, life: Life = "alive"): StatusValue {
  const { status, message, since, data } = record;
  const going = life === "alive" ? {} : { life };
  return { status, message, since: timeText(since), ...(data ? { data } : {}), ...going };
}

function openPorts(u: UnitState): string[] {
  const ranges = new Set(Object.values(u.ports).flat());
  const key = (range: string) => {
    const [ports = "", protocol = ""] = range.split("/");
    return { protocol, from: Number(ports.split("-")[0]) };
  };
  return [...ranges].sort((a, b) => byText(key(a).protocol, key(b).protocol) || key(a).from - key(b).from);
}

/** Units of subordinates stand under their principal. */
function subordinateReports(e: Engine, u: UnitState): { subordinates?: Record<string, UnitReport> } {
  const beside = subordinatesOf(e, u.name);
  if (beside.length === 0) return {};
  return { subordinates: Object.fromEntries(beside.map((sub) => [sub.name, unitReport(e, sub)])) };
}

function unitReport(e: Engine, u: UnitState): UnitReport {
  const ports = openPorts(u);
  const place = e.kubernetes
    ? { ...(u.address === undefined ? {} : { address: u.address }), "provider-id": u.name.replace("/", "-") }
    : { machine: u.machine, public: u.address ?? "" };
  return {
    workload: value(shownWorkload(u)),
    agent: { ...value(shownAgent(u), u.life), ...(u.agentState === "up" ? { version: e.version } : {}) },
    leader: e.state.applications[u.app]?.leader === u.name,
    ...place,
    ...subordinateReports(e, u),
    ...(ports.length > 0 ? { ports } : {}),
  };
}

function relatedApps(e: Engine, app: string): Record<string, string[]> {
  const related: Record<string, string[]> = {};
  for (const relation of relationsOf(e, app)) {
    const { endpoint } = localEnd(relation, app);
    const list = related[endpoint] ?? [];
    related[endpoint] = list;
    const remote = remoteApp(relation, app);
    if (!list.includes(remote)) list.push(remote);
  }
  return related;
}

function applicationReport(e: Engine, app: ApplicationState): ApplicationReport {
  const units = unitsOf(e, app.name);
  const shown = app.status ?? derivedApplicationStatus(e, app);
  const bindings = Object.keys({ "juju-info": 0, ...app.charm.endpoints }).sort(byText);
  return {
    charm: app.charm.name,
    revision: app.origin.revision,
    channel: app.origin.channel,
    origin: app.origin.source === "local" ? "local" : "store",
    base: app.origin.base,
    status: value(shown, app.life),
    ...(app.charm.subordinate ? { subordinate_to: principalsOf(units) } : {}),
    ...(units.length > 0 && !app.charm.subordinate
      ? { units: Object.fromEntries(units.map((u) => [u.name, unitReport(e, u)])) }
      : {}),
    scale: e.kubernetes ? app.scale : units.length,
    ...(app.address === undefined ? {} : { address: app.address }),
    exposed: app.exposed,
    ...(app.workloadVersion === "" ? {} : { version: app.workloadVersion }),
    relations: relatedApps(e, app.name),
    bindings: Object.fromEntries(["", ...bindings].map((name) => [name, "alpha"])),
  };
}

function principalsOf(units: readonly UnitState[]): string[] {
  return [...new Set(units.map(({ principal = "" }) => applicationOf(principal)))].sort();
}

function relationReport(relation: RelationState): RelationReport {
  return {
    id: relation.id,
    key: relation.key,
    interface: relation.interface,
    scope: relation.scope,
    endpoints: relation.endpoints.map(({ app, endpoint, role }) => [app, endpoint, role] as const),
    status: value(relation.status, relation.life),
  };
}

function storageReports(e: Engine): unknown[] {
  return Object.values(e.state.units).flatMap((u) =>
    u.storage.map((storage) => ({
      id: storage.id,
      kind: storage.kind,
      owner: u.name,
      unit: u.name,
      location: storage.attached ? storage.location : "",
      size: 1024,
      pool: e.kubernetes ? "kubernetes" : "rootfs",
      status: value({
        status: storage.attached ? "attached" : "pending",
        message: "",
        since: e.state.created,
      }),
      persistent: false,
    })),
  );
}

/** What is consumed and what is offered, where there is any. */
function crossModelReports(e: Engine): Record<string, unknown> {
  const consumed = Object.values(e.state.remotes ?? {}).filter(({ side }) => side === "consumes");
  const offers = Object.values(e.state.offers ?? {});
  const shown = (ends: readonly Endpoint[]) =>
    Object.fromEntries(ends.map(({ name, interface: spoken, role }) => [name, { interface: spoken, role }]));
  const saas = consumed.map(({ name, url, endpoints, life }) => {
    const status = value({ status: "active", message: "", since: e.state.created }, life);
    const related = relatedApps(e, name);
    return [name, { url, status, endpoints: shown(endpoints), relations: related }] as const;
  });
  const offering = offers.map(({ name, app, endpoints }) => {
    const charm = e.state.applications[app]?.charm;
    const ends = endpoints.flatMap((end) => charm?.endpoints[end] ?? []);
    const used = relationsOf(e, app).filter((relation) =>
      relation.endpoints.some((end) => e.state.remotes?.[end.app]?.offer === name),
    );
    const counts = { total: used.length, active: used.filter(({ life }) => life === "alive").length };
    return [name, { application: app, charm: charm?.name, ...counts, endpoints: shown(ends) }] as const;
  });
  return {
    ...(saas.length > 0 ? { saas: Object.fromEntries(saas) } : {}),
    ...(offering.length > 0 ? { offers: Object.fromEntries(offering) } : {}),
  };
}

function machineReports(e: Engine): Record<string, unknown> {
  const ids = [...new Set(Object.values(e.state.units).map((u) => u.machine))].sort();
  return Object.fromEntries(
    ids.map((id) => {
      const u = Object.values(e.state.units).find((candidate) => candidate.machine === id)!;
      const since = timeText(e.state.created);
      const agent = { status: "started", message: "", since, version: e.version };
      const instance = { status: "running", message: "", since };
      const address = u.address ?? "";
      const base = e.state.applications[u.app]?.origin.base ?? "";
      const ips = address === "" ? [] : [address];
      return [id, { agent, instance, dns: address, ips, "instance-id": `machine-${id}`, base, hardware: "" }];
    }),
  );
}

/** Whether a selector (application or unit name) means this application. */
function selected(app: ApplicationState, units: readonly UnitState[], selectors: readonly string[]): boolean {
  return selectors.some((selector) => selector === app.name || units.some((u) => u.name === selector));
}

/**
 * Reports the model, or what the selectors (exact names of applications and units) leave of it.
 *
 * @param selectors None: everything.
 */
export function modelReport(e: Engine, selectors: readonly string[] = []): ModelReport {
  const all = Object.values(e.state.applications).sort((a, b) => byText(a.name, b.name));
  const apps = all.filter((app) => selectors.length === 0 || selected(app, unitsOf(e, app.name), selectors));
  const names = new Set(apps.map((app) => app.name));
  const relations = Object.values(e.state.relations)
    .filter((relation) => relation.endpoints.some((end) => names.has(end.app)))
    .sort((a, b) => a.id - b.id);
  return {
    model: {
      name: e.state.name,
      controller: e.controller,
      cloud: "localhost",
      region: "localhost",
      type: e.kubernetes ? "k8s" : "machine",
      version: e.version,
      status: value({ status: "available", message: "", since: e.state.created }),
      timestamp: timeText(e.now()),
    },
    ...(e.kubernetes ? {} : { machines: machineReports(e) }),
    applications: Object.fromEntries(apps.map((app) => [app.name, applicationReport(e, app)])),
    relations: relations.map(relationReport),
    storage: storageReports(e),
    ...crossModelReports(e),
  };
}
