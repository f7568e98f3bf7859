/**
 * Replays a recorded session of a real Juju: the same commands, the same hooks with the same variables, and
 * the same answers to the hook commands that were called in them.
 *
 * The order of hooks of one unit must be the recorded one; between units it is followed as recorded. What
 * Juju leaves open, and only that, may differ, and each use is counted:
 *
 * - *merged*: the recording has the same hook of a unit once more, with the same variables, because its
 *   agent learned of one change in two steps;
 * - *moved*: an application's `relation-changed` ran before or after `joined` and `changed` of the same
 *   relation; that depends on when the agent learns of it.
 *
 * @module
 */

import { isModelError } from "./errors.ts";
import {
  probeModel,
  probeOptions,
  type RecordedHook,
  type RecordedSession,
  type RecordedStep,
  type RecordedTool,
} from "./golden-probe.ts";
import { playStep } from "./golden-steps.ts";
import { Model } from "./model.ts";
import type { HookRun } from "./run.ts";

export interface SessionReport {
  readonly hooks: { expected: number; matched: number; merged: number; moved: number };
  /** Hook commands called in matched hooks; excused: what moved hooks see of members. */
  readonly tools: { expected: number; matched: number; excused: number };
  /** What commands answered: `[step, text]`. */
  readonly outcomes: readonly (readonly [string, string])[];
  readonly faults: readonly string[];
  readonly model: Model;
}

const START = Date.UTC(2026, 10, 23, 19, 2, 0);
const WATCHED =
  /^JUJU_(HOOK_NAME|RELATION|RELATION_ID|REMOTE_UNIT|REMOTE_APP|DEPARTING_UNIT|SECRET_.*|ACTION_.*)$/;
const SECRET = /secret:\/\/[0-9a-f-]{36}\/([0-9a-z]{20})/;

const isStep = (event: RecordedHook | RecordedStep): event is RecordedStep => "step" in event;

function describe(path: string, env: Readonly<Record<string, string | undefined>>): string {
  const watched = Object.keys(env).filter((key) => WATCHED.test(key) && key !== "JUJU_HOOK_NAME");
  return [path, ...watched.sort().map((key) => `${key.slice(5)}=${env[key]}`)].join(" ");
}

/** Whether two hooks are of one relation, one of them for an application's databag. */
function mayMove(a: string, b: string): boolean {
  const relation = (text: string) => / RELATION_ID=(\S+)/.exec(text)?.[1];
  const ofApplication = (text: string) => /relation-changed .* REMOTE_UNIT=$/.test(text);
  return relation(a) !== undefined && relation(a) === relation(b) && (ofApplication(a) || ofApplication(b));
}

class Replay {
  time = START;
  readonly model: Model;
  readonly faults: string[] = [];
  readonly outcomes: (readonly [string, string])[] = [];
  readonly hooks = { expected: 0, matched: 0, merged: 0, moved: 0 };
  readonly tools = { expected: 0, matched: 0, excused: 0 };
  readonly #waiting = new Map<string, RecordedHook[]>();
  readonly #last = new Map<string, Set<string>>();
  /** Recorded secret id → the model's. */
  readonly #ids = new Map<string, string>();

  constructor(session: RecordedSession) {
    this.model = probeModel({ now: () => this.time }, { relations: 2, tasks: 6 });
    for (const event of session.events) {
      if (isStep(event)) continue;
      this.hooks.expected += 1;
      this.#waiting.set(event.unit, [...(this.#waiting.get(event.unit) ?? []), event]);
    }
  }

  play(events: RecordedSession["events"]): void {
    for (const event of events) {
      if (isStep(event)) this.#step(event.step);
      else if (this.#waiting.get(event.unit)?.includes(event)) this.#deliver(event);
    }
    for (const unit of this.model.runnable()) this.faults.push(`${unit}: has another hook to run`);
  }

  #step(step: string): void {
    this.#catchUp();
    this.time += 1_000;
    try {
      const text = playStep(this.model, step);
      if (text !== undefined) this.outcomes.push([step, text]);
    } catch (error) {
      if (!isModelError(error)) throw error;
      this.outcomes.push([step, `ERROR ${error.message}`]);
    }
  }

  /** Before a command, units run what they already have to: the recording's clock is not the model's. */
  #catchUp(): void {
    for (let progress = true; progress; ) {
      progress = false;
      for (const [unit, hooks] of this.#waiting) {
        const [head] = hooks;
        if (!head || this.#peek(unit) !== this.#expected(head)) continue;
        this.#run(this.model.next(unit)!, head);
        progress = true;
      }
    }
  }

  /** What the unit would run now, found on a copy. */
  #peek(unit: string): string | undefined {
    if (!this.model.runnable().includes(unit)) return undefined;
    const copy = Model.restore(this.model.snapshot(), probeOptions({ now: () => this.time }));
    const run = copy.next(unit);
    return run && describe(run.dispatchPath ?? "", run.environment);
  }

  #next(unit: string): HookRun | undefined {
    return this.model.state.units[unit] ? this.model.next(unit) : undefined;
  }

  #expected(hook: RecordedHook): string {
    return this.#translated(describe(hook.path, hook.env));
  }

  #translated(text: string): string {
    let result = text;
    for (const [recorded, own] of this.#ids) result = result.replaceAll(recorded, own);
    return result;
  }

  #deliver(hook: RecordedHook): void {
    const expected = this.#expected(hook);
    for (;;) {
      const run = this.#next(hook.unit) ?? this.#later(hook, expected);
      if (!run) {
        this.#merge(hook, expected);
        return;
      }
      const actual = describe(run.dispatchPath ?? "", run.environment);
      if (actual === expected) {
        this.#run(run, hook);
        return;
      }
      const moved = this.#waiting.get(hook.unit)?.find((other) => this.#expected(other) === actual);
      if (!moved || !mayMove(expected, actual)) {
        this.faults.push(`t=${hook.t} ${hook.unit}: ran "${actual}", must be "${expected}"`);
        this.#run(run, hook);
        return;
      }
      this.hooks.moved += 1;
      this.#run(run, moved, true);
    }
  }

  /** A hook that the clock brings: the retry of a failed one, or `update-status`. */
  #later(hook: RecordedHook, expected: string): HookRun | undefined {
    const u = this.model.state.units[hook.unit];
    if (
      !u ||
      (!u.failed && this.#last.get(hook.unit)?.has(expected) && !hook.path.endsWith("update-status"))
    ) {
      return undefined;
    }
    for (let at = this.model.nextWake(); at !== undefined; at = this.model.nextWake()) {
      this.time = at;
      const run = this.#next(hook.unit);
      if (run) return run;
      if (this.time > START + 3_600_000) return undefined;
    }
    return undefined;
  }

  #merge(hook: RecordedHook, expected: string): void {
    this.#done(hook);
    if (this.#last.get(hook.unit)?.has(expected)) this.hooks.merged += 1;
    else this.faults.push(`t=${hook.t} ${hook.unit}: ran nothing, must be "${expected}"`);
  }

  #done(hook: RecordedHook): void {
    this.#waiting.set(
      hook.unit,
      this.#waiting.get(hook.unit)!.filter((other) => other !== hook),
    );
  }

  #run(run: HookRun, hook: RecordedHook, moved = false): void {
    this.#done(hook);
    const key = describe(run.dispatchPath ?? "", run.environment);
    this.#last.set(run.unit, (this.#last.get(run.unit) ?? new Set()).add(key));
    this.time += 100;
    for (const tool of hook.tools) {
      // Who has joined by then depends on where the hook was moved to.
      if (moved && tool.argv[0] === "relation-list") this.tools.excused += 1;
      else this.#tool(run, hook, tool);
    }
    run.finish({ exitCode: hook.failing ? 1 : 0 });
    this.hooks.matched += 1;
  }

  #tool(run: HookRun, hook: RecordedHook, tool: RecordedTool): void {
    this.tools.expected += 1;
    const [command = "", ...args] = tool.argv.map((arg) => this.#translated(arg));
    const answer = run.context.run(command, args);
    const out = Buffer.from(answer.stdout).toString();
    const err = Buffer.from(answer.stderr).toString();
    const [recorded, own] = [SECRET.exec(tool.out)?.[1], SECRET.exec(out)?.[1]];
    if (command === "secret-add" && recorded && own) this.#ids.set(recorded, own);
    const actual = JSON.stringify([answer.exitCode, out, err]);
    const expected = JSON.stringify([tool.code, this.#translated(tool.out), this.#translated(tool.err)]);
    if (actual === expected) this.tools.matched += 1;
    else
      this.faults.push(
        `t=${hook.t} ${hook.unit} ${hook.path}: ${tool.argv.join(" ")}: ${actual}, must be ${expected}`,
      );
  }
}

/** Plays the session and says what differed. */
export function replaySession(session: RecordedSession): SessionReport {
  const replay = new Replay(session);
  replay.play(session.events);
  const { hooks, tools, outcomes, faults, model } = replay;
  return { hooks, tools, outcomes, faults, model };
}
