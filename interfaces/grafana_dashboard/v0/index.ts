/**
 * The `grafana_dashboard` relation: a charm hands its dashboards to Grafana.
 *
 * On the wire: `dashboards` in the provider's application databag is JSON; each dashboard's own JSON is in it as base64 of
 * an XZ container. The requirer answers only to say what is wrong.
 *
 * Source: canonical/grafana-k8s-operator: lib/charms/grafana_k8s/v0/grafana_dashboard.py
 *
 * @module
 */

import { canonicalJson, defineInterface, type In, type Out } from "charmed-iap/interface";
import type { Topology } from "../../alert-rules.ts";
import { providerApp, requirerApp, type template } from "./schema.ts";
import { unxz } from "./unxz.ts";
import { xz } from "./xz.ts";

export { type Topology, topologyOf } from "../../alert-rules.ts";
export { XzFault } from "./unxz.ts";

/** `grafana_dashboard`, version 0. The provider has dashboards, the requirer is Grafana. */
export const grafanaDashboard = defineInterface({
  name: "grafana_dashboard",
  version: 0,
  provider: providerApp,
  requirer: requirerApp,
});

/** What a charm publishes. */
export type Dashboards = In<typeof providerApp.schema>;
/** One dashboard as Grafana's side reads it. */
export type Template = Out<typeof template>;

/** Whose dashboards they are. */
export interface DashboardOwner {
  readonly topology: Topology;
  /** Name of the charm, not of the application. */
  readonly charm: string;
  /** Whether Grafana's charm adds drop-downs for model, application and unit. Default true. */
  readonly injectDropdowns?: boolean;
}

/**
 * What the leader publishes: the same text for the same dashboards, so that Grafana is not woken without cause.
 *
 * @param files A dashboard's JSON, or the value it stands for, by path below the charm: `src/grafana_dashboards/web.json`.
 * @throws {SyntaxError} A file is no JSON object; the message names it.
 */
export function dashboards(files: Readonly<Record<string, unknown>>, owner: DashboardOwner): Dashboards {
  const { charm, topology, injectDropdowns: inject = true } = owner;
  const { model, model_uuid, application, unit } = topology;
  const place = { model, model_uuid, application, ...(typeof unit === "string" ? { unit } : {}) };
  const templates = Object.entries(files).map(([path, file]) => {
    const id = `file:${(path.split("/").at(-1) ?? path).replace(/\.[^.]*$/, "")}`;
    return [
      id,
      {
        charm,
        content: Buffer.from(xz(JSON.stringify(completed(path, file, charm)))).toString("base64"),
        juju_topology: inject ? place : {},
        inject_dropdowns: inject,
        dashboard_alt_uid: shake(`${charm}-${id}`, 8),
      },
    ] as const;
  });
  const all = Object.fromEntries(templates.sort(([a], [b]) => (a < b ? -1 : 1)));
  return { dashboards: { templates: all, uuid: uuidOf(canonicalJson(all) ?? "") } };
}

/** Grafana finds a dashboard again by its uid, and people by its tag. */
function completed(path: string, file: unknown, charm: string): Record<string, unknown> {
  const dashboard = objectOf(path, file);
  const { uid, tags } = dashboard;
  const told = Array.isArray(tags) ? tags : [];
  const tagged = told.some((tag) => typeof tag === "string" && tag.startsWith("charm: "));
  return {
    ...dashboard,
    tags: tagged ? told : [...told, `charm: ${charm}`],
    uid: typeof uid === "string" && /^[\da-f]{40}$/.test(uid) ? uid : shake(`${charm}-${path}`, 20),
  };
}

function objectOf(path: string, file: unknown): Record<string, unknown> {
  const value: unknown = typeof file === "string" ? parsed(path, file) : file;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new SyntaxError(`Cannot publish ${path}: it is no JSON object, a dashboard is one`);
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(`Cannot publish ${path}: it is no JSON, a dashboard is a JSON object`, { cause });
  }
}

/** First bytes of SHAKE-256 (FIPS 202), in hexadecimal digits. */
function shake(text: string, bytes: number): string {
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("shake256", { outputLength: bytes }).update(text).digest("hex");
}

/** Python writes a new one each time; ours says the same for the same content. */
function uuidOf(text: string): string {
  return shake(text, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A dashboard as Grafana's side reads it, or what is wrong with it. */
export type Read =
  | { readonly id: string; readonly state: "ready"; readonly dashboard: Readonly<Record<string, unknown>> }
  | { readonly id: string; readonly state: "invalid"; readonly error: string };

/** Most bytes that the dashboards of one relation may open to, all together. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Opens the dashboards of one relation: a bad one does not take the others with it. What opens to more than 32 MiB, together with
 * those before it, is invalid.
 */
export function readDashboards({ dashboards: { templates } }: Out<typeof providerApp.schema>): Read[] {
  const room = { left: MOST_BYTES };
  return Object.entries(templates).map(([id, one]) => {
    try {
      const value: unknown = JSON.parse(
        Buffer.from(unxz(Buffer.from(one.content, "base64"), room)).toString(),
      );
      if (typeof value !== "object" || value === null || Array.isArray(value))
        return { id, state: "invalid", error: "must be a JSON object" };
      const dashboard = value as Record<string, unknown>;
      const uid = dashboard["uid"] ?? one.dashboard_alt_uid;
      return { id, state: "ready", dashboard: { ...dashboard, ...(uid === undefined ? {} : { uid }) } };
    } catch (error) {
      return { id, state: "invalid", error: error instanceof SyntaxError ? "must be JSON" : String(error) };
    }
  });
}
