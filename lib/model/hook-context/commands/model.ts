import { type Command, Output } from "../command.ts";
import { OperationError } from "../errors.ts";
import { type Field, fromJson, type GoValue, Struct } from "../go/value.ts";

export const goalState: Command = {
  name: "goal-state",
  args: "[options]",
  purpose: "Prints the units and relations that the model is going to have.",
  prepare(call) {
    const output = new Output(call, ["yaml", "json"]);
    return {
      flags: [output],
      init: (args) => args.end(),
      run() {
        const goal = recordOf(call.state.controller.goalState());
        const relations = Object.entries(recordOf(goal["relations"])).map(
          ([endpoint, members]): [string, GoValue] => [endpoint, statuses(members)],
        );
        output.write(
          new Struct([
            ["units", statuses(goal["units"])],
            ["relations", new Map(relations)],
          ]),
        );
      },
    };
  },
};

function statuses(members: unknown): ReadonlyMap<string, GoValue> {
  const entries = Object.entries(recordOf(members)).map(([name, member]): [string, GoValue] => {
    const { status, since } = recordOf(member);
    const fields: Field[] = [
      ["status", String(status ?? "")],
      ["since", sinceText(since)],
    ];
    return [name, new Struct(fields)];
  });
  return new Map(entries);
}

/** The moment in whole seconds; an unknown one is the epoch. */
function sinceText(since: unknown): string {
  const date = new Date(typeof since === "string" ? since : 0);
  const known = Number.isNaN(date.getTime()) ? new Date(0) : date;
  return `${known.toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** Names in JSON and, in YAML, those of the agent's own fields. */
const specFields: readonly (readonly [json: string, yaml: string, empty: GoValue])[] = [
  ["type", "type", ""],
  ["name", "name", ""],
  ["region", "region", ""],
  ["endpoint", "endpoint", ""],
  ["identity-endpoint", "identityendpoint", ""],
  ["storage-endpoint", "storageendpoint", ""],
  ["credential", "credential", null],
  ["cacertificates", "cacertificates", []],
  ["skip-tls-verify", "skiptlsverify", false],
  ["is-controller-cloud", "iscontrollercloud", false],
];
const credentialFields: typeof specFields = [
  ["auth-type", "authtype", ""],
  ["attrs", "attributes", new Map()],
  ["redacted", "redacted", []],
];

export const credentialGet: Command = {
  name: "credential-get",
  args: "[options]",
  purpose: "Prints the cloud this model is on and the credential for it.",
  prepare(call) {
    const output = new Output(call);
    return {
      flags: [output],
      init: (args) => args.end(),
      run: () => output.write(cloudSpec(readSpec(call.state))),
    };
  },
};

function readSpec(state: Parameters<Command["prepare"]>[0]["state"]): Record<string, unknown> {
  try {
    return recordOf(state.controller.cloudSpec());
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    const step = state.world.model.type === "caas" ? "getting model credentials: " : "";
    throw new OperationError(`cannot access cloud credentials: ${step}${error.message}`, { cause: error });
  }
}

function cloudSpec(spec: Readonly<Record<string, unknown>>): Struct {
  const credential = spec["credential"];
  const known = credential === undefined ? null : record(credentialFields, recordOf(credential));
  return record(specFields, spec, known);
}

/** Every field in YAML, those with something in them in JSON. */
function record(
  fields: typeof specFields,
  values: Readonly<Record<string, unknown>>,
  credential: GoValue = null,
): Struct {
  const fieldOf = (name: string, empty: GoValue) =>
    name === "credential" ? credential : values[name] === undefined ? empty : fromJson(values[name]);
  const yaml = fields.map(([json, name, empty]): Field => [name, fieldOf(json, empty)]);
  const json = fields.map(([name, , empty]): Field => [name, fieldOf(name, empty)]);
  return new Struct(
    yaml,
    json.filter(([, value]) => !isEmpty(value)),
  );
}

function isEmpty(value: GoValue): boolean {
  if (value instanceof Map) return value.size === 0;
  return value === null || value === "" || value === false || (Array.isArray(value) && value.length === 0);
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
