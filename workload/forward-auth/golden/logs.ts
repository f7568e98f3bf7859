/** Compares log lines with the recorded ones, by stream: those of the start, then those of each request. @module */

import { type Places, sameText } from "./places.ts";
import { Play } from "./play.ts";
import type { HttpRecording, RecordedConfig, RecordedRequest } from "./recording.ts";
import type { Stage, Subject } from "./stage.ts";

/** Lines by stream; an absent stream was silent. */
interface RecordedLines {
  readonly stdout?: readonly string[];
  readonly stderr?: readonly string[];
}

/** One step: a request, or a whole sign-in. */
interface LogStep extends RecordedLines {
  readonly request?: RecordedRequest;
  readonly sign_in?: true;
  readonly status?: number;
}

/** One case of `logs.json`. */
export interface LogCase {
  readonly id: string;
  readonly config: RecordedConfig;
  readonly start_lines?: RecordedLines;
  readonly steps: readonly LogStep[];
}

/** `logs.json`. */
export interface LogRecording {
  readonly base_env: Readonly<Record<string, string>>;
  readonly cases: readonly LogCase[];
}

/** Pages, echoes and links have other sizes here than in the recording, and the closed port has another number. */
function comparable(recorded: string): string {
  return (
    recorded
      .replace(/" (\d{3}) \d{3,} <seconds>$/, '" $1 <size> <seconds>')
      .replace(/"size":\d{3,},"duration":"<seconds>/, '"size":<size>,"duration":<seconds>')
      .replace('"duration":"<seconds>', '"duration":<seconds>')
      .replace("http://127.0.0.1:9/", `$\{DEAD}/`)
      .replace("dial tcp 127.0.0.1:9:", `dial tcp $\{DEADHOST}:`)
      // Deviation "log fields": what signs somebody in is not logged.
      .replace(/(\/oauth2\/callback)\?code=<code>&state=[^"\\ ]*/, "$1")
  );
}

/** The recording has no source lines; ours are oauth2-proxy's. */
const withoutSourceLine = (line: string): string =>
  line.replace(/\n$/, "").replace(/\[(\w+\.go):\d+\]/, "[$1]");

/** Lines that we add to oauth2-proxy's name their source. */
const isOurs = (line: string): boolean => /\[forward-auth\]|"file":"forward-auth"/.test(line);

function linesDifference(
  stream: string,
  recorded: readonly string[],
  written: readonly string[],
  places: Places,
): string | undefined {
  const now = written.filter((line) => !isOurs(line)).map(withoutSourceLine);
  // The session behind some lines had no end when they were recorded; the recorded cookie has one.
  const same = (line: string, wanted: string) =>
    sameText(wanted, line, places) || sameText(wanted, line.replace(/ expires:\S+ \S+ \S+ \S+/, ""), places);
  for (const [index, line] of recorded.entries()) {
    if (now[index] === undefined || !same(now[index], comparable(line)))
      return `${stream}: recorded ${JSON.stringify(line)}, now ${JSON.stringify(now[index])}`;
  }
  const more = now[recorded.length];
  return more === undefined ? undefined : `${stream}: recorded nothing, now ${JSON.stringify(more)}`;
}

/** Milliseconds that a line may come after its answer. */
const PATIENCE = 300;

/** Plays one case. */
class LogPlay {
  readonly #subject: Subject;
  readonly #play: Play;

  constructor(stage: Stage, subject: Subject, names: HttpRecording) {
    this.#subject = subject;
    this.#play = new Play(stage, subject, names);
  }

  async run({ start_lines, steps }: LogCase): Promise<string | undefined> {
    const start = await this.#compare(start_lines ?? {}, start_lines === undefined);
    if (start !== undefined) return `start: ${start}`;
    for (const [index, step] of steps.entries()) {
      // A request without an answer has lines all the same.
      await this.#take(step).catch(() => undefined);
      const found = await this.#compare(step, false);
      if (found !== undefined) return `step ${index + 1}: ${found}`;
    }
    return undefined;
  }

  async #take({ request, sign_in, stdout }: LogStep): Promise<void> {
    if (sign_in) {
      await this.#play.send({ target: "/oauth2/start?rd=%2Fafter" });
      const { code, state } = this.#play.authorize();
      await this.#play.send({
        target: `/oauth2/callback?code=${code}&state=${encodeURIComponent(state)}`,
        jar: true,
      });
    } else if (request !== undefined) {
      // The recording tells an odd Host by its line only.
      const [, host = "app.example.com"] = /\[<time>\] (\S+) GET/.exec(stdout?.at(-1) ?? "") ?? [];
      const headers = (request.headers ?? []).filter(([, value]) => value !== "<session of alice>");
      const signedIn = headers.length < (request.headers?.length ?? 0);
      const forwarded = headers.some(([name]) => name === "X-Forwarded-Host");
      await this.#play.send({
        ...request,
        headers,
        ...(forwarded ? {} : { host }),
        ...(signedIn ? { cookie: "alice" } : {}),
      });
    }
  }

  /** Compares what was written since the last look. @param any True: nothing was recorded of it. */
  async #compare(recorded: RecordedLines, any: boolean): Promise<string | undefined> {
    const { log, errors, places } = this.#subject;
    const wanted = (recorded.stdout?.length ?? 0) + (recorded.stderr?.length ?? 0);
    const written = () => [...log, ...errors].filter((line) => !isOurs(line)).length;
    for (const end = Date.now() + PATIENCE; !any && written() < wanted && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 5));
    const [output, faults] = [log.splice(0), errors.splice(0)];
    if (any) return undefined;
    return (
      linesDifference("stdout", recorded.stdout ?? [], output, places) ??
      linesDifference("stderr", recorded.stderr ?? [], faults, places)
    );
  }
}

/** Where the lines of a case differ first; undefined when they do not. */
export function logDifference(
  recorded: LogCase,
  stage: Stage,
  subject: Subject,
  names: HttpRecording,
): Promise<string | undefined> {
  stage.provider.plan({});
  return new LogPlay(stage, subject, names).run(recorded);
}
