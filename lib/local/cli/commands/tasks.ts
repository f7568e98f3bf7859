import type { TaskReport } from "../../api.ts";
import { isLocalError } from "../../errors.ts";
import { naturalOrder } from "../../status/index.ts";
import type { Checked, Command, Invocation } from "../command.ts";
import { failure, noMoreThan, usage } from "../errors.ts";
import { fileText } from "../key-values.ts";
import { isApplication, isUnitOrLeader } from "../names.ts";
import { emit, formatted, plain } from "../print.ts";
import { paramsOf, parseParams } from "../run-params.ts";
import { plainTask, processOutput, shownResults, taskFields } from "../task-print.ts";
import { inBackground, scheduled, showTasks, waitFor } from "../task-run.ts";
import { readYamlMap } from "../yaml-input.ts";

const formats = ["plain", "json", "yaml"];

function splitRun(args: readonly string[]): { units: string[]; action: string; params: string[] } {
  const at = args.findIndex((arg) => !isUnitOrLeader(arg));
  const end = at < 0 ? args.length : at;
  return { units: args.slice(0, end), action: args[end] ?? "", params: args.slice(end + 1) };
}

function checkRun({ args, flags }: Checked): void {
  const { units, action, params } = splitRun(args);
  if (units.length === 0) throw usage("no unit specified");
  if (action === "") throw usage("no action specified");
  if (!/^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(action)) throw usage(`invalid unit or action name "${action}"`);
  if (new Set(units.map((unit) => unit.split("/")[0])).size > 1)
    throw usage("all units must be of the same application");
  parseParams(params);
  if (flags.has("wait") && flags.on("background")) throw usage("cannot specify both --wait and --background");
}

function severalPlain(tasks: readonly TaskReport[]): string {
  const entries = tasks.map((task) => {
    const fields = { id: task.id, output: shownResults(task), status: task.status };
    return [task.unit, plain(task.message === "" ? fields : { ...fields, message: task.message })] as const;
  });
  return formatted(new Map(entries), "yaml");
}

async function run(o: Invocation): Promise<void> {
  const { units, action, params: words } = splitRun(o.args);
  const file = o.flags.text("params");
  const base =
    file === undefined
      ? {}
      : await readYamlMap(file === "-" ? await o.input() : fileText(file, o.cwd), "params file");
  const params = await paramsOf(base, words, o.flags.on("string-args"));
  const enqueued = await o.call("run", { ...o.inModel, units, action, params });
  if (!scheduled(o, enqueued)) return;
  if (o.flags.on("background")) return inBackground(o, enqueued);
  const tasks = await waitFor(o, enqueued.tasks, o.flags.number("wait") ?? 60_000, true);
  const [only] = tasks;
  await showTasks(o, tasks, () =>
    tasks.length === 1 && only ? plainTask(only, o.juju) : severalPlain(tasks),
  );
}

/** Words joined as one shell command; those with special characters in quotes. */
function commandOf(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? "";
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
}

function checkExec({ args, flags }: Checked): void {
  if (args.length === 0) throw usage("no commands specified");
  const units = flags.all("unit");
  const applications = flags.all("application");
  const machines = flags.all("machine");
  if (flags.on("all")) {
    for (const [given, name] of [
      [machines, "machines"],
      [applications, "applications"],
      [units, "units"],
    ] as const) {
      if (given.length > 0) throw usage(`You cannot specify --all and individual ${name}`);
    }
  } else if (units.length + applications.length + machines.length === 0) {
    throw usage("You must specify a target, either through --all, --machine, --application or --unit");
  }
  const bad = [
    ...applications
      .filter((name) => !isApplication(name))
      .map((name) => `  "${name}" is not a valid application name`),
    ...units.filter((name) => !isUnitOrLeader(name)).map((name) => `  "${name}" is not a valid unit name`),
  ];
  if (bad.length > 0) throw usage(`The following exec targets are not valid:\n${bad.join("\n")}`);
  if (flags.on("background") && flags.has("wait")) throw usage("cannot specify both --wait and --background");
}

function execPlain(tasks: readonly TaskReport[], several: boolean): string {
  return tasks
    .map((task) => (several ? `${task.unit}:\n${processOutput(task)}\n` : processOutput(task)))
    .join("");
}

async function exec(o: Invocation): Promise<void> {
  if (o.flags.has("machine")) throw failure("unable to target machines with a k8s controller");
  const enqueued = await o.call("exec", {
    ...o.inModel,
    units: o.flags.all("unit"),
    applications: o.flags.all("application"),
    all: o.flags.on("all"),
    command: commandOf(o.args),
  });
  if (enqueued.tasks.length === 0) {
    if (enqueued.errors.length > 0) scheduled(o, enqueued);
    return;
  }
  if (o.flags.on("background")) return inBackground(o, enqueued);
  const verbose = o.flags.on("verbose");
  if (verbose) scheduled(o, enqueued);
  const tasks = await waitFor(o, enqueued.tasks, o.flags.number("wait") ?? 300_000, verbose);
  tasks.sort((a, b) => naturalOrder(a.unit, b.unit));
  await showTasks(o, tasks, () => execPlain(tasks, tasks.length > 1));
}

function checkTaskId(args: readonly string[]): void {
  if (args.length === 0) throw usage("no task ID specified");
  if (!/^\d+$/.test(args[0] ?? "")) throw usage(`task ID "${args[0]}" not valid`);
}

async function showTask(o: Invocation): Promise<void> {
  const [id = ""] = o.args;
  let task = await o.call("task", { ...o.inModel, id });
  const wait = o.flags.number("wait");
  if (o.flags.on("watch") || wait !== undefined) {
    const limit = wait === undefined || wait < 0 ? {} : { timeoutMs: wait };
    const answer = await o.call("wait", { ...o.inModel, tasks: [id], ...limit }, { signal: o.signal });
    task = answer.tasks[0] ?? task;
  }
  const format = o.flags.text("format") ?? "plain";
  await emit(
    o,
    format === "plain" ? plainTask(task, o.juju) : formatted(taskFields(task, o.flags.on("utc")), format),
  );
}

async function cancelTasks(o: Invocation): Promise<void> {
  if (o.args.length === 0) throw failure("no task IDs specified");
  const done = [];
  for (const id of o.args) {
    try {
      const task = await o.call("cancelTask", { ...o.inModel, id });
      const completed = task.status === "cancelled" && task.completed === undefined ? "n/a" : undefined;
      done.push(
        plain({
          action: task.name,
          "completed at": completed ?? "n/a",
          id,
          status: task.status,
          unit: task.unit,
        }),
      );
    } catch (error) {
      // Juju says nothing of tasks that are not there, as long as there is another.
      if (o.args.length === 1 || !isLocalError(error)) throw error;
    }
  }
  await emit(o, formatted(new Map([["actions", done]]), o.flags.text("format") ?? "yaml"));
}

export const commands: Readonly<Record<string, Command>> = {
  run: {
    purpose: "Run an action on units, and wait for its result.",
    usage: "<unit> [<unit> ...] <action> [<key>=<value> ...]",
    scope: "model",
    formats,
    flags: {
      background: "bool",
      color: "bool",
      "no-color": "bool",
      params: "text",
      "string-args": "bool",
      utc: "bool",
      wait: "duration",
    },
    check: checkRun,
    run,
  },
  exec: {
    purpose: "Run a command in the hook context of units.",
    usage: "<command>",
    scope: "model",
    formats,
    aliases: { a: "application", app: "application", u: "unit" },
    flags: {
      all: "bool",
      application: "names",
      background: "bool",
      color: "bool",
      "execution-group": "text",
      machine: "names",
      "no-color": "bool",
      parallel: "bool",
      unit: "names",
      utc: "bool",
      wait: "duration",
    },
    flagsOf3: { operator: "bool" },
    check: checkExec,
    run: exec,
  },
  "show-task": {
    purpose: "Show a task.",
    usage: "<task-id>",
    scope: "model",
    formats,
    flags: { color: "bool", "no-color": "bool", utc: "bool", wait: "duration", watch: "bool" },
    check({ args }) {
      checkTaskId(args);
      noMoreThan(args, 1);
    },
    run: showTask,
  },
  "cancel-task": {
    purpose: "Cancel tasks that have not ended.",
    usage: "<task-id> [...]",
    scope: "model",
    formats: ["yaml", "json"],
    check({ args }) {
      const bad = args.find((arg) => !/^\d+$/.test(arg));
      if (bad !== undefined) throw usage(`task ID "${bad}" not valid`);
    },
    run: cancelTasks,
  },
};
