import type { ApplicationState, ModelState, RelationState, UnitState } from "../../../model/index.ts";
import type { ApplicationDetail, UnitDetail, UnitRelationReport } from "../../api.ts";
import { LocalError } from "../../errors.ts";
import type { MethodTable } from "./method.ts";

function charmUrl(app: ApplicationState): string {
  const { source, revision } = app.origin;
  return source === "local"
    ? `local:${app.charm.name}-${revision}`
    : `ch:amd64/${app.charm.name}-${revision}`;
}

type Databags = Readonly<Record<string, string>>;

function relatedUnits(relation: RelationState, u: UnitState, other: string) {
  const names = relation.members.filter((name) => name !== u.name && name.startsWith(`${other}/`));
  const entries = names.map(
    (name) => [name, { "in-scope": true, data: relation.unitData[name] ?? {} }] as const,
  );
  return Object.fromEntries(entries) as Record<string, { "in-scope": boolean; data: Databags }>;
}

function relationReport(
  u: UnitState,
  relation: RelationState,
  only: { app: boolean },
): UnitRelationReport | undefined {
  const own = relation.endpoints.find(({ app }) => app === u.app);
  if (!own) return undefined;
  const isPeer = relation.endpoints.length === 1;
  const other = relation.endpoints.find((end) => end !== own) ?? own;
  const units = only.app ? {} : relatedUnits(relation, u, other.app);
  const local = { "in-scope": relation.members.includes(u.name), data: relation.unitData[u.name] ?? {} };
  return {
    "relation-id": relation.id,
    endpoint: own.endpoint,
    "related-endpoint": other.endpoint,
    "application-data": relation.appData[other.app] ?? {},
    ...(isPeer && !only.app ? { "local-unit": local } : {}),
    ...(Object.keys(units).length > 0 ? { "related-units": units } : {}),
  };
}

/** Relations without any data are left out unless they were asked for. */
function isWorthShowing(report: UnitRelationReport): boolean {
  const { "application-data": data, "local-unit": local, "related-units": units } = report;
  return Object.keys(data).length > 0 || local !== undefined || units !== undefined;
}

function unitDetail(state: ModelState, u: UnitState, o: { endpoint?: string; app: boolean }): UnitDetail {
  const app = state.applications[u.app];
  if (!app) throw new LocalError("ERR_NOT_FOUND", `application "${u.app}" not found`);
  const relations = Object.values(state.relations)
    .sort((a, b) => a.id - b.id)
    .map((relation) => relationReport(u, relation, o))
    .filter((report) => report !== undefined)
    .filter((report) => (o.endpoint === undefined ? isWorthShowing(report) : report.endpoint === o.endpoint));
  return {
    ...(app.workloadVersion === "" ? {} : { "workload-version": app.workloadVersion }),
    "opened-ports": Object.values(u.ports).flat().sort(),
    charm: charmUrl(app),
    leader: app.leader === u.name,
    life: u.life,
    ...(relations.length > 0 ? { "relation-info": relations } : {}),
    "provider-id": u.name.replace("/", "-"),
    ...(u.address === undefined ? {} : { address: u.address }),
  };
}

function applicationDetail(app: ApplicationState): ApplicationDetail {
  const endpoints = Object.keys(app.charm.endpoints).sort();
  return {
    charm: app.charm.name,
    base: app.origin.base,
    ...(app.origin.channel === "" ? {} : { channel: app.origin.channel }),
    constraints: { arch: "amd64" },
    principal: !app.charm.subordinate,
    exposed: app.exposed,
    remote: false,
    life: app.life,
    "endpoint-bindings": Object.fromEntries(["", ...endpoints].map((name) => [name, "alpha"])),
  };
}

function required(state: ModelState, name: string): ApplicationState {
  const app = state.applications[name];
  if (!app) throw new LocalError("ERR_NOT_FOUND", `application "${name}" not found`);
  return app;
}

export const reports: MethodTable<"status" | "watch" | "units" | "applications" | "actions" | "published"> = {
  status: ({ controller, params }) => controller.model(params.model).model.status(),

  watch: ({ controller, params, signal }) => {
    const host = controller.model(params.model);
    const answer = () => ({ version: host.version, status: host.model.status() });
    if (params.version === undefined || params.version !== host.version) return answer();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        host.removeListener("change", done);
        resolve(answer());
      };
      const timer = params.timeoutMs === undefined ? undefined : setTimeout(done, params.timeoutMs);
      signal.addEventListener("abort", done, { once: true });
      host.once("change", done);
    });
  },

  units: ({ controller, params }) => {
    const { state } = controller.model(params.model).model;
    const missing = params.units.filter((name) => !state.units[name]);
    if (missing.length > 0) {
      throw new LocalError("ERR_NOT_FOUND", missing.map((name) => `unit "${name}" not found`).join("\n"));
    }
    const o = {
      app: params.app ?? false,
      ...(params.endpoint === undefined ? {} : { endpoint: params.endpoint }),
    };
    return Object.fromEntries(
      params.units.map((name) => [name, unitDetail(state, state.units[name] as UnitState, o)]),
    );
  },

  applications: ({ controller, params }) => {
    const { state } = controller.model(params.model).model;
    return Object.fromEntries(
      params.applications.map((name) => [name, applicationDetail(required(state, name))]),
    );
  },

  actions: ({ controller, params }) => {
    const app = required(controller.model(params.model).model.state, params.application);
    const entries = Object.entries(app.charm.actions).map(([name, { description, schema }]) => {
      return [name, { description, schema: schema as Record<string, unknown> }] as const;
    });
    return Object.fromEntries(entries);
  },

  published: ({ controller }) => controller.gateways.published(),
};
