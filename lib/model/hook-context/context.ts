import { Call, runCommand } from "./command.ts";
import { findCommand } from "./commands/table.ts";
import { type HookChanges, hookChanges } from "./commit.ts";
import { NeedsStdin, RefusedRequest } from "./errors.ts";
import { ContextAnswer, refuse } from "./printed.ts";
import { HookState } from "./state.ts";
import type { ActionResult, HookContextOptions } from "./types.ts";

/**
 * The agent's side of one hook: answers hook commands byte for byte as Juju's own does, and collects
 * what the hook wants to change.
 *
 * Calls are synchronous and run one after another. Things with effect at once go to
 * `options.onImmediate`; everything else waits for {@link HookContext.commit}, which the engine calls
 * when the hook exited 0.
 */
export class HookContext {
  readonly #state: HookState;

  constructor(options: HookContextOptions) {
    this.#state = new HookState(options);
  }

  /**
   * Runs one hook command.
   *
   * @param stdin Absent: the caller supplied none; see {@link ContextAnswer.needsStdin}.
   * @param options.dir The caller's working directory, absolute; files in arguments are relative to it.
   */
  run(
    command: string,
    args: readonly string[],
    stdin?: Uint8Array,
    options: { readonly dir?: string } = {},
  ): ContextAnswer {
    const found = findCommand(command, this.#state.version);
    if (found === undefined) return refuse(`bad request: ${unknown(command)}`);
    const call = new Call({ state: this.#state, name: command, dir: options.dir ?? "/", stdin });
    try {
      // Half a surrogate pair cannot travel as UTF-8; the agent would have been sent U+FFFD.
      const exitCode = runCommand(found, call, wellFormed(args));
      return new ContextAnswer(exitCode, call);
    } catch (error) {
      if (error instanceof NeedsStdin) return refuse(error.message, true);
      if (error instanceof RefusedRequest) return refuse(error.message);
      throw error;
    }
  }

  /**
   * What the hook wants changed, or nothing when it wants nothing. The hook ended well; the engine
   * applies it in one transaction, and may refuse it.
   *
   * @throws {FlushError} When it cannot even be asked for; the hook then failed.
   */
  commit(): HookChanges | undefined {
    return hookChanges(this.#state);
  }

  /** What an action set so far; also of one that failed. */
  get actionResult(): ActionResult {
    return this.#state.action.result();
  }

  /** Whether the hook asked for a reboot, and when. */
  get reboot(): "none" | "after-hook" | "now" {
    return this.#state.reboot;
  }
}

function wellFormed(texts: readonly string[]): readonly string[] {
  return texts.every((text) => text.isWellFormed()) ? texts : texts.map((text) => text.toWellFormed());
}

function unknown(command: string): string {
  return command === "" ? "command not specified" : `unknown command: ${command}`;
}
