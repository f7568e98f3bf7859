import type { Change, ChangeStatus, Task } from "../types.ts";
import type { PebbleClock } from "./clock.ts";
import type { Notices } from "./notices.ts";
import { formatSeconds, formatTimestamp, type Timestamp } from "./timestamp.ts";

/** What a task may say while it runs. */
export interface TaskControl {
  readonly id: string;
  readonly signal: AbortSignal;
  /** Adds an INFO line. */
  log(message: string): void;
  /** Adds an ERROR line without failing. */
  error(message: string): void;
  setData(data: Readonly<Record<string, unknown>>): void;
}

/** One step of a change. */
export interface NewTask {
  readonly kind: string;
  readonly summary: string;
  /** Steps of one lane fail together; lanes run side by side. */
  readonly lane: number;
  /** Indices of steps that must be done before. */
  readonly waitsFor: readonly number[];
  /** Called with the task's id before anything else can see the task. */
  prepare?(taskId: string): void;
  /** Rejects to fail the step; the message becomes the error. */
  run(control: TaskControl): Promise<void>;
}

export interface NewChange {
  readonly kind: string;
  readonly summary: string;
  readonly tasks: readonly NewTask[];
  readonly services?: readonly string[];
  /** Goes into the `change-update` notices beside `kind`. */
  readonly noticeData?: Readonly<Record<string, string>>;
}

/** On the wire a change without tasks has no such key. */
export type ShownChange = Omit<Change, "tasks"> & { readonly tasks?: readonly Task[] };

interface TaskRecord extends NewTask {
  readonly id: string;
  readonly spawned: Timestamp;
  status: ChangeStatus;
  ready: Timestamp | undefined;
  log: string[];
  data: Readonly<Record<string, unknown>> | undefined;
  readonly abort: AbortController;
}

interface ChangeRecord {
  readonly id: string;
  readonly described: NewChange;
  readonly tasks: readonly TaskRecord[];
  readonly spawned: Timestamp;
  ready: Timestamp | undefined;
  seen: ChangeStatus | undefined;
  readonly finished: PromiseWithResolvers<void>;
}

const READY: ReadonlySet<ChangeStatus> = new Set(["Done", "Hold", "Error"]);
/** A change has the first of these that any of its tasks has. */
const PRECEDENCE: readonly ChangeStatus[] = ["Abort", "Doing", "Do", "Error", "Done", "Hold"];
const PRUNE_AFTER_MS = 7 * 24 * 3600 * 1000;
const MAX_READY = 1000;
const MAX_LOG_LINES = 10;

/** Changes and their tasks; runs them, and records a notice whenever the status of a change moves. */
export class Changes {
  readonly #clock: PebbleClock;
  readonly #now: () => Timestamp;
  readonly #notices: Notices;
  readonly #changes = new Map<string, ChangeRecord>();
  #closed = false;
  #lastChange = 0;
  #lastTask = 0;

  constructor(clock: PebbleClock, now: () => Timestamp, notices: Notices) {
    this.#clock = clock;
    this.#now = now;
    this.#notices = notices;
  }

  /** Adds a change and starts it. Without tasks it is done at once. */
  start(described: NewChange): string {
    this.#prune();
    const now = this.#now();
    const tasks = described.tasks.map((task) => this.#newTask(task, now));
    const id = String(++this.#lastChange);
    const finished = Promise.withResolvers<void>();
    const change = { id, described, tasks, spawned: now, ready: undefined, seen: undefined, finished };
    this.#changes.set(id, change);
    this.#update(change);
    queueMicrotask(() => this.#advance(change));
    return id;
  }

  #newTask(task: NewTask, spawned: Timestamp): TaskRecord {
    const id = String(++this.#lastTask);
    task.prepare?.(id);
    const record = { id, spawned, status: "Do" as const, ready: undefined, log: [], data: undefined };
    return { ...task, ...record, abort: new AbortController(), run: task.run.bind(task) };
  }

  /** Starts what can start now and gives up what no longer can. */
  #advance(change: ChangeRecord): void {
    for (const task of change.tasks) {
      if (task.status !== "Do") continue;
      if (this.#closed) {
        this.#finish(task, "Hold");
        continue;
      }
      const before = task.waitsFor.map((index) => change.tasks[index]!.status);
      if (before.some((status) => READY.has(status) && status !== "Done")) this.#finish(task, "Hold");
      else if (before.every((status) => status === "Done")) void this.#run(change, task);
    }
    this.#update(change);
  }

  async #run(change: ChangeRecord, task: TaskRecord): Promise<void> {
    task.status = "Doing";
    try {
      await task.run(this.#control(task));
      this.#finish(task, "Done");
    } catch (error) {
      // A task that stops because it was told to has done what was asked.
      if (task.abort.signal.aborted && error === task.abort.signal.reason) this.#finish(task, "Done");
      else this.#fail(change, task, error instanceof Error ? error.message : String(error));
    }
    this.#advance(change);
  }

  #fail(change: ChangeRecord, task: TaskRecord, message: string): void {
    this.#log(task, "ERROR", message);
    this.#finish(task, "Error");
    for (const other of change.tasks) {
      if (other.lane === task.lane && other.status === "Do") this.#finish(other, "Hold");
    }
  }

  #finish(task: TaskRecord, status: ChangeStatus): void {
    task.status = status;
    task.ready = this.#now();
  }

  #control(task: TaskRecord): TaskControl {
    return {
      id: task.id,
      signal: task.abort.signal,
      log: (message) => this.#log(task, "INFO", message),
      error: (message) => this.#log(task, "ERROR", message),
      setData: (data) => {
        task.data = data;
      },
    };
  }

  #log(task: TaskRecord, kind: "INFO" | "ERROR", message: string): void {
    task.log = [...task.log, `${formatSeconds(this.#now())} ${kind} ${message}`].slice(-MAX_LOG_LINES);
  }

  #update(change: ChangeRecord): void {
    const status = statusOf(change);
    if (status === change.seen) return;
    change.seen = status;
    if (READY.has(status)) {
      change.ready = this.#now();
      change.finished.resolve();
    }
    const { kind, noticeData } = change.described;
    this.#notices.add({ userId: null, type: "change-update", key: change.id, data: { kind, ...noticeData } });
  }

  /** The change as the API shows it. */
  get(id: string): ShownChange | undefined {
    const change = this.#changes.get(id);
    return change && show(change);
  }

  list(): readonly ShownChange[] {
    return [...this.#changes.values()].map(show);
  }

  /** Whether a change acts on a service. */
  concerns(id: string, service: string): boolean {
    return this.#changes.get(id)?.described.services?.includes(service) ?? false;
  }

  /** The kind of a task. */
  taskKind(taskId: string): string | undefined {
    for (const { tasks } of this.#changes.values()) {
      const task = tasks.find((one) => one.id === taskId);
      if (task) return task.kind;
    }
    return undefined;
  }

  /** Resolves when the change is ready. */
  async finished(id: string): Promise<void> {
    await this.#changes.get(id)?.finished.promise;
  }

  /** Holds what has not begun and tells what runs to stop. */
  abort(id: string): void {
    const change = this.#changes.get(id);
    if (!change) return;
    for (const task of change.tasks) {
      if (task.status === "Do") this.#finish(task, "Hold");
      else if (task.status === "Doing") {
        task.status = "Abort";
        task.abort.abort();
      }
    }
    this.#update(change);
  }

  /** Lets nothing begin any more. */
  close(): void {
    this.#closed = true;
    for (const change of this.#changes.values()) this.#advance(change);
  }

  #prune(): void {
    const limit = BigInt(Math.round((this.#clock.now() - PRUNE_AFTER_MS) * 1e6));
    const ready = [...this.#changes.values()].filter((change) => change.ready !== undefined);
    const surplus = ready.slice(0, Math.max(0, ready.length - MAX_READY));
    for (const change of new Set([...ready.filter((one) => one.ready! < limit), ...surplus])) {
      this.#changes.delete(change.id);
    }
  }
}

function statusOf(change: ChangeRecord): ChangeStatus {
  if (change.tasks.length === 0) return "Done";
  return PRECEDENCE.find((status) => change.tasks.some((task) => task.status === status)) ?? "Hold";
}

function show(change: ChangeRecord): ShownChange {
  const status = statusOf(change);
  const err = status === "Error" ? errorOf(change) : undefined;
  return {
    id: change.id,
    kind: change.described.kind,
    summary: change.described.summary,
    status,
    ...(change.tasks.length > 0 && { tasks: change.tasks.map(showTask) }),
    ready: READY.has(status),
    ...(err !== undefined && { err }),
    "spawn-time": formatTimestamp(change.spawned),
    ...(change.ready !== undefined && { "ready-time": formatTimestamp(change.ready) }),
  };
}

function errorOf(change: ChangeRecord): string {
  const failed = change.tasks.filter((task) => task.status === "Error");
  const lines = failed.flatMap((task) => task.log.flatMap((line) => errorLine(task, line)));
  return `cannot perform the following tasks:\n${lines.join("\n")}`;
}

function errorLine(task: TaskRecord, line: string): string[] {
  const match = /^\S+ ERROR (.*)$/s.exec(line);
  return match ? [`- ${task.summary} (${match[1]})`] : [];
}

function showTask(task: TaskRecord): Task {
  return {
    id: task.id,
    kind: task.kind,
    summary: task.summary,
    status: task.status,
    ...(task.log.length > 0 && { log: task.log }),
    progress: { label: "", done: 1, total: 1 },
    "spawn-time": formatTimestamp(task.spawned),
    ...(task.ready !== undefined && { "ready-time": formatTimestamp(task.ready) }),
    ...(task.data && { data: task.data }),
  };
}
