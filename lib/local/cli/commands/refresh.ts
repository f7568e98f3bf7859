import { resolve } from "node:path";
import { table } from "../../status/index.ts";
import { charmOf, configOf, resourceFlag, resourcesOf } from "../charm-params.ts";
import type { Checked, Command, Invocation } from "../command.ts";
import { failure, noMoreThan, usage } from "../errors.ts";
import { isApplication } from "../names.ts";
import { emit, formatted, record } from "../print.ts";

function checkRefresh({ args, flags, juju }: Checked): void {
  const storage = flags.all("storage").find((text) => !/^[^=]+=/.test(text));
  if (storage !== undefined) {
    const what = juju.startsWith("3.") ? "constraints" : "directive";
    throw usage(`invalid value "${storage}" for option --storage: expected <store>=<${what}>`);
  }
  if (args.length === 0) throw usage("no application specified");
  if (!isApplication(args[0] ?? "")) throw usage(`invalid application name "${args[0]}"`);
  noMoreThan(args, 1);
  for (const [one, other] of [
    ["switch", "revision"],
    ["path", "revision"],
    ["switch", "path"],
  ] as const) {
    if (flags.has(one) && flags.has(other)) throw usage(`--${one} and --${other} are mutually exclusive`);
  }
}

async function refresh(o: Invocation): Promise<void> {
  const [application = ""] = o.args;
  // --path is a path whatever it looks like; --switch may name a charm of the store.
  const given = o.flags.text("path");
  const other = o.flags.text("switch");
  const path = given === undefined ? other && charmOf(other, o.cwd) : resolve(o.cwd, given);
  const done = await o.call("refresh", {
    ...o.inModel,
    application,
    ...(path === undefined ? {} : { path }),
    config: await configOf(o, application),
    resources: resourcesOf(o),
    forceUnits: o.flags.on("force-units"),
    ...(o.flags.has("trust") ? { trust: o.flags.on("trust") } : {}),
  });
  if (!done.changed) return o.info(`charm "${done.charm}": already up-to-date\n`);
  const from = done.origin === "local" ? "local" : "charm-hub";
  const channel = done.origin === "local" ? "" : ` in channel ${done.channel}`;
  o.info(`Added ${from} charm "${done.charm}", revision ${done.revision}${channel}, to the model\n`);
  const [app] = Object.values(await o.call("applications", { ...o.inModel, applications: [application] }));
  const endpoints = Object.keys(app?.["endpoint-bindings"] ?? {})
    .filter((name) => name !== "")
    .sort();
  if (endpoints.length > 0) o.info(`no change to endpoints in space "alpha": ${endpoints.join(", ")}\n`);
}

function resourceArgument(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw usage(`bad resource arg "${text}": expected name=path format`);
  if (at === text.length - 1) throw usage(`bad resource arg "${text}": missing resource value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

export const commands: Readonly<Record<string, Command>> = {
  refresh: {
    purpose: "Give an application a new revision of its charm.",
    usage: "<application>",
    scope: "model",
    flags: {
      base: "text",
      bind: "text",
      channel: "text",
      config: "texts",
      force: "bool",
      "force-base": "bool",
      "force-units": "bool",
      path: "text",
      resource: resourceFlag,
      revision: "int",
      storage: "texts",
      switch: "text",
      trust: "bool",
    },
    check: checkRefresh,
    run: refresh,
  },
  "attach-resource": {
    purpose: "Give an application another resource.",
    usage: "<application> <resource>=<path>",
    scope: "model",
    check({ args }) {
      if (args.length === 0) throw usage("missing application name");
      if (args.length === 1) throw usage("no resource specified");
      resourceArgument(args[1] ?? "");
      noMoreThan(args, 2);
    },
    async run(o) {
      const [application = "", text = ""] = o.args;
      const [name, value] = resourceArgument(text);
      const { resolve } = await import("node:path");
      await o.call("attachResource", { ...o.inModel, application, name, value: resolve(o.cwd, value) });
    },
  },
  resources: {
    purpose: "List the resources of an application.",
    usage: "<application>",
    scope: "model",
    formats: ["tabular", "json", "yaml"],
    flags: { details: "bool" },
    check({ args }) {
      if (args.length === 0) throw usage("missing application or unit name");
      noMoreThan(args, 1);
    },
    async run(o) {
      const [application = ""] = o.args;
      if (!isApplication(application)) throw failure(`invalid application name "${application}"`);
      const found = await o.call("resources", { ...o.inModel, application });
      const format = o.flags.text("format") ?? "tabular";
      if (format !== "tabular") {
        const resources = found.map(({ name, type, value }) =>
          record({ name, type, path: value, origin: "upload" }),
        );
        return emit(o, formatted(record({ resources }), format));
      }
      if (found.length === 0) return o.info("No resources to display.\n");
      await emit(
        o,
        table([["Resource", "Supplied by", "Revision"], ...found.map(({ name }) => [name, "admin", "-"])]),
      );
    },
  },
};
