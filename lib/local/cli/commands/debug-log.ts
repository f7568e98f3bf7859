import type { LogLine } from "../../api.ts";
import { clockText } from "../../status/index.ts";
import type { Command, Invocation } from "../command.ts";
import { usage } from "../errors.ts";
import { emit, formatted, record } from "../print.ts";

const levels = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR"];

function timeText(o: Invocation, time: number): string {
  const date = new Date(time);
  const utc = o.flags.on("utc");
  const iso = date.toISOString();
  const clock = utc ? iso.slice(11, 19) : clockText(date);
  const fraction = o.flags.on("ms") ? iso.slice(19, 23) : "";
  if (!o.flags.on("date")) return `${clock}${fraction}`;
  const local = new Date(time - date.getTimezoneOffset() * 60_000).toISOString();
  return `${(utc ? iso : local).slice(0, 10)} ${clock}${fraction}`;
}

function lineText(o: Invocation, line: LogLine): string {
  if (o.flags.text("format") === "json") {
    const { entity, level, module, message, time } = line;
    return formatted(
      record({ timestamp: new Date(time).toISOString(), entity, level, module, message }),
      "json",
    );
  }
  return `${line.entity}: ${timeText(o, line.time)} ${line.level} ${line.module} ${line.message}\n`;
}

async function debugLog(o: Invocation): Promise<void> {
  const { flags } = o;
  const limit = flags.number("limit");
  const ends = flags.on("no-tail") || (limit ?? 0) > 0 || flags.has("limit");
  const follow = flags.on("tail") || (o.terminal && !ends);
  const lines = flags.number("lines");
  const level = flags.text("level")?.toUpperCase();
  const all = flags.on("replay") || flags.has("limit");
  const collected: string[] = [];
  const toFile = flags.has("output");
  await o.call(
    "debugLog",
    {
      ...o.inModel,
      include: flags.all("include"),
      exclude: flags.all("exclude"),
      includeModule: flags.all("include-module"),
      excludeModule: flags.all("exclude-module"),
      ...(level === undefined ? {} : { level }),
      ...(all ? { replay: true } : {}),
      ...(lines === undefined ? {} : { lines }),
      ...(limit ? { limit } : {}),
      follow,
    },
    {
      onProgress: (line) => (toFile ? collected.push(lineText(o, line)) : o.out(lineText(o, line))),
      signal: o.signal,
    },
  );
  if (toFile) await emit(o, collected.join(""));
}

export const commands: Readonly<Record<string, Command>> = {
  "debug-log": {
    purpose: "Show the log of the model.",
    scope: "model",
    formats: ["text", "json"],
    aliases: { i: "include", x: "exclude", l: "level", n: "lines", T: "no-tail" },
    flags: {
      color: "bool",
      date: "bool",
      exclude: "texts",
      "exclude-label": "texts",
      "exclude-labels": "texts",
      "exclude-module": "texts",
      firehose: "bool",
      include: "texts",
      "include-label": "texts",
      "include-labels": "texts",
      "include-module": "texts",
      level: "text",
      limit: "uintFlag",
      lines: "uintFlag",
      location: "bool",
      ms: "bool",
      "no-tail": "bool",
      replay: "bool",
      retry: "bool",
      "retry-delay": "duration",
      tail: "bool",
      utc: "bool",
    },
    check({ flags }) {
      if (flags.on("tail") && flags.on("no-tail")) throw usage("setting --tail and --no-tail not valid");
      const level = flags.text("level");
      if (level !== undefined && !levels.includes(level.toUpperCase())) {
        throw usage(`level value "${level}" is not one of ${levels.map((one) => `"${one}"`).join(", ")}`);
      }
    },
    run: debugLog,
  },
};
