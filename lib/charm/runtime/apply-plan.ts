import type { PebbleClient } from "../../pebble/client.ts";
import { ChangeError, PebbleApiError } from "../../pebble/errors.ts";
import type { Layer, Plan } from "../../pebble/plan/types.ts";
import type { Applied } from "../container.ts";
import { WorkloadError } from "../errors.ts";
import type { WorkloadPlan } from "../workload.ts";
import { absentFilesOf, type FileToApply, filesOf, layerOf } from "./layer.ts";

/** A container and what should be in it. */
export interface PlanToApply {
  readonly container: string;
  readonly pebble: PebbleClient;
  readonly plan: WorkloadPlan;
}

/**
 * Makes a container be as its plan says: files first, then the layer, then a replan, each of which changes
 * nothing when there is nothing to change. Killed in between, the next call does the rest: the layer names
 * the files' content, and Pebble remembers what each service was started with.
 */
export async function applyPlan(input: PlanToApply): Promise<Applied> {
  const { container, pebble, plan } = input;
  const planned = filesOf(plan);
  const written = await writeChanged(pebble, planned);
  const files = [...written, ...(await removeUnwanted(pebble, plan, planned))];
  const unwanted = Object.keys(plan.services).filter((name) => plan.services[name] === undefined);
  const known = unwanted.length === 0 ? [] : await pebble.services(unwanted);
  // Where logs are forwarded each layer sends again all that is kept of them, also one that changes nothing.
  const now = plan["log-targets"] === undefined ? undefined : await pebble.plan();
  const present = { services: known.map(({ name }) => name), logTargets: now?.["log-targets"] ?? {} };
  const layer = layerOf(plan, present, planned);
  if (now === undefined || (await changesPlan(layer, now)))
    await pebble.addLayer(plan.label ?? container, layer);
  await replan(container, pebble);
  // Last: a replan starts what has changed, also what has just been disabled.
  if (unwanted.length > 0) await stopRunning(pebble, unwanted);
  return { files: files.sort() };
}

/** Loaded for the few charms that forward logs. */
async function changesPlan(layer: Layer, now: Plan): Promise<boolean> {
  const changes = await import("./layer-changes.ts");
  return changes.changesPlan(layer, now);
}

async function stopRunning(pebble: PebbleClient, names: readonly string[]): Promise<void> {
  const running = (await pebble.services(names)).filter(({ current }) => current !== "inactive");
  if (running.length > 0) await pebble.stop(running.map(({ name }) => name));
}

async function replan(container: string, pebble: PebbleClient): Promise<void> {
  try {
    await pebble.replan();
  } catch (cause) {
    if (cause instanceof ChangeError) throw new WorkloadError(container, firstLine(cause), { cause });
    if (cause instanceof PebbleApiError && cause.kind === "no-default-services") return; // Nothing should run.
    throw cause;
  }
}

function firstLine({ change }: ChangeError): string {
  return (change.err ?? change.status).split("\n").slice(0, 2).join(" ").trim();
}

async function writeChanged(pebble: PebbleClient, files: readonly FileToApply[]): Promise<readonly string[]> {
  if (files.length === 0) return [];
  const [present, permissions] = await Promise.all([
    pebble.readFiles(files.map(({ path }) => path)),
    Promise.all(
      files.map((file) => (file.permissions === undefined ? "" : permissionsOf(pebble, file.path))),
    ),
  ]);
  const changed = files.filter((file, index) => !isSame(file, present.get(file.path), permissions[index]!));
  if (changed.length > 0) await pebble.writeFiles(changed.map(toWrite));
  return changed.map(({ path }) => path);
}

function toWrite({ path, content, permissions, user, group }: FileToApply) {
  return {
    path,
    content,
    makeDirs: true,
    ...(permissions === undefined ? {} : { permissions }),
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group }),
  };
}

async function permissionsOf(pebble: PebbleClient, path: string): Promise<string> {
  return (await pebble.stat(path))?.permissions ?? "";
}

function isSame(file: FileToApply, content: Uint8Array | undefined, permissions: string): boolean {
  if (content === undefined || Buffer.compare(content, Buffer.from(file.content)) !== 0) return false;
  return file.permissions === undefined || octal(permissions) === octal(file.permissions);
}

function octal(permissions: string): number {
  return Number.parseInt(permissions, 8);
}

async function removeUnwanted(
  pebble: PebbleClient,
  plan: WorkloadPlan,
  planned: readonly FileToApply[],
): Promise<readonly string[]> {
  const wanted = planned.map(({ path }) => path);
  const removed: string[] = [];
  for (const path of absentFilesOf(plan)) {
    if ((await pebble.stat(path)) === undefined) continue;
    await pebble.remove(path);
    removed.push(path);
  }
  for (const directory of plan.exclusive ?? [])
    removed.push(...(await removeOthers(pebble, directory, wanted)));
  return removed;
}

/** Compared by name: Pebble may spell a path in another way than the plan does. */
async function removeOthers(
  pebble: PebbleClient,
  directory: string,
  wanted: readonly string[],
): Promise<string[]> {
  const prefix = directory.endsWith("/") ? directory : `${directory}/`;
  const entries = (await pebble.findFiles(directory)) ?? [];
  const others = entries.filter(
    ({ name, type }) => type !== "directory" && !wanted.includes(`${prefix}${name}`),
  );
  for (const { name } of others) await pebble.remove(`${prefix}${name}`);
  return others.map(({ name }) => `${prefix}${name}`);
}
