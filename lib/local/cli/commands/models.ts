import { sinceText, table } from "../../status/index.ts";
import type { Checked, Command, Invocation } from "../command.ts";
import { failure, noMoreThan, usage } from "../errors.ts";
import { keyValues } from "../key-values.ts";
import { emit, formatted, record } from "../print.ts";

function shortName(text: string): string {
  return text.replace(/^local:/, "").replace(/^admin\//, "");
}

async function listed(o: Invocation) {
  const [{ models, current }, controller] = await Promise.all([
    o.call("models", {}),
    o.call("controller", {}),
  ]);
  return { models, current, controller };
}

type Listed = Awaited<ReturnType<typeof listed>>;

function modelFields({ controller }: Listed, model: Listed["models"][number]) {
  return record({
    name: `admin/${model.name}`,
    "short-name": model.name,
    "model-uuid": model.uuid,
    "model-type": "caas",
    "controller-uuid": controller.uuid,
    "controller-name": controller.controller,
    "is-controller": false,
    cloud: controller.cloud,
    region: controller.region,
    type: "kubernetes",
    life: model.life,
    status: record({
      current: model.life === "alive" ? "available" : "destroying",
      since: sinceText(new Date(model.created).toISOString(), false),
    }),
    users: new Map([
      ["admin", record({ "display-name": "admin", access: "admin", "last-connection": "just now" })],
    ]),
    "agent-version": controller.version,
  });
}

async function models(o: Invocation): Promise<void> {
  const list = await listed(o);
  const format = o.flags.text("format") ?? "tabular";
  if (format !== "tabular") {
    const fields = {
      models: list.models.map((model) => modelFields(list, model)),
      "current-model": list.current ?? undefined,
    };
    return emit(o, formatted(record(fields), format));
  }
  const { controller, current } = list;
  const uuid = o.flags.on("uuid");
  const rows = list.models.map((model) => [
    `${model.name}${model.name === current ? "*" : ""}`,
    ...(uuid ? [model.uuid] : []),
    `${controller.cloud}/${controller.region}`,
    "kubernetes",
    model.life === "alive" ? "available" : "destroying",
    { right: String(model.units) },
    "admin",
    "just now",
  ]);
  const head = [
    "Model",
    ...(uuid ? ["UUID"] : []),
    "Cloud/Region",
    "Type",
    "Status",
    { right: "Units" },
    "Access",
    "Last connection",
  ];
  await emit(o, `Controller: ${controller.controller}\n\n${table([head, ...rows])}`);
}

function checkSwitch({ args, juju }: Checked): void {
  noMoreThan(args, 1);
  const [, controller] = /^([^:]+):/.exec(args[0] ?? "") ?? [];
  if (controller === undefined || controller === "local") return;
  throw failure(
    `${juju.startsWith("3.") ? "" : "invalid target controller: "}controller ${controller} not found`,
  );
}

async function switchModel(o: Invocation): Promise<void> {
  const { current } = await o.call("models", {});
  const [target] = o.args;
  const shown = (name: string | null) => (name === null ? "local" : `local:admin/${name}`);
  if (target === undefined) return o.out(`${shown(current)}\n`);
  const env = o.env["JUJU_MODEL"];
  if (env) throw failure(`cannot switch when JUJU_MODEL is overriding the model (set to "${env}")`);
  const name = shortName(target);
  if (name === "" || name === "local" || name === current) return o.err(`${shown(current)} (no change)\n`);
  const { from, to } = await o.call("switch", { model: target });
  o.err(`${shown(from)} -> ${shown(to)}\n`);
}

async function askName(o: Invocation, name: string): Promise<void> {
  if (o.flags.on("no-prompt")) return;
  o.err(
    `WARNING! This command will destroy the "${name}" model and all its resources. It cannot be stopped.\n\nTo continue, enter the name of the model to be unregistered: `,
  );
  const answer = (await o.input()).split("\n")[0]?.trim();
  if (answer !== name) throw failure("model destruction: aborted");
}

async function destroy(o: Invocation): Promise<void> {
  const name = shortName(o.args[0] ?? "");
  const { models: all } = await o.call("models", {});
  if (!all.some((model) => model.name === name)) throw failure(`model local:admin/${name} not found`);
  await askName(o, name);
  o.err("Destroying model\n");
  let left = -1;
  await o.call(
    "destroyModel",
    { model: name, force: o.flags.on("force"), destroyStorage: o.flags.on("destroy-storage") },
    {
      onProgress: ({ applications }) => {
        if (applications !== left && applications > 0)
          o.err(`Waiting for model to be removed, ${applications} application(s)....\n`);
        left = applications;
      },
    },
  );
  o.err("Model destroyed.\n");
}

async function modelConfig(o: Invocation): Promise<void> {
  const set = o.args.filter((arg) => arg.includes("="));
  const reset = o.flags.all("reset");
  if (set.length > 0 || reset.length > 0) {
    await o.call("setModelConfig", { ...o.inModel, set: keyValues(set, o), reset });
    return;
  }
  const config = await o.call("modelConfig", o.inModel);
  const [key] = o.args;
  if (key !== undefined) {
    const found = config[key];
    if (!found) {
      const name = o.inModel.model ?? (await o.call("models", {})).current;
      throw failure(`"${key}" is not a key of the currently targeted model: "admin/${name}"`);
    }
    return emit(o, `${String(found.value)}\n`);
  }
  const format = o.flags.text("format") ?? "tabular";
  if (format !== "tabular") {
    const fields = Object.entries(config).map(
      ([name, { value, source }]) => [name, record({ Value: value, Source: source })] as const,
    );
    return emit(o, formatted(new Map(fields), format));
  }
  const rows = Object.entries(config).map(([name, { value, source }]) => [name, source, String(value)]);
  await emit(o, table([["Attribute", "From", "Value"], ...rows]));
}

export const commands: Readonly<Record<string, Command>> = {
  "add-model": {
    purpose: "Add a model.",
    usage: "<name> [localhost[/localhost]]",
    scope: "controller",
    flags: { config: "texts", credential: "text", "no-switch": "bool", owner: "text" },
    check({ args }) {
      const [name = ""] = args;
      if (name === "") throw usage("model name is required");
      if (!/^[a-z0-9]+[a-z0-9-]*$/.test(name)) {
        throw usage(
          `"${name}" is not a valid name: model names may only contain lowercase letters, digits and hyphens`,
        );
      }
      noMoreThan(args, 2);
    },
    async run(o) {
      const [name = ""] = o.args;
      const config = keyValues(o.flags.all("config"), o);
      await o.call("addModel", { name, switch: !o.flags.on("no-switch"), config });
      o.info(`Added '${name}' model on localhost/localhost with credential 'localhost' for user 'admin'\n`);
    },
  },
  models: {
    purpose: "List models.",
    scope: "controller",
    formats: ["tabular", "json", "yaml"],
    flags: { all: "bool", user: "text", uuid: "bool", "exact-time": "bool", utc: "bool" },
    check: ({ args }) => noMoreThan(args, 0),
    run: models,
  },
  switch: {
    purpose: "Choose the model that further commands mean, or show which it is.",
    usage: "[<model>]",
    scope: "none",
    check: checkSwitch,
    run: switchModel,
  },
  "show-model": {
    purpose: "Show a model.",
    usage: "[<model>]",
    scope: "model",
    formats: ["yaml", "json"],
    check: ({ args }) => noMoreThan(args, 1),
    async run(o) {
      const list = await listed(o);
      const name = o.args[0] === undefined ? (o.inModel.model ?? list.current ?? "") : shortName(o.args[0]);
      const model = list.models.find((one) => one.name === name || one.uuid === name);
      if (!model) throw failure(`model local:admin/${name} not found`);
      await emit(
        o,
        formatted(new Map([[model.name, modelFields(list, model)]]), o.flags.text("format") ?? "yaml"),
      );
    },
  },
  "destroy-model": {
    purpose: "Remove a model with all that is in it.",
    usage: "<name>",
    scope: "none",
    flags: {
      "no-prompt": "bool",
      force: "bool",
      "no-wait": "bool",
      timeout: "duration",
      "destroy-storage": "bool",
      "release-storage": "bool",
    },
    check({ args, flags }) {
      if (flags.on("destroy-storage") && flags.on("release-storage")) {
        throw usage("--destroy-storage and --release-storage cannot both be specified");
      }
      if (args.length === 0) throw usage("no model specified");
      noMoreThan(args, 1);
    },
    run: destroy,
  },
  "model-config": {
    purpose: "Show or change the configuration of the model.",
    usage: "[<key> | <key>=<value> ...]",
    scope: "model",
    formats: ["tabular", "json", "yaml"],
    flags: { reset: "names", file: "text" },
    check({ args }) {
      const get = args.filter((arg) => !arg.includes("="));
      if (get.length > 1) throw usage("cannot specify multiple keys to get");
      if (get.length > 0 && get.length < args.length)
        throw usage("cannot get value and set key=value pairs simultaneously");
    },
    run: modelConfig,
  },
};
