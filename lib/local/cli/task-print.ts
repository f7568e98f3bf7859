import type { GoValue } from "../../model/hook-context/go/value.ts";
import { formatYaml } from "../../model/hook-context/go/yaml.ts";
import type { TaskReport } from "../api.ts";
import { plain } from "./print.ts";

const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-01-02 03:04:05 +0000 UTC`: whole seconds, local zone or UTC. */
export function goTime(milliseconds: number, utc: boolean): string {
  const date = new Date(milliseconds);
  const minutes = utc ? 0 : -date.getTimezoneOffset();
  const shifted = new Date(milliseconds + minutes * 60_000).toISOString();
  const size = Math.abs(minutes);
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} ${offset} ${utc ? "UTC" : zoneName(date, offset)}`;
}

function zoneName(date: Date, offset: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(date);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  return /^[A-Z]{3,5}$/.test(name) ? name : offset.slice(0, 3);
}

/** When a task or operation was enqueued, started and completed. */
export function timing(
  of: { enqueued: number; started?: number; completed?: number },
  utc: boolean,
): Record<string, string> {
  const entries = (["enqueued", "started", "completed"] as const).flatMap((name) => {
    const time = of[name];
    return time === undefined ? [] : [[name, goTime(time, utc)] as const];
  });
  return Object.fromEntries(entries);
}

/** Lines of `action-log`, with their times. */
export function logLines(task: TaskReport, utc: boolean): string[] {
  return task.log.map(({ time, message }) => `${goTime(time, utc)} ${message}`);
}

function resultsOf(task: TaskReport): Record<string, unknown> | undefined {
  const { results } = task;
  return results && Object.keys(results).length > 0 ? results : undefined;
}

/** A task as `--format json` and `--format yaml` show it. */
export function taskFields(task: TaskReport, utc: boolean): GoValue {
  const results = resultsOf(task);
  return plain({
    id: task.id,
    status: task.status,
    timing: timing(task, utc),
    unit: task.unit,
    ...(results ? { results } : {}),
    ...(task.message === "" ? {} : { message: task.message }),
    ...(task.log.length > 0 ? { log: logLines(task, utc) } : {}),
  });
}

function lines(value: unknown): string {
  const text = value === undefined || value === null ? "" : String(value);
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** What the process of the task printed. */
export function processOutput(task: TaskReport): string {
  return lines(task.results?.["stdout"]) + lines(task.results?.["stderr"]);
}

const hidden = /^(return-code|stdout|stderr)$|-encoding$/;

/** The results that an action set, as YAML; nothing when there are none. */
export function shownResults(task: TaskReport): string {
  const shown = Object.entries(task.results ?? {}).filter(([name]) => !hidden.test(name));
  return shown.length === 0 ? "" : formatYaml(plain(Object.fromEntries(shown)));
}

/** The code with which the process ended; 0 when it did not run. */
export function returnCode(task: TaskReport): number {
  return Number(task.results?.["return-code"] ?? 0);
}

/** One task as `juju run` shows it without a format. */
export function plainTask(task: TaskReport, juju: string): string {
  const old = juju.startsWith("3.");
  const failed = task.status === "failed" || (!old && task.status === "error");
  const head = failed ? `Action id ${task.id} failed: ${task.message || "<nil>"}\n` : "";
  if (resultsOf(task)) return `${head}${shownResults(task)}\n${processOutput(task)}`;
  if (failed && !old) return head;
  return `${head}Task ${task.id} ${task.status}\n${old ? "\n" : ""}`;
}
