import type { Model, OperationState, TaskState } from "../../../model/index.ts";
import type { Enqueued, OperationReport, TaskProgress } from "../../api.ts";
import { LocalError } from "../../errors.ts";
import type { ModelHost } from "../model-host.ts";
import type { MethodTable } from "./method.ts";

const OPEN = new Set(["pending", "running", "aborting"]);

function enqueued(model: Model, operation: Readonly<OperationState>): Enqueued {
  const tasks = operation.tasks.map((id) => ({ id, unit: model.task(id).unit }));
  return { operation: operation.id, tasks, errors: operation.errors };
}

function report(model: Model, operation: Readonly<OperationState>): OperationReport {
  const { id, summary, errors, enqueued: at } = operation;
  return { id, summary, errors, enqueued: at, tasks: operation.tasks.map((task) => model.task(task)) };
}

function execTargets(
  host: ModelHost,
  o: { units?: readonly string[]; applications?: readonly string[]; all?: boolean },
): string[] {
  const all = Object.values(host.model.state.units);
  for (const name of o.applications ?? []) {
    if (!host.model.state.applications[name])
      throw new LocalError("ERR_NOT_FOUND", `application "${name}" not found`);
  }
  const named = all.filter(({ app }) => o.all || o.applications?.includes(app)).map(({ name }) => name);
  return [...new Set([...(o.units ?? []), ...named])];
}

type Progress = (value: TaskProgress) => void;

/** Tells new log lines and ends of tasks, until all have ended, the time is over or the caller has gone. */
class Watch {
  readonly #host: ModelHost;
  readonly #ids: readonly string[];
  readonly #told = new Map<string, number>();
  readonly #done = new Set<string>();
  readonly #progress: Progress;

  constructor(host: ModelHost, ids: readonly string[], progress: Progress) {
    this.#host = host;
    this.#ids = ids;
    this.#progress = progress;
  }

  /** @returns Whether all have ended. */
  look(): boolean {
    for (const task of this.#ids.map((id) => this.#host.model.task(id))) this.#tell(task);
    return this.#done.size === this.#ids.length;
  }

  #tell(task: Readonly<TaskState>): void {
    const seen = this.#told.get(task.id) ?? 0;
    for (const { time, message } of task.log.slice(seen))
      this.#progress({ kind: "log", task: task.id, time, message });
    this.#told.set(task.id, task.log.length);
    if (OPEN.has(task.status) || this.#done.has(task.id)) return;
    this.#done.add(task.id);
    this.#progress({ kind: "done", task: task.id });
  }
}

export const tasks: MethodTable<
  "run" | "exec" | "wait" | "task" | "cancelTask" | "operations" | "operation"
> = {
  run: ({ controller, params }) =>
    controller.model(params.model).change((model) => {
      return enqueued(model, model.enqueueActions(params.units, params.action, params.params ?? {}));
    }),

  exec: ({ controller, params }) => {
    const host = controller.model(params.model);
    const targets = execTargets(host, params);
    return host.change((model) => enqueued(model, model.enqueueExecs(targets, params.command)));
  },

  wait: ({ controller, params, progress, signal }) => {
    const host = controller.model(params.model);
    const watch = new Watch(host, params.tasks, progress);
    return new Promise((resolve, reject) => {
      const answer = (timedOut: boolean): void => {
        clearTimeout(timer);
        host.removeListener("change", look);
        resolve({ tasks: params.tasks.map((id) => host.model.task(id)), timedOut });
      };
      const look = (): void => {
        try {
          if (watch.look()) answer(false);
        } catch (error) {
          clearTimeout(timer);
          host.removeListener("change", look);
          reject(error);
        }
      };
      const timer =
        params.timeoutMs === undefined ? undefined : setTimeout(() => answer(true), params.timeoutMs);
      signal.addEventListener("abort", () => answer(true), { once: true });
      host.on("change", look);
      look();
    });
  },

  task: ({ controller, params }) => controller.model(params.model).model.task(params.id),

  cancelTask: ({ controller, params }) => {
    const host = controller.model(params.model);
    const task = host.change((model) => model.cancelTask(params.id));
    if (task.status === "aborting") host.units.kill(task.unit);
    return task;
  },

  operations: ({ controller, params }) => {
    const { model } = controller.model(params.model);
    return model.operations.map((operation) => report(model, operation));
  },

  operation: ({ controller, params }) => {
    const { model } = controller.model(params.model);
    const found = model.operations.find(({ id }) => id === params.id);
    if (!found) throw new LocalError("ERR_NOT_FOUND", `operation "${params.id}" not found`);
    return report(model, found);
  },
};
