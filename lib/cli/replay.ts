/** `iap replay`. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { loadProgram } from "../../charmcraft/load.ts";
import type { CharmProgram } from "../charm/contract.ts";
import { divergenceText } from "../charm/record/divergence.ts";
import { parseRecording, type Recording, RecordingError } from "../charm/record/recording.ts";
import { replay } from "../charm/record/replay.ts";

/** What was asked for on the command line. */
export interface ReplayRequest {
  /** Folder of the charm; default this folder if the charm is in it, else the one of that name in `charms/`. */
  readonly charm?: string;
  /** Waits for a debugger before the charm is loaded. */
  readonly inspectBrk?: boolean | string;
  /** `NAME=FILE`: the value for a placeholder is what the file holds. */
  readonly secret?: readonly string[];
}

/**
 * Runs the charm over a recorded hook, and prints in what it was another one.
 *
 * @returns The exit code: 1 for a divergence, or when there is nothing to replay.
 */
export async function replayRecording(file: string, request: ReplayRequest): Promise<number> {
  try {
    if (request.inspectBrk) return await underDebugger(file, request);
    const text = await readFile(file, "utf8");
    const recording = parseRecording(text, `"${file}"`);
    const program = await programOf(recording, request.charm);
    const secrets = await secretsOf(request.secret ?? [], text);
    const { divergences, exitCode, status, logs } = await replay(program, recording, { secrets });
    for (const line of logs) console.error(line);
    for (const divergence of divergences) console.log(divergenceText(divergence));
    const told = status === undefined ? "" : `, ${status.name}${status.message ? `: ${status.message}` : ""}`;
    const event = recording.env["JUJU_DISPATCH_PATH"] ?? "hook";
    const unit = recording.env["JUJU_UNIT_NAME"] ?? recording.charm;
    const result = divergences.length === 0 ? asRecorded(recording) : counted(divergences.length);
    console.log(`${event} of ${unit}: exit code ${exitCode}${told}; ${result}`);
    return divergences.length === 0 ? 0 : 1;
  } catch (error) {
    const known = error instanceof RecordingError || error instanceof TypeError;
    const { code, message, path: unread = file } = error as NodeJS.ErrnoException;
    if (!known && code === undefined) throw error;
    const why = new Map([
      ["ENOENT", "there is no such file"],
      ["EISDIR", "it is a folder, should be a file"],
    ]).get(code ?? "");
    console.error(why === undefined ? message : `Cannot read "${unread}": ${why}`);
    return 1;
  }
}

const counted = (count: number): string => (count === 1 ? "1 divergence" : `${count} divergences`);

function asRecorded({ outcome }: Recording): string {
  return outcome.ended === "signal" ? "as recorded, up to where it was killed" : "as recorded";
}

/** Loads what a charm does, from its folder. */
function programOf(recording: Recording, folder?: string): Promise<CharmProgram> {
  const places = folder === undefined ? [".", path.join("charms", recording.charm)] : [folder];
  const folders = places.map((place) => path.resolve(place));
  const found = folders.find((one) => existsSync(path.join(one, "charm.ts")));
  if (found !== undefined) return loadProgram(found);
  throw new TypeError(
    `Cannot replay: there is no charm.ts in ${folders.join(" and in ")}, --charm should be the charm's folder`,
  );
}

/** @param text Of the recording, where each placeholder should be. */
async function secretsOf(given: readonly string[], text: string): Promise<Record<string, string>> {
  const pairs = given.map((pair) => {
    const [, name, file] = /^(redacted-\d+)=(.+)$/s.exec(pair) ?? [];
    if (name === undefined || file === undefined) {
      throw new TypeError(`Cannot read --secret "${pair}": it should be redacted-N=FILE`);
    }
    if (!new RegExp(`${name}\\b`).test(text)) {
      throw new TypeError(`Cannot use --secret "${pair}": there is no ${name} in the recording`);
    }
    return readFile(file, "utf8").then((value) => [name, value] as const);
  });
  return Object.fromEntries(await Promise.all(pairs));
}

/** Runs this again on a Node.js that waits for a debugger. */
function underDebugger(file: string, { inspectBrk, charm, secret = [] }: ReplayRequest): Promise<number> {
  if (typeof inspectBrk === "string" && !/^(.+:)?\d+$/.test(inspectBrk)) {
    throw new TypeError(
      `Cannot wait for a debugger at "${inspectBrk}": it should be a port, or a host, a colon and a port`,
    );
  }
  const flag = typeof inspectBrk === "string" ? `--inspect-brk=${inspectBrk}` : "--inspect-brk";
  const args = [
    ...process.execArgv,
    flag,
    path.join(import.meta.dirname, `main${path.extname(import.meta.filename)}`),
    "replay",
    file,
    ...(charm === undefined ? [] : ["--charm", charm]),
    ...secret.flatMap((pair) => ["--secret", pair]),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
