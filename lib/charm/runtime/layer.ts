import { Sensitive } from "../../hook/sensitive.ts";
import type { Layer, Service as LayerService, Plan } from "../../pebble/plan/types.ts";
import type { FileSpec, PlannedFile, Service, WorkloadPlan } from "../workload.ts";
import { fingerprint } from "./fingerprint.ts";
import { targetsOf } from "./log-targets.ts";
import { reveal } from "./reveal.ts";

/** Bytes and permissions of one file of a plan. */
export interface FileToApply {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly permissions: string | undefined;
  readonly user: string | undefined;
  readonly group: string | undefined;
}

/** Files of a plan that should exist, sorted by path. */
export function filesOf(plan: WorkloadPlan): readonly FileToApply[] {
  const files = Object.entries(plan.files ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return files.flatMap(([path, file]) => (file === undefined ? [] : [toFile(path, file)]));
}

/** Paths that must not exist. */
export function absentFilesOf(plan: WorkloadPlan): readonly string[] {
  return Object.entries(plan.files ?? {}).flatMap(([path, file]) => (file === undefined ? [path] : []));
}

function toFile(path: string, file: Exclude<PlannedFile, undefined>): FileToApply {
  const spec: FileSpec = isContent(file) ? { content: file } : file;
  const content = spec.content instanceof Uint8Array ? spec.content : reveal(spec.content);
  return { path, content, permissions: spec.permissions, user: spec.user, group: spec.group };
}

function isContent(file: Exclude<PlannedFile, undefined>): file is FileSpec["content"] {
  return typeof file === "string" || file instanceof Uint8Array || file instanceof Sensitive;
}

/** What a container's Pebble has now, where nothing can be removed. */
export interface Known {
  /** Services that must not run. */
  readonly services?: readonly string[];
  readonly logTargets?: Plan["log-targets"];
}

/**
 * The Pebble layer of a plan.
 *
 * A service's summary ends with a fingerprint of the files it reads: Pebble compares a service's definition
 * with the one it was started with, so a changed file restarts it at the next replan, also when this hook
 * is killed between writing the file and replanning.
 *
 * @param known What Pebble has now. What must not be and is among them stays in the plan, disabled.
 * @param files The plan's, where they are known.
 */
export function layerOf(
  plan: WorkloadPlan,
  { services: running = [], logTargets = {} }: Known = {},
  files: readonly FileToApply[] = filesOf(plan),
): Layer {
  const wanted = Object.entries(plan.services).filter(
    ([name, service]) => service !== undefined || running.includes(name),
  );
  const services = wanted.map(([name, service]) => [
    name,
    service === undefined ? { override: "merge", startup: "disabled" } : toService(name, service, files),
  ]);
  const checks = Object.entries(plan.checks ?? {}).map(([name, check]) => [
    name,
    { override: "replace", ...check },
  ]);
  const targets = targetsOf(plan["log-targets"] ?? {}, logTargets);
  return {
    services: Object.fromEntries(services),
    ...(checks.length > 0 ? { checks: Object.fromEntries(checks) } : {}),
    ...(Object.keys(targets).length > 0 ? { "log-targets": targets } : {}),
  };
}

function toService(name: string, service: Service, files: readonly FileToApply[]): LayerService {
  const { reads, environment, summary, ...rest } = service;
  const read = files.filter(({ path }) => reads === undefined || reads.some((entry) => covers(entry, path)));
  const variables = Object.entries(environment ?? {}).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(reveal<string | number | boolean>(value))]],
  );
  return {
    override: "replace",
    ...rest,
    startup: service.startup ?? "enabled",
    ...(read.length > 0 || summary !== undefined ? { summary: summaryOf(summary ?? name, read) } : {}),
    ...(variables.length > 0 ? { environment: Object.fromEntries(variables) } : {}),
  };
}

function covers(entry: string, path: string): boolean {
  return entry.endsWith("/") ? path.startsWith(entry) : path === entry;
}

function summaryOf(summary: string, read: readonly FileToApply[]): string {
  if (read.length === 0) return summary;
  const parts = read.map(({ path, content, permissions }) => [path, textOf(content), permissions ?? ""]);
  return `${summary} (files ${fingerprint(JSON.stringify(parts))})`;
}

function textOf(content: string | Uint8Array): string {
  return typeof content === "string" ? content : Buffer.from(content).toString("latin1");
}
