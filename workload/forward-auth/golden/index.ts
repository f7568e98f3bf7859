/**
 * Compares our program with what oauth2-proxy 7.15.3 was recorded to answer.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import { type Deviation, deviations } from "./deviations.ts";
import { type LogRecording, logDifference } from "./logs.ts";
import { playStarts } from "./options.ts";
import { Play } from "./play.ts";
import type {
  HttpRecording,
  RecordedCase,
  RecordedConfig,
  RedirectRecording,
  RefreshRecording,
  SessionRecording,
} from "./recording.ts";
import { redirectDifference } from "./redirects.ts";
import { RefreshPlay } from "./refresh.ts";
import { sessionDifference } from "./sessions.ts";
import { type Stage, type Subject, startStage, startSubject } from "./stage.ts";
import { createKeys } from "./tokens.ts";
import type { Outcome } from "./tolerances.ts";

/** One case and how it came out. */
export interface Result extends Outcome {
  readonly id: string;
}

/** How everything went. */
export interface Comparison {
  readonly agree: readonly string[];
  readonly differ: readonly Result[];
  /** Cases that differ on purpose, by the row that says why. */
  readonly excused: ReadonlyMap<string, readonly string[]>;
  /** Cases that a row excuses although they agree: the row says too much. */
  readonly overExcused: readonly string[];
  /** Known differences that are still to be mended. */
  readonly pending: ReadonlySet<string>;
}

/** One configuration and what is played under it. */
interface Scene {
  readonly base: Readonly<Record<string, string>>;
  readonly config: RecordedConfig;
  readonly cases: readonly {
    readonly id: string;
    play(stage: Stage, subject: Subject): Promise<Outcome | string | undefined>;
  }[];
}

const RECORDED = path.join(import.meta.dirname, "recorded");
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(RECORDED, file), "utf8"));

/** Ids of the cases that are known to differ and are still to be mended. */
function pendingCases(): ReadonlySet<string> {
  const file = path.join(import.meta.dirname, "pending.json");
  return new Set(JSON.parse(readFileSync(file, "utf8")) as string[]);
}

/** True for a case that ends the session whose cookie other cases send too; oauth2-proxy forgets nothing of it. */
const signsOut = (recorded: RecordedCase): boolean => JSON.stringify(recorded).includes('"/oauth2/sign_out');

function httpScenes(wanted: (id: string) => boolean): Scene[] {
  const recording = read("http.json") as HttpRecording;
  const groups = Map.groupBy(
    recording.cases.filter(({ id }) => wanted(id)),
    // A sign-out ends the recorded session for everything after it.
    ({ id, config }) => JSON.stringify(config) + (/sign_out/.test(id) ? id : ""),
  );
  const play = (recorded: RecordedCase) => ({
    id: recorded.id,
    play: (stage: Stage, subject: Subject) => new Play(stage, subject, recording).run(recorded),
  });
  return Array.from(groups.values(), (cases) => ({
    base: recording.base_env,
    config: cases[0]?.config ?? {},
    cases: cases.toSorted((a, b) => Number(signsOut(a)) - Number(signsOut(b))).map(play),
  }));
}

function redirectScenes(wanted: (id: string) => boolean): Scene[] {
  const recording = read("redirects.json") as RedirectRecording;
  const groups = Map.groupBy(
    recording.cases.filter(({ id }) => wanted(id)),
    ({ given }) => given.whitelist,
  );
  return Array.from(groups, ([whitelist, cases]) => ({
    base: recording.base_env,
    config: { env: { WHITELIST_DOMAINS: recording.whitelists[whitelist] ?? null } },
    cases: cases.map((recorded) => ({
      id: recorded.id,
      play: (stage, subject) => redirectDifference(recorded, stage, subject),
    })),
  }));
}

function sessionScenes(wanted: (id: string) => boolean): Scene[] {
  const recording = read("sessions.json") as SessionRecording;
  const named = recording.cases.map((recorded) => ({ id: `sessions/${recorded.id}`, recorded }));
  const groups = Map.groupBy(
    named.filter(({ id }) => wanted(id)),
    ({ recorded }) => JSON.stringify(recorded.config),
  );
  return Array.from(groups.values(), (cases) => ({
    base: recording.base_env,
    config: withUsers(cases[0]?.recorded.config ?? {}),
    cases: cases.map(({ id, recorded }) => ({
      id,
      play: (stage, subject) => sessionDifference(recorded, stage, subject),
    })),
  }));
}

/** Somebody for the file of local users, which was not recorded; nobody signs in with it here. */
const USERS = "local:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n";

function withUsers(config: RecordedConfig): RecordedConfig {
  return config.env?.["HTPASSWD_FILE"] === undefined
    ? config
    : { ...config, files: { h: USERS, ...config.files } };
}

function refreshScenes(wanted: (id: string) => boolean): Scene[] {
  const recording = read("refresh.json") as RefreshRecording;
  const named = recording.cases.map((recorded) => ({ id: `refresh/${recorded.id}`, recorded }));
  return named
    .filter(({ id }) => wanted(id))
    .map(({ id, recorded }) => ({
      base: recording.base_env,
      config: recorded.config,
      cases: [{ id, play: (stage, subject) => new RefreshPlay(recorded, stage, subject).run() }],
    }));
}

function logScenes(wanted: (id: string) => boolean): Scene[] {
  const recording = read("logs.json") as LogRecording;
  const names = read("http.json") as HttpRecording;
  return recording.cases
    .map((recorded) => ({ ...recorded, id: `logs/${recorded.id}` }))
    .filter(({ id }) => wanted(id))
    .map((recorded) => ({
      base: recording.base_env,
      config: recorded.config,
      cases: [{ id: recorded.id, play: (stage, subject) => logDifference(recorded, stage, subject, names) }],
    }));
}

async function playScene(scene: Scene, stage: Stage): Promise<Result[]> {
  let subject: Subject;
  try {
    subject = await startSubject(stage, scene.base, scene.config);
  } catch (error) {
    const difference = `start: ${(error as Error).message.replace(/\s+/g, " ").slice(0, 300)}`;
    return scene.cases.map(({ id }) => ({ id, difference }));
  }
  const results: Result[] = [];
  for (const { id, play } of scene.cases) {
    const outcome = await play(stage, subject);
    results.push({ id, ...(typeof outcome === "string" ? { difference: outcome } : outcome) });
  }
  await subject.close();
  return results;
}

/** Plays scenes, several at a time; each worker has a provider of its own. */
async function playAll(scenes: readonly Scene[], width: number, program?: string): Promise<Result[]> {
  const waiting = [...scenes];
  const keys = createKeys();
  const results: Result[] = [];
  const worker = async (): Promise<void> => {
    const stage = await startStage(keys, program);
    for (let scene = waiting.shift(); scene; scene = waiting.shift())
      results.push(...(await playScene(scene, stage)));
    await stage.close();
  };
  await Promise.all(Array.from({ length: Math.min(width, scenes.length) }, worker));
  return results;
}

function sorted(results: readonly Result[], rows: readonly Deviation[]): Comparison {
  const excused = new Map<string, string[]>();
  const agree: string[] = [];
  const overExcused: string[] = [];
  const differ: Result[] = [];
  for (const result of results) {
    const row = rows.find(({ excuses }) => excuses(result.id));
    const [tolerated] = result.tolerated ?? [];
    const excuse = result.difference === undefined ? tolerated : row?.key;
    if (excuse !== undefined) excused.set(excuse, [...(excused.get(excuse) ?? []), result.id]);
    else if (result.difference === undefined) agree.push(result.id);
    else differ.push(result);
    // How many requests meet at the same moment is chance.
    const chance = result.id.startsWith("refresh/concurrent/");
    if (row !== undefined && excuse === undefined && !chance) overExcused.push(result.id);
  }
  return { agree, differ, excused, overExcused, pending: pendingCases() };
}

/**
 * Plays every recorded case whose id is wanted.
 *
 * @param program Command to compare instead of ours: the real oauth2-proxy shows that the comparison itself is right.
 */
export async function compareOauth2Proxy(
  wanted: (id: string) => boolean = () => true,
  program?: string,
): Promise<Comparison> {
  const scenes = [
    ...httpScenes(wanted),
    ...redirectScenes(wanted),
    ...sessionScenes(wanted),
    ...refreshScenes(wanted),
    ...logScenes(wanted),
  ];
  const answers = await playAll(scenes, 6, program);
  if (program !== undefined) return sorted(answers, []);
  return sorted([...answers, ...(await playStarts(wanted))], deviations());
}
