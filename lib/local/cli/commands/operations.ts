import type { ActionReport, OperationReport, TaskReport } from "../../api.ts";
import { naturally, table } from "../../status/index.ts";
import type { Checked, Command, Invocation } from "../command.ts";
import { noMoreThan, SilentFailure, usage } from "../errors.ts";
import { isApplication } from "../names.ts";
import { emit, formatted, plain, record } from "../print.ts";
import { logLines, timing } from "../task-print.ts";

const states = "pending running completed failed cancelled aborting aborted error".split(" ");

/** The worst of what its tasks say, as Juju sums it up. */
function statusOf(operation: OperationReport): string {
  const found = new Set<string>(operation.tasks.map(({ status }) => status));
  const order = ["running", "aborting", "pending", "error", "failed", "aborted", "cancelled", "completed"];
  return order.find((status) => found.has(status)) ?? "error";
}

function times(operation: OperationReport): { enqueued: number; started?: number; completed?: number } {
  const started = operation.tasks.flatMap(({ started: at }) => at ?? []);
  const completed = operation.tasks.flatMap(({ completed: at }) => at ?? []);
  const over = completed.length > 0 && completed.length === operation.tasks.length;
  return {
    enqueued: operation.enqueued,
    ...(started.length > 0 ? { started: Math.min(...started) } : {}),
    ...(over ? { completed: Math.max(...completed) } : {}),
  };
}

function taskFields(task: TaskReport, named: boolean, utc: boolean) {
  const { name, unit, status, message, results, log } = task;
  return record({
    name: named ? name : undefined,
    host: unit,
    status,
    timing: record(timing(task, utc)),
    log: log.length > 0 ? logLines(task, utc) : undefined,
    message: message === "" ? undefined : message,
    results: results && Object.keys(results).length > 0 ? plain(results) : undefined,
  });
}

function operationFields(operation: OperationReport, utc: boolean) {
  const { tasks } = operation;
  const [only] = tasks;
  const single = tasks.length === 1 && only !== undefined;
  return record({
    summary: operation.summary,
    status: statusOf(operation),
    fail: operation.errors.length > 0 ? operation.errors.join("\n") : undefined,
    action: single ? record({ name: only.name, parameters: plain(only.params) }) : undefined,
    timing: record(timing(times(operation), utc)),
    tasks:
      tasks.length > 0
        ? new Map(tasks.map((task) => [task.id, taskFields(task, !single, utc)] as const))
        : undefined,
  });
}

function wanted(o: Invocation, operation: OperationReport): boolean {
  const chosen = (name: string, values: readonly string[]) => {
    const given = o.flags.all(name);
    return given.length === 0 || values.some((value) => given.includes(value));
  };
  const units = operation.tasks.map(({ unit }) => unit);
  return (
    chosen(
      "actions",
      operation.tasks.map(({ name }) => name),
    ) &&
    chosen("units", units) &&
    chosen(
      "apps",
      units.map((unit) => unit.split("/")[0] ?? ""),
    ) &&
    chosen("status", [statusOf(operation)])
  );
}

function secondText(time: number | undefined, utc: boolean): string {
  if (time === undefined) return "";
  const shift = utc ? 0 : new Date(time).getTimezoneOffset() * 60_000;
  return new Date(time - shift).toISOString().slice(0, 19);
}

function operationTable(operations: readonly OperationReport[], utc: boolean, juju: string): string {
  const rows = operations.map((operation) => {
    const { started, completed } = times(operation);
    return [
      { right: operation.id },
      statusOf(operation),
      juju.startsWith("4.0.") ? "" : secondText(started, utc),
      secondText(completed, utc),
      operation.tasks.map(({ id }) => id).join(","),
      operation.summary,
    ];
  });
  return table([[{ right: "ID" }, "Status", "Started", "Finished", "Task IDs", "Summary"], ...rows]);
}

async function operations(o: Invocation): Promise<void> {
  const all = (await o.call("operations", o.inModel)).filter((operation) => wanted(o, operation));
  const offset = o.flags.number("offset") ?? 0;
  const limit = o.flags.number("limit") ?? all.length;
  const shown = all.slice(offset, offset + limit);
  if (shown.length === 0) return o.info("no matching operations\n");
  const format = o.flags.text("format") ?? "plain";
  const utc = o.flags.on("utc");
  if (format !== "plain") {
    return emit(
      o,
      formatted(
        new Map(shown.map((operation) => [operation.id, operationFields(operation, utc)] as const)),
        format,
      ),
    );
  }
  const part = o.flags.has("limit") || o.flags.has("offset");
  const head = part ? `Displaying operation results ${offset + 1} to ${offset + shown.length}.\n` : "";
  await emit(o, head + operationTable(shown, utc, o.juju));
}

function checkOperations({ flags }: Checked): void {
  const bad = flags.all("status").find((status) => !states.includes(status));
  if (bad !== undefined)
    throw usage(`"${bad}" is not a valid task status, want one of [${states.join(" ")}]`);
  const machine = flags.all("machines").find((id) => !/^\d+(\/lxd\/\d+)*$/.test(id));
  if (machine !== undefined) throw usage(`invalid machine id "${machine}"`);
}

async function showOperation(o: Invocation): Promise<void> {
  const [id = ""] = o.args;
  let operation = await o.call("operation", { ...o.inModel, id });
  const wait = o.flags.number("wait");
  if (o.flags.on("watch") || wait !== undefined) {
    const limit = wait === undefined || wait < 0 ? {} : { timeoutMs: wait };
    await o.call(
      "wait",
      { ...o.inModel, tasks: operation.tasks.map((task) => task.id), ...limit },
      { signal: o.signal },
    );
    operation = await o.call("operation", { ...o.inModel, id });
  }
  await emit(o, formatted(operationFields(operation, o.flags.on("utc")), o.flags.text("format") ?? "yaml"));
}

function checkApplication(args: readonly string[]): void {
  const [name] = args;
  if (name === undefined) throw usage("no application specified");
  if (!isApplication(name)) throw usage(`invalid application name "${name}"`);
}

async function actions(o: Invocation): Promise<void> {
  const [application = ""] = o.args;
  const found = await o.call("actions", { ...o.inModel, application });
  const schema = o.flags.on("schema");
  const format = o.flags.text("format") ?? (schema ? "yaml" : "default");
  if (Object.keys(found).length === 0) {
    if (format === "json") await emit(o, "{}\n");
    return o.info(`No actions defined for ${application}.\n`);
  }
  if (schema || format === "json" || format === "yaml") {
    const shown = Object.entries(found).map(
      ([name, action]) => [name, schema ? plain(action.schema) : action.description] as const,
    );
    return emit(o, formatted(new Map(shown), format));
  }
  const rows = naturally(found).flatMap(([name, { description }]) => {
    return description.split("\n").map((line, at) => [at === 0 ? name : "", line]);
  });
  await emit(o, table([["Action", "Description"], ...rows]));
}

function argumentText(action: ActionReport): string {
  const properties = (action.schema["properties"] ?? {}) as Record<string, Record<string, unknown>>;
  const shown = Object.entries(properties).map(([name, { type, description = null, default: fallback }]) => {
    return [name, record({ type, description, default: fallback })] as const;
  });
  return formatted(new Map(shown), "yaml");
}

async function showAction(o: Invocation): Promise<void> {
  const [application = "", name = ""] = o.args;
  const found = await o.call("actions", { ...o.inModel, application });
  const action = Object.hasOwn(found, name) ? found[name] : undefined;
  if (!action) {
    o.err(`unknown action "${name}"\n`);
    throw new SilentFailure();
  }
  o.out(`${action.description}\n\nArguments\n${argumentText(action)}\n`);
}

export const commands: Readonly<Record<string, Command>> = {
  operations: {
    purpose: "List operations.",
    scope: "model",
    formats: ["plain", "json", "yaml"],
    aliases: { applications: "apps" },
    flags: {
      actions: "names",
      apps: "names",
      limit: "uint",
      machines: "names",
      offset: "uint",
      status: "names",
      units: "names",
      utc: "bool",
    },
    check: checkOperations,
    run: operations,
  },
  "show-operation": {
    purpose: "Show an operation with its tasks.",
    usage: "<operation-id>",
    scope: "model",
    formats: ["yaml", "json"],
    flags: { utc: "bool", wait: "duration", watch: "bool" },
    check({ args }) {
      if (args.length === 0) throw usage("no operation ID specified");
      if (!/^\d+$/.test(args[0] ?? "")) throw usage(`operation ID "${args[0]}" not valid`);
      noMoreThan(args, 1);
    },
    run: showOperation,
  },
  actions: {
    purpose: "List the actions of an application.",
    usage: "<application>",
    scope: "model",
    formats: ["default", "json", "tabular", "yaml"],
    flags: { schema: "bool" },
    check({ args, flags }) {
      checkApplication(args);
      if (flags.on("schema") && flags.text("format") === "tabular")
        throw usage("full schema not compatible with tabular output");
    },
    run: actions,
  },
  "show-action": {
    purpose: "Show an action with its parameters.",
    usage: "<application> <action>",
    scope: "model",
    check({ args }) {
      checkApplication(args);
      if (args[1] === undefined) throw usage("no action specified");
      noMoreThan(args, 2);
    },
    run: showAction,
  },
};
