import type { ActionReport, Enqueued, MethodName, OperationReport, TaskReport } from "../api.ts";
import type { Controller } from "./command.ts";
import { failure } from "./errors.ts";

interface RecordedTask {
  readonly id: string;
  readonly unit: string;
  readonly action: string;
  readonly status: string;
  readonly enqueued?: string;
  readonly started?: string | null;
  readonly completed?: string | null;
  readonly message?: string;
  readonly output?: Record<string, unknown> | null;
  readonly log?: readonly { readonly time: string; readonly message: string }[];
  /** Why it could not be scheduled. */
  readonly error?: string;
  readonly params?: Record<string, unknown>;
}

/** What the controller of a recording reports. */
export interface RunInput {
  readonly name: string;
  readonly args: readonly string[];
  readonly operation?: string;
  readonly tasks?: readonly RecordedTask[];
  readonly operations?: readonly {
    readonly id: string;
    readonly summary: string;
    readonly fail?: string;
    readonly enqueued: string;
    readonly tasks?: readonly RecordedTask[];
  }[];
  readonly actions?: Readonly<
    Record<string, { readonly description: string; readonly params: Record<string, unknown> }>
  >;
}

function taskOf(task: RecordedTask, operation: string): TaskReport {
  return {
    id: task.id,
    operation,
    unit: task.unit,
    name: task.action,
    params: task.params ?? {},
    status: task.status as TaskReport["status"],
    message: task.message ?? "",
    results: task.output ?? null,
    log: (task.log ?? []).map(({ time, message }) => ({ time: Date.parse(time), message })),
    enqueued: Date.parse(task.enqueued ?? ""),
    ...(task.started ? { started: Date.parse(task.started) } : {}),
    ...(task.completed ? { completed: Date.parse(task.completed) } : {}),
  };
}

/** A controller that has what a recording says and nothing else. */
export function recordedController(input: RunInput): Controller {
  const operation = input.operation ?? "1";
  const recorded = input.tasks ?? [];
  const tasks = recorded.map((task) => taskOf(task, operation));
  const enqueued = (): Enqueued => ({
    operation,
    tasks: recorded.filter(({ error }) => error === undefined).map(({ id, unit }) => ({ id, unit })),
    errors: recorded.flatMap(({ error }) => error ?? []),
  });
  const task = (id: string): TaskReport => {
    const found = tasks.find((one) => one.id === id);
    if (!found) throw failure(`task "${id}" not found`);
    return found;
  };
  const operations = (input.operations ?? []).map(
    (one): OperationReport => ({
      id: one.id,
      summary: one.summary,
      errors: one.fail ? [one.fail] : [],
      enqueued: Date.parse(one.enqueued),
      tasks: (one.tasks ?? []).map((each) => taskOf(each, one.id)),
    }),
  );
  const actions = Object.entries(input.actions ?? {}).map(
    ([name, { description, params }]) =>
      [name, { description, schema: params } satisfies ActionReport] as const,
  );
  const answers: Partial<Record<MethodName, (params: Record<string, unknown>) => unknown>> = {
    run: enqueued,
    exec: enqueued,
    task: ({ id }) => task(id as string),
    cancelTask: ({ id }) => task(id as string),
    wait: ({ tasks: ids }) => ({ tasks: (ids as string[]).map(task), timedOut: false }),
    operations: () => operations,
    operation: ({ id }) => {
      const found = operations.find((one) => one.id === id);
      if (!found) throw failure(`operation "${id}" not found`);
      return found;
    },
    actions: () => Object.fromEntries(actions),
  };
  const call = async (method: MethodName, params: Record<string, unknown>) => {
    const reply = answers[method];
    if (!reply) throw failure(`the recording has no answer to "${method}"`);
    return reply(params);
  };
  return { call: call as unknown as Controller["call"], close: () => undefined };
}
