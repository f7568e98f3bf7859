import { filterStatus, renderStatus, type StatusFormat } from "../../status/index.ts";
import type { Command, Invocation } from "../command.ts";
import { usage } from "../errors.ts";
import { emit } from "../print.ts";

/** Alias of `--relations`. */
const aliases = { integrations: "relations" };

async function show(o: Invocation): Promise<void> {
  const format = (o.flags.text("format") ?? "tabular") as StatusFormat;
  const whole = await o.call("status", o.inModel);
  const { report, matched } = filterStatus(whole, o.args);
  const options = {
    relations: o.flags.on("relations"),
    storage: o.flags.on("storage"),
    utc: o.flags.on("utc") || /^(1|t|true)$/i.test(o.env["JUJU_STATUS_ISO_TIME"] ?? ""),
    juju: o.juju,
  };
  const always = (["relations", "storage"] as const).filter((name) => options[name]);
  if (format !== "tabular" && always.length > 0) {
    const verb = always.length > 1 ? "options are" : "option is";
    o.info(`provided ${always.join(", ")} ${verb} always enabled in non tabular formats\n`);
  }
  await emit(o, renderStatus(report, format, options));
  if (o.args.length > 0 && !matched) {
    o.info(`Nothing matched specified filter${o.args.length > 1 ? "s" : ""}.\n`);
  } else if (Object.keys(whole.applications).length === 0 && format === "tabular") {
    o.info(`\nModel "${whole.model.name}" is empty.\n`);
  }
}

/** Shows the status again and again, on a cleared screen where there is one. */
async function watch(o: Invocation, everyMs: number): Promise<void> {
  const { setTimeout: delay } = await import("node:timers/promises");
  while (!o.signal.aborted) {
    if (o.terminal) o.out("\u001b[H\u001b[2J");
    await show(o);
    await delay(everyMs, undefined, { signal: o.signal }).catch(() => undefined); // Aborted: the loop ends.
  }
}

export const commands: Readonly<Record<string, Command>> = {
  status: {
    purpose: "Report the status of the model, its applications and units.",
    usage: "[<selector> [...]]",
    scope: "model",
    formats: ["tabular", "json", "line", "oneline", "short", "summary", "yaml"],
    aliases,
    flags: {
      color: "bool",
      "no-color": "bool",
      relations: "bool",
      storage: "bool",
      utc: "bool",
      "retry-count": "int",
      "retry-delay": "duration",
    },
    flagsOf3: { watch: "duration" },
    check({ flags }) {
      if (flags.on("color") && flags.on("no-color")) throw usage("cannot mix --no-color and --color");
    },
    run: (o) => {
      const every = o.flags.number("watch");
      return every === undefined ? show(o) : watch(o, every);
    },
  },
};
