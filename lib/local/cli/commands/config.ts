import type { Checked, Command, Invocation } from "../command.ts";
import { failure, usage } from "../errors.ts";
import { fileText, keyValues, splitPairs } from "../key-values.ts";
import { emit, formatted, plain, record } from "../print.ts";
import { readYamlMap } from "../yaml-input.ts";

/** What the arguments after the application ask for. */
function parts(args: readonly string[]): { gets: string[]; sets: string[] } {
  const rest = args.slice(1);
  return { gets: rest.filter((arg) => !arg.includes("=")), sets: rest.filter((arg) => arg.includes("=")) };
}

function check({ args, flags }: Checked): void {
  if (args.length === 0) throw usage("no application name specified");
  const bad = flags.all("reset").find((key) => key.includes("="));
  if (bad !== undefined)
    throw usage(`--reset accepts a comma delimited set of keys "a,b,c", received: "${bad}"`);
  const { gets, sets } = parts(args);
  if (gets.length > 0 && sets.length > 0)
    throw usage("cannot get value and set key=value pairs simultaneously");
  if (gets.length > 1) throw usage("cannot specify multiple keys to get");
  splitPairs(sets);
}

/** Values of `--file`: under the application's name, or what `juju config` printed. */
async function fromFile(o: Invocation, path: string): Promise<Record<string, unknown>> {
  const text = path === "-" ? await o.input() : fileText(path, o.cwd);
  const map = await readYamlMap(text, "config file");
  const [application = ""] = o.args;
  const printed = map["settings"];
  if (printed !== null && typeof printed === "object" && map["application"] !== undefined) {
    const set = Object.entries(printed as Record<string, { source?: string; value?: unknown }>).filter(
      ([, option]) => option.source === "user",
    );
    return Object.fromEntries(set.map(([key, option]) => [key, option.value]));
  }
  const values = map[application];
  if (values === null || typeof values !== "object") throw failure(`no settings found for "${application}"`);
  return values as Record<string, unknown>;
}

async function show(o: Invocation, key: string | undefined): Promise<void> {
  const [application = ""] = o.args;
  const report = await o.call("config", { ...o.inModel, application });
  if (key === undefined) {
    const fields = record({
      ...report,
      "application-config": plain(report["application-config"]),
      settings: plain(report.settings),
    });
    return emit(o, formatted(fields, o.flags.text("format") ?? "yaml"));
  }
  const found = report.settings[key] ?? report["application-config"][key];
  if (!found)
    throw failure(`key "${key}" not found in "${application}" application config or charm settings.`);
  const value = (found as { value?: unknown }).value;
  await emit(o, `${value === undefined || value === null ? "" : String(value)}\n`);
}

async function config(o: Invocation): Promise<void> {
  const [application = ""] = o.args;
  const { gets, sets } = parts(o.args);
  const reset = o.flags.all("reset");
  const file = o.flags.text("file");
  if (sets.length === 0 && reset.length === 0 && file === undefined) return show(o, gets[0]);
  const set = { ...(file === undefined ? {} : await fromFile(o, file)), ...keyValues(sets, o) };
  const both = reset.find((key) => Object.hasOwn(set, key));
  if (both !== undefined) throw failure(`cannot set and reset key "${both}" simultaneously`);
  await o.call("setConfig", { ...o.inModel, application, set, reset });
}

export const commands: Readonly<Record<string, Command>> = {
  config: {
    purpose: "Show or change the options of an application.",
    usage: "<application> [<key> | <key>=<value> ...]",
    scope: "model",
    formats: ["yaml", "json"],
    flags: { file: "text", reset: "names", color: "bool", "no-color": "bool" },
    check,
    run: config,
  },
};
