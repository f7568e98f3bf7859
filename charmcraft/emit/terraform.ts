/** A Terraform module that deploys a charm, with the inputs and outputs that the modules of Canonical's charms have. */
import type { CharmContract } from "../../lib/charm/contract.ts";
import { type HclBlock, type HclValue, hcl, printHcl } from "./hcl.ts";

/** The charm as `charmcraft.yaml` has it, as far as a module needs it. */
export interface Deployable extends Pick<CharmContract, "name" | "subordinate"> {
  readonly base: string;
  readonly requires: readonly string[];
  readonly provides: readonly string[];
  readonly options: readonly string[];
  readonly resources: readonly string[];
  readonly storage: readonly string[];
  readonly containers: readonly string[];
}

const NOTE = "# Emitted from contract.ts; change that instead.\n\n";

/** Name → text of the module's files. */
export function terraformModule(charm: Deployable): Readonly<Record<string, string>> {
  const files = { variables: variables(charm), main: main(charm), outputs: outputs(charm), versions };
  return Object.fromEntries(
    Object.entries(files).map(([name, blocks]) => [`${name}.tf`, NOTE + printHcl(blocks)]),
  );
}

interface Variable {
  readonly description: string;
  readonly type: string;
  readonly default: HclValue;
}

/** Inputs, by name; those that mean nothing to the charm are left out. */
function inputs(charm: Deployable): Readonly<Record<string, Variable>> {
  const { name, base, options, resources, storage } = charm;
  const map = { type: "map(string)", default: {} };
  const named = (names: readonly string[]) => names.join(", ");
  return {
    app_name: { description: "Name of the application in the model.", type: "string", default: name },
    base: { description: "Base that the charm runs on.", type: "string", default: base },
    channel: { description: "Channel of the charm.", type: "string", default: "latest/edge" },
    ...(options.length > 0 && { config: { description: `Options: ${named(options)}.`, ...map } }),
    constraints: { description: "Constraints of the units.", type: "string", default: null },
    model: { description: "The same as model_uuid, which wins.", type: "string", default: null },
    model_uuid: { description: "UUID of the model to deploy to.", type: "string", default: null },
    ...(resources.length > 0 && {
      resources: { description: `Resources in place of the published ones: ${named(resources)}.`, ...map },
    }),
    revision: { description: "Revision of the charm; null: the channel's.", type: "number", default: null },
    ...(storage.length > 0 && {
      storage_directives: { description: `Storage: ${named(storage)}.`, ...map },
    }),
    ...(charm.containers.length > 0 && {
      trust: {
        description: "Whether the charm may change its own Kubernetes resources.",
        type: "bool",
        default: true,
      },
    }),
    ...(!charm.subordinate && { units: { description: "Number of units.", type: "number", default: 1 } }),
  };
}

function variables(charm: Deployable): readonly HclBlock[] {
  return Object.entries(inputs(charm)).map(([name, { description, type, default: value }]) => ({
    type: "variable",
    labels: [name],
    attributes: { description, type: hcl(type), default: value },
  }));
}

function main(charm: Deployable): readonly HclBlock[] {
  const given = inputs(charm);
  const passed = ["config", "constraints", "resources", "storage_directives", "trust", "units"].filter(
    (name) => Object.hasOwn(given, name),
  );
  const attributes = {
    name: hcl("var.app_name"),
    model_uuid: hcl("coalesce(var.model_uuid, var.model)"),
    ...Object.fromEntries(passed.map((name) => [name, hcl(`var.${name}`)])),
  };
  const fromVariables = Object.fromEntries(
    ["base", "channel", "revision"].map((name) => [name, hcl(`var.${name}`)]),
  );
  const deployed = { type: "charm", attributes: { name: charm.name, ...fromVariables } };
  return [{ type: "resource", labels: ["juju_application", "application"], attributes, blocks: [deployed] }];
}

/** Endpoints by their names, and by those with underscores: published modules use either. */
function endpoints(names: readonly string[]): HclValue {
  return Object.fromEntries(
    [...names, ...names.map((name) => name.replaceAll("-", "_"))].map((key, index) => [
      key,
      names[index % names.length] as string,
    ]),
  );
}

function outputs({ requires, provides }: Deployable): readonly HclBlock[] {
  const values = {
    app_name: ["Name of the application.", hcl("juju_application.application.name")],
    application: [
      "The application, with all that the provider says of it.",
      hcl("juju_application.application"),
    ],
    provides: ["Endpoints that the charm provides, for juju_integration.", endpoints(provides)],
    requires: ["Endpoints that the charm requires, for juju_integration.", endpoints(requires)],
  } satisfies Record<string, readonly [string, HclValue]>;
  return Object.entries(values).map(([name, [description, value]]) => ({
    type: "output",
    labels: [name],
    attributes: { description, value },
  }));
}

const versions: readonly HclBlock[] = [
  {
    type: "terraform",
    attributes: { required_version: ">= 1.5.0" },
    blocks: [
      { type: "required_providers", attributes: { juju: { source: "juju/juju", version: ">= 1.0.0" } } },
    ],
  },
];
