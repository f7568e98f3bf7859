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
  /** Which cases' scenes are played once more, alone, when they differ; none without it. */
  readonly again?: (id: string) => boolean;
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
  /** How many cases the filter left out. */
  readonly leftOut: number;
  /** Scenes that differed beside others and were played alone: many wait for times, which a busy machine misses. */
  readonly playedAgain: readonly string[];
}

const FILE = "traefik.json";

/** Different loopback addresses where there are any: only Linux has more than one without set-up. */
const hosts = (): Stage["hosts"] =>
  process.platform === "linux"
    ? { client: "127.0.0.1", app: "127.0.0.2", listen: "127.0.0.4", authz: "127.0.0.3" }
    : { client: "127.0.0.1", app: "127.0.0.1", listen: "127.0.0.1", authz: "127.0.0.1" };

/** A scene, or a start of the program, with its cases. */
interface Job {
  readonly name: string;
  play(): Promise<Result[]>;
}

async function inParallel(jobs: readonly Job[], width: number): Promise<Map<string, Result[]>> {
  const waiting = [...jobs];
  const results = new Map<string, Result[]>();
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) results.set(job.name, await job.play());
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

const differs = ({ difference }: Result): boolean => difference !== undefined;

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
  const jobs = [...scenes].flatMap(([name, cases]): Job[] => {
    const scene = recording.scenes[name];
    if (scene) return [{ name, play: () => playScene(name, scene, cases, stage) }];
    return cases.map((test) => ({ name: test.id, play: async () => [await playStart(test, stage)] }));
  });
  const byJob = await inParallel(jobs, options.parallel ?? 6);
  const doubtful = jobs.filter(({ name }) =>
    byJob.get(name)?.some((result) => differs(result) && options.again?.(result.name)),
  );
  for (const { name, play } of doubtful) byJob.set(name, await play());
  const results = [...byJob.values()].flat();
  const order = new Map(recording.cases.map(({ id }, index) => [id, index]));
  results.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
  const played = new Set(results.map(({ name }) => name));
  return {
    file: FILE,
    cases: results,
    excused,
    notPlayed: open.map(({ id }) => id).filter((id) => !played.has(id)),
    leftOut: recording.cases.length - wanted.length,
    playedAgain: doubtful.map(({ name }) => name),
  };
}
