import { table } from "../../status/index.ts";
import type { Command } from "../command.ts";
import { failure, noMoreThan } from "../errors.ts";
import { emit, formatted, record } from "../print.ts";

const CONTROLLER = "local";

function versionText(juju: string): string {
  return `${juju}-genericlinux-amd64`;
}

export const commands: Readonly<Record<string, Command>> = {
  version: {
    purpose: "Print the version of Juju that is played.",
    scope: "none",
    formats: ["smart", "json", "yaml"],
    flags: { all: "bool" },
    check: ({ args }) => noMoreThan(args, 0),
    async run(o) {
      const version = versionText(o.juju);
      const format = o.flags.text("format") ?? "smart";
      const all = record({ version, "git-tree-state": "dirty", compiler: "gc", official: false });
      const value = o.flags.on("all") ? all : version;
      await emit(o, value === version && format === "smart" ? `${version}\n` : formatted(value, format));
    },
  },
  whoami: {
    purpose: "Print the controller, the model and the user that commands mean.",
    scope: "none",
    formats: ["tabular", "json", "yaml"],
    check: ({ args }) => noMoreThan(args, 0),
    async run(o) {
      const { current } = await o.call("models", {});
      const format = o.flags.text("format") ?? "tabular";
      const model = current === null ? undefined : current;
      if (format !== "tabular")
        return emit(o, formatted(record({ controller: CONTROLLER, model, user: "admin" }), format));
      await emit(
        o,
        table([
          ["Controller:", CONTROLLER],
          ["Model:", model ?? "<no-current-model>"],
          ["User:", "admin"],
        ]),
      );
    },
  },
  controllers: {
    purpose: "List controllers: the local one.",
    scope: "none",
    formats: ["tabular", "json", "yaml"],
    flags: { refresh: "bool", managed: "bool" },
    check: ({ args }) => noMoreThan(args, 0),
    async run(o) {
      const [{ models, current }, { uuid, version, cloud, region }] = await Promise.all([
        o.call("models", {}),
        o.call("controller", {}),
      ]);
      const format = o.flags.text("format") ?? "tabular";
      const fields = record({
        "current-model": current ?? undefined,
        user: "admin",
        access: "superuser",
        uuid,
        "api-endpoints": [],
        cloud,
        region,
        "agent-version": version,
        "model-count": models.length,
      });
      if (format !== "tabular") {
        return emit(
          o,
          formatted(
            record({ controllers: new Map([[CONTROLLER, fields]]), "current-controller": CONTROLLER }),
            format,
          ),
        );
      }
      const head = ["Controller", "Model", "User", "Access", "Cloud/Region", { right: "Models" }, "Version"];
      const row = [
        `${CONTROLLER}*`,
        current ?? "-",
        "admin",
        "superuser",
        `${cloud}/${region}`,
        { right: String(models.length) },
        version,
      ];
      await emit(o, table([head, row]));
    },
  },
  "show-controller": {
    purpose: "Show the controller.",
    usage: "[local]",
    scope: "none",
    formats: ["yaml", "json"],
    async run(o) {
      const format = o.flags.text("format") ?? "yaml";
      const unknown = o.args.find((name) => name !== CONTROLLER);
      if (unknown !== undefined) {
        await emit(o, formatted(new Map(), format));
        throw failure(`controller ${unknown} not found`);
      }
      const { uuid, version, cloud, region } = await o.call("controller", {});
      const details = record({
        "controller-uuid": uuid,
        "api-endpoints": [],
        cloud,
        region,
        "agent-version": version,
      });
      const account = record({ user: "admin", access: "superuser" });
      await emit(o, formatted(new Map([[CONTROLLER, record({ details, account })]]), format));
    },
  },
  clouds: {
    purpose: "List clouds: the local one.",
    scope: "none",
    formats: ["tabular", "json", "yaml"],
    flags: { all: "bool", client: "bool", controller: "text" },
    check: ({ args }) => noMoreThan(args, 0),
    async run(o) {
      const format = o.flags.text("format") ?? "tabular";
      const fields = record({
        defined: "public",
        type: "k8s",
        "auth-types": ["userpass"],
        description: "The local model of this machine",
      });
      if (format !== "tabular") return emit(o, formatted(new Map([["localhost", fields]]), format));
      const head = ["Cloud", { right: "Regions" }, "Default", "Type"];
      await emit(
        o,
        `Clouds available on the controller:\n${table([head, ["localhost", { right: "1" }, "localhost", "k8s"]])}`,
      );
    },
  },
};
