import { checkAbout } from "./check-about.ts";
import { checkParts, entries } from "./check-parts.ts";
import { type CharmContract, type ContainerDef, endpointsOf } from "./contract.ts";
import type { EndpointDef } from "./interface.ts";
import { type AnyOption, type OptionType, optionFault, TYPE_OF } from "./option.ts";

/** What Juju takes as the name of a charm or an application. */
export const APPLICATION = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;
const ENDPOINT = /^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/;
const CONTAINER = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const ACTION = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * What Juju or charmcraft would refuse in a contract, one sentence each with the name of its rule at the end; empty
 * when all is well. Misspelt names of a part are type errors already; these rules types cannot tell.
 *
 * @see Juju: charm metadata, actions and config
 */
export function check(contract: CharmContract): readonly string[] {
  return [
    ...checkAbout(contract),
    ...checkNames(contract),
    ...checkEndpoints(contract),
    ...entries(contract.containers).flatMap(([name, container]) => checkContainer(contract, name, container)),
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
      .filter((name) => isReserved(contract, name))
      .map((name) => `action "${name}": the "juju-" prefix is reserved (action-reserved)`),
  ];
}

/** Names that Juju keeps for itself and for its own charms. */
function isReserved(charm: CharmContract, name: string): boolean {
  return !charm.name.startsWith("juju-") && (name === "juju" || name.startsWith("juju-"));
}

function checkEndpoints(contract: CharmContract): readonly string[] {
  const names = [...keys(contract.requires), ...keys(contract.provides), ...keys(contract.peers)];
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const scoped = Object.values(contract.requires ?? {}).some(({ options }) => options.scope === "container");
  return [
    ...misnamed("endpoint", names, ENDPOINT),
    ...endpointsOf(contract).flatMap(([name, endpoint]) => checkEndpoint(contract, name, endpoint)),
    ...twice.map((name) => `endpoint "${name}": must have one role (endpoint-unique)`),
    ...(contract.subordinate && !scoped
      ? ["subordinate: must require an endpoint with container scope (subordinate)"]
      : []),
  ];
}

function checkEndpoint(contract: CharmContract, name: string, endpoint: EndpointDef): readonly string[] {
  const { role, interface: spoken, options } = endpoint;
  const { limit } = options;
  const requires = role === "requirer";
  // A subordinate reaches its principal by the endpoint `juju-info` that every charm has.
  const isToPrincipal = contract.subordinate === true && requires && options.scope === "container";
  return [
    ...(isReserved(contract, name) && !isToPrincipal
      ? [`endpoint "${name}": the name is reserved (endpoint-reserved)`]
      : []),
    ...(isReserved(contract, spoken) && !requires
      ? [`endpoint "${name}": the interface "${spoken}" is reserved, it must be required (endpoint-reserved)`]
      : []),
    ...(limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)
      ? [`endpoint "${name}": limit must be a whole number of at least 1 (endpoint-limit)`]
      : []),
  ];
}

/** Containers of every pod of Juju's, beside the charm's own. */
const PODS_OWN = ["charm", "charm-init"];

function checkContainer(contract: CharmContract, name: string, container: ContainerDef): readonly string[] {
  const { image, mounts, uid, gid } = container;
  return [
    ...(PODS_OWN.includes(name)
      ? [`container "${name}": the name is that of a container of Juju's (container-reserved)`]
      : []),
    ...(image === "" ? [`container "${name}": must have an image (container-resource)`] : []),
    ...(contract.resources?.[image]?.type === "file"
      ? [`container "${name}": resource "${image}" must be an image (container-resource)`]
      : []),
    ...entries(mounts).flatMap(([storage, location]) => [
      ...(contract.storage?.[storage] === undefined
        ? [`container "${name}": storage "${storage}" must be declared (container-mount)`]
        : []),
      ...(location.startsWith("/")
        ? []
        : [
            `container "${name}": storage "${storage}" must be mounted at an absolute path (container-mount)`,
          ]),
    ]),
    ...entries({ uid, gid })
      .filter(([, id]) => id !== undefined && !isFreeId(id))
      .map(
        ([what]) =>
          `container "${name}": ${what} must be a whole number below 2^31 and not in 1000-9999 (container-user)`,
      ),
  ];
}

function isFreeId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < 2 ** 31 && !(id >= 1000 && id <= 9999);
}

function checkOption(name: string, option: AnyOption): readonly string[] {
  const { default: value, type } = option;
  if (value === undefined) return [];
  if (!fits(value, type)) return [`option "${name}": the default must be of type ${type} (option-default)`];
  const fault = optionFault(option, value);
  return fault === undefined ? [] : [`option "${name}": the default ${fault} (option-default)`];
}

function fits(value: unknown, type: OptionType): boolean {
  if (typeof value !== TYPE_OF[type]) return false;
  if (type === "int") return Number.isSafeInteger(value);
  if (type === "float") return Number.isFinite(value);
  return type !== "secret" || value === "" || String(value).startsWith("secret:");
}
