import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inProcess } from "../../hook/index.ts";
import { HookContext } from "../../model/hook-context/index.ts";
import { environmentOfEvent } from "../../testing/environment-of-event.ts";
import type { AnyEventInput } from "../../testing/event.ts";
import { FakePebble } from "../../testing/pebble/fake-pebble.ts";
import { inputOf } from "../../testing/input-of-event.ts";
import type { AnyState } from "../../testing/state.ts";
import { worldOfState } from "../../testing/world-of-state.ts";
import type { CharmProgram } from "../contract.ts";
import { Recorder } from "../record/recorder.ts";
import { type HookOutcome, runHook } from "../runtime/run-hook.ts";

/** A recorded hook. */
export interface RecordedHook {
  readonly outcome: HookOutcome;
  /** The recording; `undefined` when there is none. */
  readonly text: string | undefined;
  /** Why there is none. */
  readonly told: readonly string[];
}

/** Runs one event over a state as `transition()` does, and records it as `dispatch()` does. */
export async function recordHook(
  charm: CharmProgram,
  event: string | AnyEventInput,
  state: object = {},
): Promise<RecordedHook> {
  const folder = mkdtempSync(path.join(tmpdir(), "record-"));
  try {
    return await recordInto(folder, charm, typeof event === "string" ? { event } : event, state as AnyState);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function recordInto(
  folder: string,
  charm: CharmProgram,
  event: AnyEventInput,
  state: AnyState = {},
): Promise<RecordedHook> {
  const { contract } = charm;
  const input = inputOf(contract, event, state);
  const context = new HookContext({
    world: worldOfState(input),
    version: { major: 4, minor: 0 },
    newSecretId: () => "00000000000000000009",
    now: () => new Date("2026-01-01T00:00:00Z"),
  });
  const env = { ...environmentOfEvent(input), JUJU_AGENT_TOKEN: "the-token-of-the-agent", PATH: "/usr/bin" };
  const told: string[] = [];
  const recorder = new Recorder({ contract, env, folder, tell: (message) => told.push(message) });
  const pebbles = new Map(
    Object.keys(contract.containers ?? {}).map((name) => [
      name,
      recorder.pebble(name, new FakePebble(name, state.containers?.[name]).transport()),
    ]),
  );
  const outcome = await runHook(charm, {
    env,
    hooks: recorder.hooks(
      inProcess(({ command, args, stdin }) => {
        const answer = context.run(command, args, stdin);
        return answer.needsStdin ? "needs stdin" : answer;
      }),
    ),
    pebble: (name) => pebbles.get(name)!,
    clock: Date,
    stderr: () => undefined,
  });
  recorder.end(outcome);
  const [name] = readdirSync(folder).filter((one) => one.endsWith(".json"));
  return { outcome, told, text: name === undefined ? undefined : readFileSync(path.join(folder, name), "utf8") };
}
