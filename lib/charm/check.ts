import { checkParts } from "./check-parts.ts";
import { type CharmContract, endpointsOf } from "./contract.ts";
import { type AnyOption, optionFault, TYPE_OF } from "./option.ts";

/** What Juju takes as the name of a charm or an application. */
export const APPLICATION = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;
const ENDPOINT = /^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/;
const CONTAINER = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const ACTION = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * What Juju or charmcraft would refuse in a contract, one sentence each with the name of its rule at the end; empty
 * when all is well. Misspelt names
 * of a part are type errors already; these rules types cannot tell.
 *
 * @see Juju: charm metadata, actions and config
 */
export function check(contract: CharmContract): readonly string[] {
  return [
    ...checkNames(contract),
    ...checkEndpoints(contract),
    ...checkContainers(contract),
    ...checkParts(
      contract,
      endpointsOf(contract).map(([name]) => name),
    ),
    ...Object.entries(contract.config ?? {}).flatMap(([name, option]) => checkOption(name, option)),
  ];
}

function misnamed(kind: string, names: readonly string[], pattern: RegExp): readonly string[] {
  return names
    .filter((name) => !pattern.test(name))
    .map((name) => `${kind} "${name}": the name must match ${pattern.source} (${kind}-name)`);
}

function keys(part: object | undefined): readonly string[] {
  return Object.keys(part ?? {});
}

function checkNames(contract: CharmContract): readonly string[] {
  const actions = keys(contract.actions);
  return [
    ...misnamed("charm", [contract.name], APPLICATION),
    ...misnamed("storage", keys(contract.storage), APPLICATION),
    ...misnamed("container", keys(contract.containers), CONTAINER),
    ...misnamed("action", actions, ACTION),
    ...actions
      .filter(isReserved)
      .map((name) => `action "${name}": the "juju-" prefix is reserved (action-reserved)`),
    ...(contract.summary.includes("\n") ? ["summary: must be one line (summary)"] : []),
  ];
}

function isReserved(name: string): boolean {
  return name === "juju" || name.startsWith("juju-");
}

function checkEndpoints(contract: CharmContract): readonly string[] {
  const names = [...keys(contract.requires), ...keys(contract.provides), ...keys(contract.peers)];
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const limits = endpointsOf(contract).filter(
    ([, { options }]) =>
      options.limit !== undefined && !(Number.isInteger(options.limit) && options.limit >= 1),
  );
  const scoped = Object.values(contract.requires ?? {}).some(({ options }) => options.scope === "container");
  return [
    ...misnamed("endpoint", names, ENDPOINT),
    ...(isReserved(contract.name) ? [] : names.filter(isReserved)).map(
      (name) => `endpoint "${name}": the name is reserved (endpoint-reserved)`,
    ),
    ...twice.map((name) => `endpoint "${name}": must have one role (endpoint-unique)`),
    ...limits.map(
      ([name]) => `endpoint "${name}": limit must be a whole number of at least 1 (endpoint-limit)`,
    ),
    ...(contract.subordinate && !scoped
      ? ["subordinate: must require an endpoint with container scope (subordinate)"]
      : []),
  ];
}

function checkContainers(contract: CharmContract): readonly string[] {
  return Object.entries(contract.containers ?? {}).flatMap(([name, { image, mounts, uid, gid }]) => [
    ...(contract.resources?.[image]?.type === "file"
      ? [`container "${name}": resource "${image}" must be an image (container-resource)`]
      : []),
    ...keys(mounts)
      .filter((storage) => contract.storage?.[storage] === undefined)
      .map((storage) => `container "${name}": storage "${storage}" must be declared (container-mount)`),
    ...(isReservedId(uid) ? [`container "${name}": uid must not be in 1000-9999 (container-user)`] : []),
    ...(isReservedId(gid) ? [`container "${name}": gid must not be in 1000-9999 (container-user)`] : []),
  ]);
}

function isReservedId(id: number | undefined): boolean {
  return id !== undefined && id >= 1000 && id <= 9999;
}

function checkOption(name: string, option: AnyOption): readonly string[] {
  const { default: value, type } = option;
  if (value === undefined) return [];
  const fits = typeof value === TYPE_OF[type] && (type !== "int" || Number.isInteger(value));
  if (!fits) return [`option "${name}": the default must be of type ${type} (option-default)`];
  const fault = optionFault(option, value);
  return fault === undefined ? [] : [`option "${name}": the default ${fault} (option-default)`];
}
