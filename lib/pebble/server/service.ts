import { parseCommand } from "../plan/command.ts";
import type { Service, ServiceAction } from "../plan/types.ts";
import type { ServiceStatus } from "../types.ts";
import { backOffLimitMs, durationMs, nextBackOffMs } from "./back-off.ts";
import { type Child, startChild } from "./child.ts";
import type { PebbleClock } from "./clock.ts";
import { type Container, hostDirectory, ignoredUser, processEnvironment } from "./environment.ts";
import type { LogBuffer } from "./log-buffer.ts";
import type { ProcessGroup } from "./process-group.ts";
import type { Timestamp } from "./timestamp.ts";

/** Why embedded Pebble ends: 0 as asked, 10 a service failed, 11 a check failed. */
export type ExitCode = 0 | 10 | 11;

/** What a supervised service needs from its Pebble. */
export interface ServiceHost {
  readonly clock: PebbleClock;
  readonly now: () => Timestamp;
  readonly container: Container;
  /** Between 0 and 1. */
  readonly random: () => number;
  /** Milliseconds that a service must run to count as started. */
  readonly startGraceMs: number;
  started(service: string, group: ProcessGroup): void;
  exited(service: string, group: ProcessGroup): void;
  shutdown(code: ExitCode): void;
}

type State =
  | "initial"
  | "launching"
  | "starting"
  | "running"
  | "terminating"
  | "killing"
  | "stopped"
  | "backoff"
  | "exited";

const STATUS: Readonly<Record<State, ServiceStatus>> = {
  initial: "error",
  launching: "active",
  starting: "active",
  running: "active",
  terminating: "inactive",
  killing: "inactive",
  stopped: "inactive",
  backoff: "backoff",
  exited: "error",
};

const DEFAULT_KILL_DELAY_MS = 5000;
/** From SIGKILL until stopping is given up. */
const FAIL_DELAY_MS = 5000;
const LAST_LOG_LINES = 20;

/** A failed start, with the last lines the service wrote. */
export class StartFault extends Error {
  readonly output: string;
  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

/**
 * One service: its process, and what is done when that ends. Starting counts as done after the grace time;
 * stopping sends SIGTERM to the group and SIGKILL after the kill delay.
 */
export class SupervisedService {
  readonly name: string;
  readonly logs: LogBuffer;
  readonly #host: ServiceHost;
  #config: Service;
  #state: State = "initial";
  #since: Timestamp | undefined;
  #child: Child | undefined;
  #starting: PromiseWithResolvers<void> | undefined;
  #stopping: PromiseWithResolvers<void> | undefined;
  #launching: Promise<void> = Promise.resolve();
  #backoffMs = 0;
  #restarting = false;
  #startCount = 0;
  #cancels = new Set<() => void>();

  constructor(name: string, config: Service, logs: LogBuffer, host: ServiceHost) {
    this.name = name;
    this.#config = config;
    this.logs = logs;
    this.#host = host;
  }

  get status(): ServiceStatus {
    return STATUS[this.#state];
  }

  get since(): Timestamp | undefined {
    return this.#since;
  }

  get startCount(): number {
    return this.#startCount;
  }

  /** Configuration it was last started with. */
  get config(): Service {
    return this.#config;
  }

  /** Takes a configuration that will hold from the next start on. */
  configure(config: Service): void {
    this.#config = config;
  }

  /**
   * Starts it unless it runs; one that waits to be restarted is started now.
   *
   * @returns What to say in the task's log, if anything.
   * @throws {StartFault} When it did not start or ended within the grace time; it may be restarted all the same.
   */
  async start(config: Service): Promise<string | undefined> {
    this.#config = config;
    if (["initial", "launching", "starting", "running"].includes(this.#state) && this.#startCount > 0) {
      return `Service "${this.name}" already started.`;
    }
    if (this.#state === "terminating" || this.#state === "killing") {
      throw new StartFault(`cannot start service while ${this.#state}`, "");
    }
    this.#cancelTimers();
    this.#backoffMs = 0;
    this.#startCount++;
    await this.#launch("starting");
    const starting = Promise.withResolvers<void>();
    this.#starting = starting;
    this.#after(this.#host.startGraceMs, () => this.#graceOver());
    await starting.promise;
    return ignoredUser(config);
  }

  #graceOver(): void {
    if (this.#state !== "starting") return;
    this.#move("running");
    this.#settleStart();
  }

  #settleStart(fault?: StartFault): void {
    const starting = this.#starting;
    this.#starting = undefined;
    if (fault) starting?.reject(fault);
    else starting?.resolve();
  }

  async #launch(next: "starting" | "running"): Promise<void> {
    const config = this.#config;
    this.#move("launching");
    const launching = Promise.withResolvers<void>();
    this.#launching = launching.promise;
    try {
      const child = await this.#spawn(config);
      if (this.#state !== "launching") await this.#discard(child);
      this.#attach(child, config, next);
    } catch (error) {
      if (error instanceof StartFault) throw error;
      if (this.#state === "launching") this.#move(next === "starting" ? "stopped" : "exited");
      throw new StartFault(`cannot start service: ${(error as Error).message}`, "");
    } finally {
      launching.resolve();
    }
  }

  /** It was stopped while its process was being made. */
  async #discard(child: Child): Promise<never> {
    child.signalGroup("SIGKILL");
    await child.exited;
    throw new StartFault("start aborted, sent SIGKILL to process", "");
  }

  #attach(child: Child, config: Service, next: "starting" | "running"): void {
    this.#child = child;
    this.#host.started(this.name, child.group);
    this.#move(next);
    this.#after(backOffLimitMs(config), () => this.#settled(child));
    void child.exited.then((code) => this.#exited(child, code));
  }

  async #spawn(config: Service): Promise<Child> {
    const { container } = this.#host;
    const { base, extra } = parseCommand(this.name, config.command ?? "");
    const argv = [...base, ...extra];
    const environment = processEnvironment(container, config.environment);
    const child = await startChild({
      file: await container.programs.find(argv[0] ?? "", environment["PATH"]!),
      argv,
      environment,
      workingDir: await hostDirectory(container, config["working-dir"]),
      drainMs: this.#killDelayMs(config) * 0.9,
    });
    for (const stream of [child.stdout, child.stderr]) {
      const sink = this.logs.sink();
      stream.on("data", (chunk: Uint8Array) => sink.write(chunk));
      stream.on("close", () => sink.end());
    }
    return child;
  }

  #killDelayMs(config: Service): number {
    return durationMs(config["kill-delay"], DEFAULT_KILL_DELAY_MS);
  }

  /** It has run long enough that the next failure counts as the first. */
  #settled(child: Child): void {
    if (this.#child === child && this.#state === "running") this.#backoffMs = 0;
  }

  #exited(child: Child, code: number): void {
    this.#host.exited(this.name, child.group);
    if (this.#child !== child) return;
    this.#child = undefined;
    if (this.#state === "starting") {
      const action = this.#actionFor(code);
      const message = `service start attempt: exited quickly with code ${code}, will ${action}`;
      this.#react(code);
      this.#settleStart(new StartFault(message, this.logs.tail(LAST_LOG_LINES, "    ")));
    } else if (this.#state === "running") this.#react(code);
    else if (this.#state === "terminating" || this.#state === "killing") this.#ended();
  }

  #ended(): void {
    this.#cancelTimers();
    if (this.#restarting) {
      this.#backoff();
      return;
    }
    this.#move("stopped");
    this.#settleStop();
  }

  #settleStop(fault?: Error): void {
    const stopping = this.#stopping;
    this.#stopping = undefined;
    if (fault) stopping?.reject(fault);
    else stopping?.resolve();
  }

  #actionFor(code: number): ServiceAction {
    return (code === 0 ? this.#config["on-success"] : this.#config["on-failure"]) ?? "restart";
  }

  #react(code: number): void {
    this.#cancelTimers();
    const action = this.#actionFor(code);
    if (action === "restart") this.#backoff();
    else this.#move(action === "ignore" && code === 0 ? "stopped" : "exited");
    if (action === "shutdown") this.#host.shutdown(code === 0 ? 0 : 10);
    if (action === "success-shutdown") this.#host.shutdown(0);
    if (action === "failure-shutdown") this.#host.shutdown(10);
  }

  #backoff(): void {
    this.#restarting = false;
    this.#backoffMs = nextBackOffMs(this.#config, this.#backoffMs);
    this.#move("backoff");
    const jitter = this.#backoffMs * 0.1 * this.#host.random();
    this.#after(this.#backoffMs + jitter, () => void this.#restart());
  }

  async #restart(): Promise<void> {
    if (this.#state !== "backoff") return;
    this.#startCount++;
    try {
      await this.#launch("running");
    } catch (error) {
      // Its program is gone or cannot be run: it stays in error until a charm acts.
      const sink = this.logs.sink();
      sink.write(Buffer.from(`${(error as Error).message}\n`));
      sink.end();
    }
  }

  /**
   * Stops it if it runs.
   *
   * @returns What to say in the task's log, if anything.
   * @throws {Error} When it still runs after SIGTERM and SIGKILL.
   */
  async stop(): Promise<string | undefined> {
    switch (this.#state) {
      case "terminating":
      case "killing":
        if (!this.#restarting) return `Service "${this.name}" already stopping.`;
        this.#restarting = false;
        return await this.#stopped();
      case "stopped":
      case "initial":
        return `Service "${this.name}" already stopped.`;
      case "exited":
        this.#move("stopped");
        return `Service "${this.name}" had already exited.`;
      case "backoff":
        this.#cancelTimers();
        this.#move("stopped");
        return undefined;
      case "launching":
        this.#move("stopped");
        await this.#launching;
        return undefined;
      case "starting":
        this.#settleStart(
          new StartFault(`service start attempt: stopped before the ${this.#grace()} okay delay`, ""),
        );
    }
    this.#terminate();
    return await this.#stopped();
  }

  #grace(): string {
    return `${this.#host.startGraceMs / 1000}s`;
  }

  async #stopped(): Promise<undefined> {
    this.#stopping ??= Promise.withResolvers<void>();
    await this.#stopping.promise;
    return undefined;
  }

  /** Waits for a stop that is under way. */
  async settled(): Promise<void> {
    if (this.#state === "terminating" || this.#state === "killing") await this.#stopped();
  }

  #terminate(): void {
    this.#cancelTimers();
    this.#move("terminating");
    this.#child?.signalGroup("SIGTERM");
    this.#after(this.#killDelayMs(this.#config), () => this.#kill());
  }

  #kill(): void {
    if (this.#state !== "terminating") return;
    this.#move("killing");
    this.#child?.signalGroup("SIGKILL");
    this.#after(FAIL_DELAY_MS, () => this.#giveUp());
  }

  #giveUp(): void {
    if (this.#state !== "killing") return;
    this.#move("stopped");
    this.#settleStop(new Error("cannot stop service: process still running after SIGTERM and SIGKILL"));
  }

  /** Ends it at once, group and all, without restarting it. */
  abortStart(): void {
    this.#cancelTimers();
    this.#child?.signalGroup("SIGKILL");
    this.#move("stopped");
    this.#settleStart(new StartFault("start aborted, sent SIGKILL to process", ""));
  }

  /** @throws {Error} When it does not run. */
  signal(signal: NodeJS.Signals): void {
    if (this.#state !== "starting" && this.#state !== "running") throw new Error("service is not running");
    this.#child?.signal(signal);
  }

  /** Does what the plan says about a check that went down. */
  checkFailed(action: ServiceAction): void {
    if (!["running", "backoff", "exited"].includes(this.#state)) return;
    if (action === "shutdown") this.#host.shutdown(11);
    else if (action === "success-shutdown") this.#host.shutdown(0);
    else if (action === "restart") this.#restartAfterCheck();
  }

  #restartAfterCheck(): void {
    if (this.#state === "exited") this.#backoff();
    if (this.#state !== "running") return;
    this.#terminate();
    this.#restarting = true;
  }

  #move(state: State): void {
    if (this.#state === "initial" || STATUS[state] !== STATUS[this.#state]) this.#since = this.#host.now();
    this.#state = state;
  }

  #after(ms: number, run: () => void): void {
    const cancel = this.#host.clock.after(ms, () => {
      this.#cancels.delete(cancel);
      run();
    });
    this.#cancels.add(cancel);
  }

  #cancelTimers(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
