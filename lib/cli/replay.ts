/** `iap replay`. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
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
  if (request.inspectBrk) return await underDebugger(file, request);
  try {
    const recording = parseRecording(await readFile(file, "utf8"), `"${file}"`);
    const program = await loadProgram(recording, request.charm);
    const secrets = await secretsOf(request.secret ?? []);
    const { divergences, exitCode, status, logs } = await replay(program, recording, { secrets });
    for (const line of logs) console.error(line);
    for (const divergence of divergences) console.log(divergenceText(divergence));
    const told = status === undefined ? "" : `, ${status.name}${status.message ? `: ${status.message}` : ""}`;
    const event = recording.env["JUJU_DISPATCH_PATH"] ?? "hook";
    console.log(
      `${event} of ${recording.env["JUJU_UNIT_NAME"] ?? recording.charm}: exit code ${exitCode}${told}; ` +
        (divergences.length === 0
          ? asRecorded(recording)
          : `${divergences.length} divergence${divergences.length === 1 ? "" : "s"}`),
    );
    return divergences.length === 0 ? 0 : 1;
  } catch (error) {
    const known = error instanceof RecordingError || error instanceof TypeError;
    const { code, path: missing } = error as NodeJS.ErrnoException;
    if (!known && code === undefined) throw error;
    const absent = code === "ENOENT" && `Cannot read "${missing}": there is no such file`;
    console.error(absent || (error as Error).message);
    return 1;
  }
}

function asRecorded({ outcome }: Recording): string {
  return outcome.ended === "signal" ? "as recorded, up to where it was killed" : "as recorded";
}

/** Loads what a charm's folder exports from `charm.ts`. */
async function loadProgram(recording: Recording, folder?: string): Promise<CharmProgram> {
  const places = folder === undefined ? [".", path.join("charms", recording.charm)] : [folder];
  const files = places.map((place) => path.resolve(place, "charm.ts"));
  const file = files.find((one) => existsSync(one));
  if (file === undefined) {
    throw new TypeError(
      `Cannot replay: there is no ${files.join(" and no ")}, --charm should be the charm's folder`,
    );
  }
  const module = (await import(pathToFileURL(file).href)) as { default?: CharmProgram };
  if (module.default === undefined)
    throw new TypeError(`Cannot load ${file}: it must export the charm by default`);
  return module.default;
}

async function secretsOf(given: readonly string[]): Promise<Record<string, string>> {
  const pairs = given.map((pair) => {
    const [, name, file] = /^(redacted-\d+)=(.+)$/s.exec(pair) ?? [];
    if (name === undefined || file === undefined) {
      throw new TypeError(`Cannot read --secret "${pair}": it should be redacted-N=FILE`);
    }
    return readFile(file, "utf8").then((value) => [name, value] as const);
  });
  return Object.fromEntries(await Promise.all(pairs));
}

/** Runs this again on a Node.js that waits for a debugger. */
function underDebugger(file: string, { inspectBrk, charm, secret = [] }: ReplayRequest): Promise<number> {
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
