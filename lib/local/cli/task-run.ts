import type { Enqueued, TaskReport } from "../api.ts";
import { clockText } from "../status/index.ts";
import type { Invocation } from "./command.ts";
import { failure } from "./errors.ts";
import { emit, formatted, record } from "./print.ts";
import { returnCode, taskFields } from "./task-print.ts";

/** Tells what runs and what could not be scheduled. @returns Whether anything runs. */
export function scheduled(o: Invocation, enqueued: Enqueued): boolean {
  const { operation, tasks, errors } = enqueued;
  if (tasks.length === 0) {
    o.info(`\nOperation ${operation} failed to schedule any tasks:\n${errors.join("\n")}\n`);
    return false;
  }
  if (o.flags.on("background")) return true;
  const lines = tasks.map(({ id, unit }) => `  - task ${id} on unit-${unit.replace("/", "-")}\n`);
  o.info(
    `Running operation ${operation} with ${tasks.length} ${tasks.length > 1 ? "tasks" : "task"}\n${lines.join("")}\n`,
  );
  if (errors.length > 0) o.info(`Some actions could not be scheduled:\n${errors.join("\n")}\n\n`);
  return true;
}

/** Tells how to look at tasks that nobody waits for. */
export async function inBackground(o: Invocation, { operation, tasks }: Enqueued): Promise<void> {
  const [one] = tasks;
  const single = tasks.length === 1;
  o.info(`Scheduled operation ${operation} with ${single ? `task ${one?.id}` : `${tasks.length} tasks`}\n`);
  o.info(`Check operation status with 'juju show-operation ${operation}'\n`);
  o.info(`Check task status with 'juju show-task ${single ? one?.id : "<id>"}'\n`);
  if (!single)
    await emit(o, formatted(new Map(tasks.map(({ id, unit }) => [unit, record({ id })] as const)), "yaml"));
}

/** Waits for the tasks in their order, all within the same time. */
export async function waitFor(
  o: Invocation,
  tasks: Enqueued["tasks"],
  timeoutMs: number,
  tell: boolean,
): Promise<TaskReport[]> {
  const until = performance.now() + timeoutMs;
  const done: TaskReport[] = [];
  for (const { id } of tasks) {
    if (tell) o.info(`Waiting for task ${id}...\n`);
    const left = timeoutMs < 0 ? {} : { timeoutMs: Math.max(1, until - performance.now()) };
    const single = tell && tasks.length === 1;
    let logged = false;
    const answer = await o.call(
      "wait",
      { ...o.inModel, tasks: [id], ...left },
      {
        signal: o.signal,
        onProgress: (progress) => {
          if (!single || progress.kind !== "log") return;
          logged = true;
          o.info(`${clockText(new Date(progress.time))} ${progress.message}\n`);
        },
      },
    );
    if (logged) o.info("\n");
    if (answer.timedOut) {
      const late = tasks.slice(done.length).map(({ unit }) => `unit ${unit}`);
      throw failure(`timed out waiting for results from: ${late.join(", ")}`);
    }
    done.push(...answer.tasks);
  }
  return done;
}

/** Prints ended tasks; throws what Juju says when processes of some ended with another code than 0. */
export async function showTasks(
  o: Invocation,
  tasks: readonly TaskReport[],
  text: (tasks: readonly TaskReport[]) => string,
): Promise<void> {
  const format = o.flags.text("format") ?? "plain";
  const utc = o.flags.on("utc");
  await emit(
    o,
    format === "plain"
      ? text(tasks)
      : formatted(new Map(tasks.map((task) => [task.unit, taskFields(task, utc)] as const)), format),
  );
  const bad = tasks
    .filter((task) => returnCode(task) !== 0)
    .map((task) => ` - id "${task.id}" with return code ${returnCode(task)}\n`);
  if (bad.length === 0) return;
  const several = bad.length > 1;
  throw failure(
    `the following ${several ? "tasks" : "task"} failed:\n${bad.sort().join("")}\nuse 'juju show-task' to inspect the ${several ? "failures" : "failure"}\n`,
  );
}
