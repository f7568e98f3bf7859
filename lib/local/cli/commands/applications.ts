import type { Command, Invocation } from "../command.ts";
import { failure, noMoreThan, SilentFailure, usage } from "../errors.ts";
import { isApplication, isUnit } from "../names.ts";

function named(args: readonly string[]): string {
  const [name = ""] = args;
  if (name === "") throw usage("no application specified");
  if (!isApplication(name)) throw usage(`invalid application name "${name}"`);
  return name;
}

function checkExposed(args: readonly string[]): void {
  if (args.length === 0) throw usage("no application name specified");
  noMoreThan(args, 1);
}

function removalText(
  {
    application,
    units,
    storage,
  }: { application: string; units: readonly string[]; storage: readonly string[] },
  destroy: boolean,
): string {
  const lines = [
    `will remove application ${application}`,
    ...units.map((unit) => `- will remove unit ${unit}`),
    ...storage.map((id) => `- will ${destroy ? "remove" : "detach"} storage ${id}`),
  ];
  return `${lines.join("\n")}\n`;
}

async function confirmed(o: Invocation, apps: readonly string[]): Promise<void> {
  if (o.flags.on("no-prompt") || o.flags.on("dry-run")) return;
  const { mode } = await o.call("modelConfig", o.inModel);
  if (!String(mode?.value ?? "").includes("requires-prompts")) return;
  const previews = await Promise.all(
    apps.map((application) => o.call("removeApplication", { ...o.inModel, application, dryRun: true })),
  );
  const texts = previews.map((preview) => removalText(preview, o.flags.on("destroy-storage")));
  o.err(`WARNING This command will perform the following actions:\n${texts.join("")}\nContinue [y/N]? `);
  const answer = (await o.input()).split("\n")[0]?.trim().toLowerCase();
  if (answer !== "y" && answer !== "yes") throw failure("application removal: aborted");
}

async function remove(o: Invocation): Promise<void> {
  await confirmed(o, o.args);
  const destroyStorage = o.flags.on("destroy-storage");
  let failed = false;
  for (const application of o.args) {
    try {
      const more = { destroyStorage, force: o.flags.on("force"), dryRun: o.flags.on("dry-run") };
      o.out(
        removalText(
          await o.call("removeApplication", { ...o.inModel, application, ...more }),
          destroyStorage,
        ),
      );
    } catch (error) {
      failed = true;
      o.err(`ERROR ${(error as Error).message}\n`);
    }
  }
  if (failed) throw new SilentFailure();
}

function trustQuestion(scope: string | undefined, removing: boolean): void {
  if (removing && scope === undefined) return;
  if (scope === undefined) {
    throw failure(
      "'juju trust' currently grants full access to the cluster itself.\nSet the scope to 'cluster' using '--scope=cluster' to confirm this choice.\n",
    );
  }
  if (scope !== "cluster") throw failure(`scope "${scope}" not valid`);
}

export const commands: Readonly<Record<string, Command>> = {
  "scale-application": {
    purpose: "Set the number of units of an application.",
    usage: "<application> <scale>",
    scope: "model",
    check({ args }) {
      named(args);
      const [, scale] = args;
      if (scale === undefined) throw usage("no scale specified");
      if (!/^[-+]?\d+$/.test(scale)) {
        throw usage(`invalid scale "${scale}": strconv.Atoi: parsing "${scale}": invalid syntax`);
      }
      if (Number(scale) < 0) throw usage("scale must be a positive integer");
      noMoreThan(args, 2);
    },
    async run(o) {
      const [application = "", scale] = o.args;
      const { units } = await o.call("scale", { ...o.inModel, application, units: Number(scale) });
      o.info(`${application} scaled to ${units} units\n`);
    },
  },
  "add-unit": {
    purpose: "Add units to an application.",
    usage: "<application>",
    scope: "model",
    aliases: { n: "num-units" },
    flags: { "num-units": "int", to: "names", "attach-storage": "names" },
    check({ args, flags, juju }) {
      named(args);
      noMoreThan(args, 1);
      if ((flags.number("num-units") ?? 1) < 1) throw usage("--num-units must be a positive integer");
      if (flags.has("to")) {
        throw usage(
          juju.startsWith("3.")
            ? "k8s models only support --num-units"
            : "k8s models do not support placement directives",
        );
      }
    },
    async run(o) {
      await o.call("scale", {
        ...o.inModel,
        application: o.args[0] ?? "",
        by: o.flags.number("num-units") ?? 1,
      });
    },
  },
  "remove-unit": {
    purpose: "Remove units from an application.",
    usage: "<application> --num-units <number>",
    scope: "model",
    flags: {
      "num-units": "int",
      "destroy-storage": "bool",
      force: "bool",
      "no-wait": "bool",
      "no-prompt": "bool",
      "dry-run": "bool",
    },
    check({ args, flags }) {
      if (args.length === 0) throw usage("no application specified");
      if (args.some((arg) => isUnit(arg))) {
        throw usage(
          "k8s models do not support removing named units.\nInstead specify an application with --num-units.",
        );
      }
      const bad = args.find((arg) => !isApplication(arg));
      if (bad !== undefined) throw usage(`application name "${bad}" not valid`);
      if ((flags.number("num-units") ?? 0) < 1)
        throw usage("specify the number of units (> 0) to remove using --num-units");
    },
    async run(o) {
      const [application = ""] = o.args;
      const status = await o.call("status", o.inModel);
      const scale = status.applications[application]?.scale;
      const by = o.flags.number("num-units") ?? 0;
      if (scale !== undefined && by > scale) {
        throw failure(
          `failed to remove unit: cannot remove more units than currently exist: ${by} > ${scale}`,
        );
      }
      const { units } = await o.call("scale", { ...o.inModel, application, by: -by });
      o.info(`scaling down to ${units} units\n`);
    },
  },
  "remove-application": {
    purpose: "Remove applications with their units.",
    usage: "<application> [...]",
    scope: "model",
    flags: {
      "destroy-storage": "bool",
      force: "bool",
      "no-wait": "bool",
      "no-prompt": "bool",
      "dry-run": "bool",
    },
    check({ args, flags }) {
      if (args.length === 0) throw usage("no application specified");
      const bad = args.find((arg) => !isApplication(arg));
      if (bad !== undefined) throw usage(`invalid application name "${bad}"`);
      if (flags.on("no-wait") && !flags.on("force")) throw usage("--no-wait without --force not valid");
    },
    run: remove,
  },
  trust: {
    purpose: "Give an application full access to the cluster, or take it away.",
    usage: "<application>",
    scope: "model",
    flags: { remove: "bool", scope: "text" },
    check({ args, flags }) {
      if (args.length === 0) throw usage("no application name specified");
      noMoreThan(args, 1);
      trustQuestion(flags.text("scope"), flags.on("remove"));
    },
    async run(o) {
      await o.call("trust", { ...o.inModel, application: o.args[0] ?? "", trust: !o.flags.on("remove") });
    },
  },
  expose: {
    purpose: "Mark an application as exposed.",
    usage: "<application>",
    scope: "model",
    flags: { endpoints: "names", "to-cidrs": "names", "to-spaces": "names" },
    check: ({ args }) => checkExposed(args),
    async run(o) {
      await o.call("expose", { ...o.inModel, application: o.args[0] ?? "", exposed: true });
    },
  },
  unexpose: {
    purpose: "Mark an application as not exposed.",
    usage: "<application>",
    scope: "model",
    flags: { endpoints: "names" },
    check: ({ args }) => checkExposed(args),
    async run(o) {
      await o.call("expose", { ...o.inModel, application: o.args[0] ?? "", exposed: false });
    },
  },
  resolved: {
    purpose: "Mark failed units as resolved, and run the failed hook again.",
    usage: "[<unit> ...]",
    scope: "model",
    flags: { all: "bool", "no-retry": "bool" },
    check({ args, flags }) {
      if (flags.on("all") && args.length > 0)
        throw usage("specifying unit names(s) with --all not supported");
      if (!flags.on("all") && args.length === 0) throw usage("no unit specified");
      const bad = args.find((arg) => !isUnit(arg));
      if (bad !== undefined) throw usage(`unit name "${bad}" not valid`);
    },
    async run(o) {
      const which = o.flags.on("all") ? { all: true } : { units: o.args };
      await o.call("resolved", { ...o.inModel, ...which, retry: !o.flags.on("no-retry") });
    },
  },
};
