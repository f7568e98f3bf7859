import type { UnitDetail } from "../../api.ts";
import type { Command, Invocation } from "../command.ts";
import { SilentFailure, usage } from "../errors.ts";
import { isApplication, isUnit } from "../names.ts";
import { emit, formatted, plain, record } from "../print.ts";

function relationOf(relation: NonNullable<UnitDetail["relation-info"]>[number]) {
  const bag = (value: { readonly "in-scope": boolean; readonly data: object }) =>
    record({ "in-scope": value["in-scope"], data: value.data });
  const { "local-unit": local, "related-units": related } = relation;
  return record({
    ...relation,
    "local-unit": local ? bag(local) : undefined,
    "related-units": related
      ? new Map(Object.entries(related).map(([name, value]) => [name, bag(value)] as const))
      : undefined,
  });
}

/** In the order in which Juju prints the fields. */
function unitOf(unit: UnitDetail) {
  const relations = unit["relation-info"] ?? [];
  return record({
    "workload-version": unit["workload-version"],
    "opened-ports": unit["opened-ports"],
    charm: unit.charm,
    leader: unit.leader,
    life: unit.life,
    "relation-info": relations.length > 0 ? relations.map(relationOf) : undefined,
    "provider-id": unit["provider-id"],
    address: unit.address,
  });
}

async function showUnits(o: Invocation): Promise<void> {
  const endpoint = o.flags.text("endpoint");
  const units = await o.call("units", {
    ...o.inModel,
    units: o.args,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(o.flags.on("app") ? { app: true } : {}),
  });
  const found = new Map(Object.entries(units).map(([name, unit]) => [name, unitOf(unit)] as const));
  await emit(o, formatted(found, o.flags.text("format") ?? "yaml"));
  const missing = o.args.filter((name) => !found.has(name));
  for (const name of missing) o.err(`ERROR unit "${name}" not found\n`);
  if (missing.length > 0) throw new SilentFailure();
}

export const commands: Readonly<Record<string, Command>> = {
  "show-unit": {
    purpose: "Show a unit with the databags of its relations.",
    usage: "<unit> [...]",
    scope: "model",
    formats: ["yaml", "json", "smart"],
    flags: { endpoint: "text", "related-unit": "text", app: "bool" },
    check({ args }) {
      if (args.length === 0) throw usage("an unit name must be supplied");
      const bad = args.find((arg) => !isUnit(arg));
      if (bad !== undefined) throw usage(`unit name ${bad} not valid`);
    },
    run: showUnits,
  },
  "show-application": {
    purpose: "Show an application.",
    usage: "<application> [...]",
    scope: "model",
    formats: ["yaml", "json", "smart"],
    check({ args }) {
      if (args.length === 0) throw usage("an application name must be supplied");
      const bad = args.find((arg) => !isApplication(arg));
      if (bad !== undefined) throw usage(`application name ${bad} not valid`);
    },
    async run(o) {
      const found = await o.call("applications", { ...o.inModel, applications: o.args });
      const shown = new Map(
        Object.entries(found).map(
          ([name, app]) =>
            [name, record({ ...app, "endpoint-bindings": plain(app["endpoint-bindings"]) })] as const,
        ),
      );
      await emit(o, formatted(shown, o.flags.text("format") ?? "yaml"));
    },
  },
};
