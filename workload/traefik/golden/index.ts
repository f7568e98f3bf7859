/**
 * Compares a Traefik, ours or the real one, with what the real one was recorded to do.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import path from "node:path";
import { materials } from "./certificates.ts";
import { deviations } from "./deviations.ts";
import { type Program, standIn } from "./process.ts";
import type { Case, Recording } from "./recording.ts";
import { isPlayable, playScene, type Result, type Stage } from "./scene.ts";
import { playStart } from "./start.ts";

export type { Program } from "./process.ts";
export { isRelevant } from "./relevant.ts";
export type { Result } from "./scene.ts";

/** What to compare, and with what. */
export interface Options {
  /** Only cases whose id this accepts. */
  readonly filter?: (id: string) => boolean;
  /** Command and first arguments; the stand-in without it. */
  readonly program?: Program;
  /** Scenes that run at the same time; 6 without it. */
  readonly parallel?: number;
}

/** How a recorded file went. */
export interface Comparison {
  readonly file: string;
  /** Every case that was played and has no documented deviation. */
  readonly cases: readonly Result[];
  /** Case → why the stand-in differs on purpose; they are not in `cases`. */
  readonly excused: Readonly<Record<string, string>>;
  /** Cases that the runner does not play. */
  readonly notPlayed: readonly string[];
}

const FILE = "traefik.json";

/** Different loopback addresses where there are any: only Linux has more than one without set-up. */
const hosts = (): Stage["hosts"] =>
  process.platform === "linux"
    ? { client: "127.0.0.1", app: "127.0.0.2", listen: "127.0.0.4", authz: "127.0.0.3" }
    : { client: "127.0.0.1", app: "127.0.0.1", listen: "127.0.0.1", authz: "127.0.0.1" };

async function inParallel(jobs: readonly (() => Promise<Result[]>)[], width: number): Promise<Result[]> {
  const waiting = [...jobs];
  const results: Result[] = [];
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) results.push(...(await job()));
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

const sceneOf = (test: Case): string => test.scene ?? test.id.split("/")[0] ?? "";

/** Plays the recorded cases of a folder (`traefik.json`). */
export async function compareTraefik(folder: string, options: Options = {}): Promise<Comparison> {
  const recording = JSON.parse(await readFile(path.join(folder, FILE), "utf8")) as Recording;
  const program = options.program ?? standIn;
  const excuses = options.program ? {} : await deviations();
  const wanted = recording.cases.filter(({ id }) => options.filter?.(id) ?? true);
  const excusedBy = (id: string): string | undefined => excuses[id] ?? excuses[`${id.split("/")[0]}/*`];
  const excused = Object.fromEntries(
    wanted.flatMap(({ id }) => (excusedBy(id) === undefined ? [] : [[id, excusedBy(id) ?? ""]])),
  );
  const isStart = (test: Case): boolean =>
    recording.scenes[sceneOf(test)] === undefined && test.args !== undefined;
  const open = wanted.filter(({ id }) => !(id in excused));
  const playable = open.filter(
    (test) => isStart(test) || (recording.scenes[sceneOf(test)] !== undefined && isPlayable(test)),
  );
  const places = hosts();
  const stage: Stage = { program, hosts: places, materials: await materials(places) };
  const scenes = Map.groupBy(playable, sceneOf);
  const jobs = [...scenes].flatMap(([name, cases]) => {
    const scene = recording.scenes[name];
    if (scene) return [() => playScene(name, scene, cases, stage)];
    return cases.map((test) => async () => [await playStart(test, stage)]);
  });
  const results = await inParallel(jobs, options.parallel ?? 6);
  const order = new Map(recording.cases.map(({ id }, index) => [id, index]));
  results.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
  const played = new Set(results.map(({ name }) => name));
  return {
    file: FILE,
    cases: results,
    excused,
    notPlayed: open.map(({ id }) => id).filter((id) => !played.has(id)),
  };
}
