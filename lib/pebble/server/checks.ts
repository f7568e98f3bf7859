import { isDeepStrictEqual } from "node:util";
import { DEFAULT_THRESHOLD } from "../plan/format.ts";
import type { Check, Plan } from "../plan/types.ts";
import type { CheckState } from "../types.ts";
import type { Changes, NewTask, TaskControl } from "./changes.ts";
import { checkPeriodMs, runCheck } from "./check-runner.ts";
import { type PebbleClock, sleep } from "./clock.ts";
import { type Container, inContext } from "./environment.ts";

type Kind = "perform-check" | "recover-check";

interface Watched {
  readonly name: string;
  check: Check;
  /** Empty while it does not run. */
  changeId: string;
  previousId: string;
  successes: number;
  failures: number;
  metrics: { successes: number; failures: number };
  /** Runs it now, on the running change. */
  refresh: (() => Promise<string>) | undefined;
}

export interface ChecksHost {
  readonly clock: PebbleClock;
  readonly container: Container;
  readonly changes: Changes;
  /** A check reached its threshold. */
  failed(check: string): void;
}

/**
 * Runs the plan's checks. A check that goes down ends its `perform-check` change in error and begins a
 * `recover-check` change, which is done with the first success; a new `perform-check` follows.
 */
export class Checks {
  readonly #host: ChecksHost;
  readonly #watched = new Map<string, Watched>();

  constructor(host: ChecksHost) {
    this.#host = host;
  }

  /** Stops checks that are gone, restarts those that changed and starts new ones. */
  planChanged(plan: Plan): void {
    for (const watched of [...this.#watched.values()]) {
      if (!plan.checks[watched.name]) this.#remove(watched);
    }
    for (const [name, check] of Object.entries(plan.checks)) this.#plan(name, merged(plan, check));
  }

  #remove(watched: Watched): void {
    this.#watched.delete(watched.name);
    this.#host.changes.abort(watched.changeId);
  }

  #plan(name: string, check: Check): void {
    const known = this.#watched.get(name);
    if (known && isDeepStrictEqual(known.check, check)) return;
    const wasRunning = known !== undefined && known.changeId !== "";
    if (known) this.#host.changes.abort(known.changeId);
    const metrics = known?.metrics ?? { successes: 0, failures: 0 };
    const counts = { successes: 0, failures: 0, metrics };
    const watched = { name, check, changeId: "", previousId: "", ...counts, refresh: undefined };
    this.#watched.set(name, watched);
    const disabled = check.startup === "disabled";
    const turnedOff = disabled && known?.check.startup !== "disabled";
    if (known ? wasRunning && !turnedOff : !disabled) this.#begin(watched, "perform-check");
  }

  #begin(watched: Watched, kind: Kind): void {
    const type = watched.check.http ? "HTTP" : watched.check.tcp ? "TCP" : "exec";
    const summary = `${kind === "perform-check" ? "Perform" : "Recover"} ${type} check "${watched.name}"`;
    const run = kind === "perform-check" ? this.#perform : this.#recover;
    const task: NewTask = {
      kind,
      summary,
      lane: 0,
      waitsFor: [],
      run: (control) => run.call(this, watched, control),
    };
    const noticeData = { "check-name": watched.name };
    const id = this.#host.changes.start({ kind, summary, tasks: [task], noticeData });
    watched.changeId = id;
    if (kind === "perform-check") watched.failures = 0;
    void this.#host.changes.finished(id).then(() => this.#follow(watched, id, kind));
  }

  /** One change of a check has ended by itself: the other kind begins. */
  #follow(watched: Watched, id: string, kind: Kind): void {
    if (this.#watched.get(watched.name) !== watched || watched.changeId !== id) return;
    watched.previousId = id;
    this.#begin(watched, kind === "perform-check" ? "recover-check" : "perform-check");
  }

  async #perform(watched: Watched, control: TaskControl): Promise<void> {
    await this.#loop(watched, control, (failure) => {
      if (failure === undefined) {
        watched.successes++;
        if (watched.failures > 0) {
          control.log(
            `succeeded after ${watched.failures} ${watched.failures === 1 ? "failure" : "failures"}`,
          );
        }
        watched.failures = 0;
        return false;
      }
      watched.failures++;
      if (watched.failures < threshold(watched.check)) {
        control.error(failure);
        return false;
      }
      this.#host.failed(watched.name);
      throw new Error(failure);
    });
  }

  async #recover(watched: Watched, control: TaskControl): Promise<void> {
    await this.#loop(watched, control, (failure) => {
      if (failure !== undefined) {
        watched.failures++;
        control.error(failure);
        return false;
      }
      watched.successes = 1;
      watched.failures = 0;
      return true;
    });
  }

  /** Runs the check every period until `judge` says it is over. */
  async #loop(
    watched: Watched,
    control: TaskControl,
    judge: (failure: string | undefined) => boolean,
  ): Promise<void> {
    try {
      while (!(await this.#turn(watched, control, judge)));
    } finally {
      watched.refresh = undefined;
    }
  }

  /** Waits a period, or for a request to run it now; true when the change is over. */
  async #turn(
    watched: Watched,
    control: TaskControl,
    judge: (failure: string | undefined) => boolean,
  ): Promise<boolean> {
    const asked = Promise.withResolvers<(failure: string) => void>();
    const early = new AbortController();
    watched.refresh = () => {
      const answer = Promise.withResolvers<string>();
      asked.resolve(answer.resolve);
      early.abort();
      return answer.promise;
    };
    const stop = AbortSignal.any([early.signal, control.signal]);
    await sleep(this.#host.clock, checkPeriodMs(watched.check), stop);
    control.signal.throwIfAborted();
    watched.refresh = undefined;
    const failure = await this.#runOnce(watched, control.signal);
    control.signal.throwIfAborted();
    if (early.signal.aborted) (await asked.promise)(failure ?? "");
    return judge(failure);
  }

  async #runOnce(watched: Watched, signal: AbortSignal): Promise<string | undefined> {
    try {
      await runCheck(watched.check, this.#host.container, this.#host.clock, signal);
      watched.metrics.successes++;
      return undefined;
    } catch (error) {
      watched.metrics.failures++;
      return (error as Error).message;
    }
  }

  list(): readonly CheckState[] {
    return [...this.#watched.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(show);
  }

  /** Counts since the start, by check. */
  metrics(): ReadonlyMap<string, { readonly successes: number; readonly failures: number }> {
    return new Map([...this.#watched.values()].map((one) => [one.name, one.metrics]));
  }

  missing(names: readonly string[]): readonly string[] {
    return names.filter((name) => !this.#watched.has(name)).sort();
  }

  /** Starts those that do not run; which they were. */
  start(names: readonly string[]): readonly string[] {
    return names.filter((name) => {
      const watched = this.#watched.get(name);
      if (watched?.changeId !== "") return false;
      watched.successes = 0;
      watched.previousId = "";
      this.#begin(watched, "perform-check");
      return true;
    });
  }

  /** Stops those that run; which they were. */
  stop(names: readonly string[]): readonly string[] {
    return names.filter((name) => {
      const watched = this.#watched.get(name);
      if (!watched || watched.changeId === "") return false;
      const id = watched.changeId;
      watched.changeId = "";
      this.#host.changes.abort(id);
      return true;
    });
  }

  /** Starts the enabled ones that were stopped. */
  replan(): void {
    this.start(
      [...this.#watched.values()].filter(({ check }) => check.startup !== "disabled").map(({ name }) => name),
    );
  }

  /** Runs one now; the failure, or empty. While stopped it does not count. */
  async refresh(
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly info: CheckState; readonly error: string } | undefined> {
    const watched = this.#watched.get(name);
    if (!watched) return undefined;
    const error = watched.refresh ? await watched.refresh() : await this.#dryRun(watched, signal);
    return { info: show(this.#watched.get(name) ?? watched), error };
  }

  async #dryRun(watched: Watched, signal: AbortSignal): Promise<string> {
    try {
      await runCheck(watched.check, this.#host.container, this.#host.clock, signal);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Ends all of them. */
  close(): void {
    for (const watched of [...this.#watched.values()]) this.#remove(watched);
  }
}

function merged(plan: Plan, check: Check): Check {
  if (!check.exec?.["service-context"]) return check;
  const context = inContext(plan, check.exec["service-context"], check.exec);
  if (!context) return check;
  const { environment, user, group, "user-id": uid, "group-id": gid, "working-dir": cwd } = context;
  const set = Object.entries({
    environment,
    user,
    group,
    "user-id": uid,
    "group-id": gid,
    "working-dir": cwd,
  });
  return {
    ...check,
    exec: { ...check.exec, ...Object.fromEntries(set.filter(([, value]) => value !== undefined)) },
  };
}

function threshold(check: Check): number {
  return check.threshold ?? DEFAULT_THRESHOLD;
}

function show(watched: Watched): CheckState {
  const { check } = watched;
  return {
    name: watched.name,
    ...(check.level && { level: check.level }),
    startup: check.startup === "disabled" ? "disabled" : "enabled",
    status: watched.changeId === "" ? "inactive" : watched.failures >= threshold(check) ? "down" : "up",
    successes: watched.successes,
    ...(watched.failures > 0 && { failures: watched.failures }),
    threshold: threshold(check),
    ...(watched.changeId !== "" && { "change-id": watched.changeId }),
    ...(watched.previousId !== "" && { "prev-change-id": watched.previousId }),
  };
}
