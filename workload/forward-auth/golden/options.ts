/**
 * Start-up: what oauth2-proxy accepts and refuses, with which exit code, and which options its words name. Ours runs in this
 * process; of what it says only the options are compared, for the sentences are our own.
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { createLog } from "../log/log.ts";
import { told } from "../main.ts";
import { readFlags } from "../options/flags.ts";
import { flagOf } from "../options/names.ts";
import { KEYS, type OptionKey } from "../options/table.ts";
import { begin, type End, explained } from "../run.ts";
import { serve } from "../server/serve.ts";
import type { Settings } from "../settings.ts";
import { filled, type Places } from "./places.ts";
import type { RecordedConfig } from "./recording.ts";
import { environmentOf, freePort, type Stage, startStage, writeFiles } from "./stage.ts";
import { createKeys } from "./tokens.ts";

/** One start as it was recorded. */
interface RecordedStart {
  readonly id: string;
  readonly config: RecordedConfig;
  readonly result: {
    readonly accepted: boolean;
    /** `runs` or `exits`. */
    readonly status: string;
    readonly exit_code: number;
    readonly stdout: readonly string[];
    readonly stderr: readonly string[];
  };
}

interface StartRecording {
  readonly base_env: Readonly<Record<string, string>>;
  readonly cases: readonly RecordedStart[];
}

/** How our program started. */
interface Start extends End {
  readonly status: "runs" | "exits";
}

/** One case, and where it differs. */
interface Result {
  readonly id: string;
  readonly difference?: string;
}

/** Serves, and ends as after SIGTERM. */
async function served(settings: Settings): Promise<Start> {
  const lines: string[] = [];
  const log = createLog(settings.options, { write: (line) => void lines.push(line) });
  try {
    const serving = await serve(settings, log);
    await serving.close();
    return { status: serving.listening ? "runs" : "exits", code: 0, out: lines.join(""), err: "" };
  } catch (error) {
    return { status: "exits", ...explained(error) };
  }
}

async function start(environment: Readonly<Record<string, string>>, args: readonly string[]): Promise<Start> {
  const about = told(args);
  if (about !== undefined) return { status: "exits", code: 0, ...about };
  const settings = await begin(environment, args, readFlags(args).switches);
  return "code" in settings ? { status: "exits", ...settings } : served(settings);
}

const KEY_OF_NAME: ReadonlyMap<string, OptionKey> = new Map(
  KEYS.flatMap((key) => [
    [key, key],
    [flagOf(key), key],
  ]),
);

/** Options that a text names, by key or by flag. Names of one word are words. */
function namedIn(text: string): ReadonlySet<OptionKey> {
  const names = text.match(/[a-z][a-z0-9]*(?:[_-][a-z0-9]+)+/g) ?? [];
  return new Set(names.flatMap((name) => KEY_OF_NAME.get(name) ?? []));
}

/** Names that the case itself sets, and the values: one of them is at fault where oauth2-proxy's words name no option. */
function changedBy({ env = {}, args = [] }: RecordedConfig, places: Places): readonly string[] {
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === null ? [] : [name.toLowerCase(), value],
  );
  const flags = args.flatMap((argument) => /^--([^=]+)=?(.*)$/s.exec(argument)?.slice(1) ?? []);
  return [...variables, ...flags].filter((text) => text.length > 2).map((text) => filled(text, places));
}

/** What oauth2-proxy quotes of an alpha configuration: a key, an id, the name of a header. */
function quotedIn(text: string): readonly string[] {
  const [, ...keys] = /invalid keys: (\w+)/.exec(text) ?? [];
  const quoted = text.matchAll(/"([\w^(/-]{1,20})"|with id (\w+)/g);
  return [...keys, ...Array.from(quoted, ([, one, other]) => one ?? other ?? "")];
}

const isWarning = (line: string): boolean => /warning/i.test(line);

/** Lines of oauth2-proxy that say what is wrong, or that something may be. */
function complaints({ accepted, stdout, stderr }: RecordedStart["result"]): readonly string[] {
  const lines = [...stdout, ...stderr];
  return accepted ? lines.filter(isWarning) : stderr.filter((line) => !/^<(?:usage|stack)/.test(line));
}

/** What oauth2-proxy complains about and ours does not; undefined when there is nothing. */
function unsaid({ config, result }: RecordedStart, { out, err }: Start, places: Places): string | undefined {
  const words = out + err;
  const plain = words.toLowerCase().replace(/[_-]/g, "");
  const named = namedIn(words);
  const names = (key: OptionKey) => named.has(key) || plain.includes(key.replaceAll("_", ""));
  const lines = complaints(result);
  const wanted = lines.flatMap((line) => [...namedIn(line)]);
  const missing = wanted.filter((key) => !names(key));
  if (missing.length > 0) return `does not name ${[...new Set(missing)].join(", ")}: ${words.slice(0, 200)}`;
  if (result.accepted || wanted.length > 0) return undefined;
  const alpha = config.args?.some((argument) => argument.startsWith("--alpha-config")) === true;
  const about = alpha ? lines.flatMap(quotedIn) : changedBy(config, places);
  if (about.length === 0 || about.some((text) => words.includes(text))) return undefined;
  return `names none of ${about.join(", ")}: ${words.slice(0, 200)}`;
}

/** The written alpha configuration means the same. */
function otherFile({ result }: RecordedStart, { out }: Start, places: Places): string | undefined {
  const recorded = parse(filled(result.stdout.join("\n"), places)) as unknown;
  return isDeepStrictEqual(parse(out), recorded)
    ? undefined
    : `writes another configuration: ${out.slice(0, 200)}`;
}

function difference(recorded: RecordedStart, ours: Start, places: Places): string | undefined {
  const { accepted, status, exit_code } = recorded.result;
  const [theirs, mine] = [`${status.split(" ", 1)[0]} ${exit_code}`, `${ours.status} ${ours.code}`];
  if (theirs !== mine || accepted !== (ours.code === 0)) {
    return `${mine} instead of ${theirs}: ${ours.err.replace(/\s+/g, " ").slice(-300)}`;
  }
  if (recorded.config.args?.includes("--convert-config-to-alpha") && accepted) {
    return otherFile(recorded, ours, places);
  }
  return unsaid(recorded, ours, places);
}

async function play(
  recorded: RecordedStart,
  base: StartRecording["base_env"],
  stage: Stage,
): Promise<Result> {
  const { id, config } = recorded;
  const folder = mkdtempSync(path.join(tmpdir(), "golden-"));
  const [port, second] = await Promise.all([freePort(), freePort()]);
  const places: Places = {
    OP: stage.provider.issuer,
    OP2: stage.second.issuer,
    UP: stage.upstream.url,
    DIR: folder,
    PORT: String(port),
    PORT2: String(second),
    SELF: `127.0.0.1:${port}`,
    SECRET: "0123456789abcdef0123456789abcdef",
  };
  try {
    writeFiles(folder, config.files ?? {}, places);
    const args = (config.args ?? []).map((argument) => filled(argument, places));
    const environment = environmentOf(base, config, places);
    const found = difference(recorded, await start(environment, args), places);
    return found === undefined ? { id } : { id, difference: found };
  } catch (error) {
    return { id, difference: `breaks: ${(error as Error).stack?.slice(0, 400)}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts our program under every recorded configuration whose id is wanted. */
export async function playStarts(wanted: (id: string) => boolean): Promise<readonly Result[]> {
  const file = path.join(import.meta.dirname, "recorded/options.json");
  const { base_env, cases } = JSON.parse(readFileSync(file, "utf8")) as StartRecording;
  const waiting = cases.filter(({ id }) => wanted(id));
  if (waiting.length === 0) return [];
  const stage = await startStage(createKeys());
  const results: Result[] = [];
  for (const recorded of waiting) results.push(await play(recorded, base_env, stage));
  await stage.close();
  return results;
}
