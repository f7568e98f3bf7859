import { randomInt } from "node:crypto";
import { EventEmitter } from "node:events";
import {
  type HookRun,
  type LogRecord,
  Model,
  type ModelOptions,
  type ModelSnapshot,
  unitTag,
} from "../../model/index.ts";
import type { LogLine } from "../api.ts";
import { DEFAULT_LOGGING, logFilter } from "./log-levels.ts";
import type { Slots } from "./slots.ts";
import type { Store } from "./store.ts";
import type { Units } from "./units.ts";

export interface ModelHostOptions {
  readonly name: string;
  readonly uuid: string;
  readonly version: string;
  readonly store: Store;
  readonly slots: Slots;
  /** Continue from here. */
  readonly snapshot?: ModelSnapshot;
  /** Makes the part that has processes and folders. */
  readonly units: (host: ModelHost) => Units;
  readonly engine: (host: () => ModelHost) => Partial<ModelOptions>;
  readonly onFault: (error: unknown) => void;
}

/** Milliseconds that a line of a running hook may wait for its step. */
const LOG_DELAY_MS = 100;

/** Events of a model: `change` after every saved step, `log` for every kept line. */
interface ModelEvents {
  change: [];
  log: [LogLine];
}

/**
 * One model in this process: asks the engine what can run, has it run, and saves each step before the next
 * begins, so that a killed controller goes on where it was.
 */
export class ModelHost extends EventEmitter<ModelEvents> {
  readonly name: string;
  readonly uuid: string;
  readonly model: Model;
  readonly units: Units;
  /** Grows with every saved step. */
  version = 0;
  life: "alive" | "dying" = "alive";
  readonly #options: ModelHostOptions;
  readonly #busy = new Set<string>();
  /** Unit → number of its last turn. */
  readonly #turns = new Map<string, number>();
  #turn = 0;
  readonly #lines: Omit<LogLine, "id">[] = [];
  readonly #wake = (): void => this.pump();
  /** What `logging-config` says; the engine logs before this object is whole. */
  #keeps: ReturnType<typeof logFilter> = logFilter(DEFAULT_LOGGING);
  #timer: NodeJS.Timeout | undefined;
  #flush: NodeJS.Timeout | undefined;
  #isPumping = false;
  #isStopped = false;

  constructor(options: ModelHostOptions) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.name = options.name;
    this.uuid = options.uuid;
    const engine: ModelOptions = {
      name: options.name,
      uuid: options.uuid,
      version: options.version,
      type: "kubernetes",
      clock: { now: () => Date.now() },
      random: { next: () => randomInt(2 ** 32) / 2 ** 32 },
      autoStart: false,
      onLog: (record) => this.#record(record),
      ...options.engine(() => this),
    };
    this.model = options.snapshot ? Model.restore(options.snapshot, engine) : new Model(engine);
    this.units = options.units(this);
    this.#readLogging();
  }

  /** Begins to run hooks. */
  start(): void {
    this.#options.slots.onFree(this.#wake);
    this.save();
    this.pump();
  }

  /** An operator's or workload's change: saved, then acted upon. */
  change<T>(work: (model: Model) => T): T {
    const result = work(this.model);
    this.#readLogging();
    this.save();
    this.pump();
    return result;
  }

  /** Writes the model and the log lines of this step, in one transaction. */
  save(): void {
    const { store } = this.#options;
    this.#write(() => {
      store.saveModel({ uuid: this.uuid, name: this.name, snapshot: JSON.stringify(this.model.state) });
    });
    this.version += 1;
    this.emit("change");
  }

  /** Adds a line to the debug log; it is written with the next step, at the latest in a moment. */
  log(line: Omit<LogLine, "id">): void {
    if (!this.#keeps(line.module, line.level)) return;
    this.#lines.push(line);
    this.#flush ??= setTimeout(() => this.#write(() => undefined), LOG_DELAY_MS).unref();
  }

  /** Writes what the step has, and the lines so far. */
  #write(step: () => void): void {
    const { store } = this.#options;
    const lines: LogLine[] = [];
    clearTimeout(this.#flush);
    this.#flush = undefined;
    store.transaction(() => {
      step();
      for (const line of this.#lines) lines.push(store.addLog(this.uuid, line));
    });
    this.#lines.length = 0;
    for (const line of lines) this.emit("log", line);
  }

  /** Gives every unit that can run something its turn, as long as there are slots. */
  pump(): void {
    if (this.#isPumping || this.#isStopped) return;
    this.#isPumping = true;
    try {
      this.units.reconcile();
      for (const name of this.#waiting()) this.#begin(name);
      this.#schedule();
    } finally {
      this.#isPumping = false;
    }
  }

  /** Ends hooks and workloads, and waits for them. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#options.slots.forget(this.#wake);
    await this.units.stop();
    this.save();
    this.#keeps = () => false; // The store may close now.
    clearTimeout(this.#flush);
  }

  /** Units that can run something; who had a turn longest ago comes first, so that none waits for ever. */
  #waiting(): string[] {
    const ready = this.model.runnable().filter((name) => !this.#busy.has(name) && this.units.isUp(name));
    return ready.sort((a, b) => (this.#turns.get(a) ?? 0) - (this.#turns.get(b) ?? 0));
  }

  #begin(name: string): void {
    if (!this.#options.slots.take()) return;
    this.#turn += 1;
    this.#turns.set(name, this.#turn);
    const run = this.model.next(name);
    this.save();
    if (!run) {
      this.#options.slots.release();
      return;
    }
    this.#busy.add(name);
    this.#carry(run).catch(this.#options.onFault);
  }

  async #carry(run: HookRun): Promise<void> {
    try {
      await this.units.run(run, () => this.save());
    } catch (error) {
      this.#options.onFault(error);
      run.finish({ exitCode: 1 }); // Nothing ran to its end; a second call is ignored.
      this.save();
    } finally {
      this.#busy.delete(run.unit);
      this.#options.slots.release();
      this.pump();
    }
  }

  #readLogging(): void {
    this.#keeps = logFilter(String(this.model.state.config["logging-config"] ?? DEFAULT_LOGGING));
  }

  #record(record: LogRecord): void {
    const { time, unit, level, module, message } = record;
    this.log({ time, entity: unitTag(unit), level, module, message });
  }

  /** The clock alone may make something runnable. */
  #schedule(): void {
    clearTimeout(this.#timer);
    const at = this.model.nextWake();
    if (at === undefined) return;
    this.#timer = setTimeout(this.#wake, Math.min(Math.max(0, at - Date.now()), 2 ** 31 - 1));
    this.#timer.unref();
  }
}
