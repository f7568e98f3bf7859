import type { HookAnswer, HookRequest, HookTransport } from "../../hook/transport.ts";
import type { CharmContract } from "../contract.ts";
import { learnFromCommand } from "./learn.ts";
import { bytesOf, type ExchangeOf } from "./recording.ts";
import type { Stage } from "./stage.ts";
import { type Question, Tape } from "./tape.ts";

type Recorded = ExchangeOf<"hook">;

/** Commands that ask and change nothing. */
const READS =
  /^(.*-get|relation-ids|relation-list|is-leader|goal-state|opened-ports|secret-ids|storage-list|unit-get|resource-get)$/;

/** Log lines hold stacks and places that any edit moves; they are answered and not compared. */
const LOG = "juju-log";

function questionOf(
  command: string,
  args: readonly string[],
  stdin: string,
  content: readonly (readonly [string, string])[],
): Question {
  const secret = content.map(([key, value]) => `${key}=${value}`);
  return {
    what: command,
    details: [...args, ...secret, ...(stdin === "" ? [] : [`< ${stdin}`])].map(quoted).join(" "),
    writes: !READS.test(command),
  };
}

const quoted = (text: string): string => (/^[\w@%+=:,./<-]+$/.test(text) ? text : JSON.stringify(text));

function recordedQuestion({ command, args, stdin, content = {} }: Recorded): Question {
  return questionOf(command, args, stdin === undefined ? "" : textOf(stdin), Object.entries(content));
}

const textOf = (bytes: Recorded["stdout"]): string => Buffer.from(bytesOf(bytes) ?? []).toString("utf8");

/** Hook commands, answered from a recording. */
export function replayHooks(
  recorded: readonly Recorded[],
  contract: CharmContract,
  stage: Stage,
): HookTransport & { finish(): void; left(): number } {
  const tape = new Tape(
    recorded.filter(({ command }) => command !== LOG),
    recordedQuestion,
    stage.diverged,
  );
  return {
    async run(request) {
      if (request.command === LOG) {
        const at = request.args.indexOf("--log-level");
        stage.logs.push(`${request.args[at + 1] ?? "INFO"} ${request.args.at(-1) ?? ""}`);
        return answer(0, "", "");
      }
      stage.pairContent(request, recorded);
      const exchange = tape.take(asked(request, stage));
      const given = exchange === undefined ? unknown(request) : answerOf(exchange, stage);
      learnFromCommand({ command: request.command, args: [] }, given, contract, stage.secrets);
      return given;
    },
    close() {},
    finish: () => tape.finish(),
    left: () => tape.left,
  };
}

function asked({ command, args, stdin, content = {} }: HookRequest, { secrets }: Stage): Question {
  const clean = (text: string) => secrets.clean(text);
  const sent = Object.entries(content).map(
    ([key, value]) => [key, clean(new TextDecoder().decode(value))] as const,
  );
  const input = stdin === undefined ? "" : clean(new TextDecoder().decode(stdin));
  return questionOf(command, args.map(clean), input, sent);
}

/** A write that was not recorded succeeds, so that one run tells all that differs. */
function unknown({ command }: HookRequest): HookAnswer {
  return READS.test(command) || command === "secret-add"
    ? answer(1, "", `ERROR ${command}: not in the recording\n`)
    : answer(0, "", "");
}

function answerOf({ command, exitCode, stdout, stderr }: Recorded, stage: Stage): HookAnswer {
  const [out, err] = [bytesOf(stdout), bytesOf(stderr)];
  if (out === undefined || err === undefined) stage.diverged({ kind: "answer not kept", what: command });
  return { exitCode, stdout: stage.filled(out ?? new Uint8Array(), "json"), stderr: err ?? new Uint8Array() };
}

function answer(exitCode: number, stdout: string, stderr: string): HookAnswer {
  const encoder = new TextEncoder();
  return { exitCode, stdout: encoder.encode(stdout), stderr: encoder.encode(stderr) };
}
