/**
 * `charmcraft.yaml` from a contract. Used when a charm is packed or checked, never by a running charm.
 *
 * @see Charmcraft: charmcraft.yaml
 * @module
 */

import type { JsonSchema } from "./action-schema.ts";
import { buildKeys } from "./build-keys.ts";
import { check } from "./check.ts";
import { checkActions } from "./check-actions.ts";
import type { CharmContract, ContainerDef, DeviceDef, ResourceDef, StorageDef } from "./contract.ts";
import type { EndpointDef } from "./interface.ts";
import type { AnyOption } from "./option.ts";

/** `charmcraft.yaml` as an object, keys in the order they are written. */
export type Charmcraft = Readonly<Record<string, unknown>>;

/**
 * The object for `charmcraft.yaml`.
 *
 * @throws {TypeError} With every rule that the contract breaks.
 */
export async function toCharmcraft(contract: CharmContract): Promise<Charmcraft> {
  refuse([...check(contract), ...(await checkActions(contract))]);
  const { actionEntry } = await import("./action-schema.ts");
  const actions = Object.entries(contract.actions ?? {});
  const entries = await Promise.all(
    actions.map(async ([name, action]) => [name, await actionEntry(name, action)]),
  );
  const { type, name, title, summary, description, links, ...rest } = withoutActions(contract);
  const about = { type, name, title, summary, description, links };
  return withoutEmpty({ ...about, ...buildKeys(contract), ...rest, actions: Object.fromEntries(entries) });
}

/**
 * Action → what its handler returns, for those that say so. No file of Juju's has a place for it.
 *
 * @throws {TypeError} When Juju would refuse a key.
 */
export async function actionResults(contract: CharmContract): Promise<Readonly<Record<string, JsonSchema>>> {
  const { resultSchema } = await import("./action-schema.ts");
  const schemas = await Promise.all(
    Object.entries(contract.actions ?? {}).map(
      async ([name, action]) => [name, await resultSchema(name, action)] as const,
    ),
  );
  return Object.fromEntries(
    schemas.flatMap(([name, schema]) => (schema === undefined ? [] : [[name, schema]])),
  );
}

/**
 * What Juju needs to know, without the actions: their schemas take a library to describe.
 *
 * @throws {TypeError} With every rule that the contract breaks.
 */
export function withoutActions(contract: CharmContract): Charmcraft {
  refuse(check(contract));
  return withoutEmpty({
    type: "charm",
    name: contract.name,
    title: contract.title,
    summary: contract.summary,
    description: contract.description ?? contract.summary,
    links: contract.links,
    ...contract.extra,
    assumes: contract.assumes,
    "charm-user": contract.charmUser,
    subordinate: contract.subordinate,
    requires: mapped(contract.requires, endpointEntry),
    provides: mapped(contract.provides, endpointEntry),
    peers: mapped(contract.peers, peerEntry),
    containers: mapped(contract.containers, containerEntry),
    resources: mapped({ ...imagesOf(contract), ...contract.resources }, resourceEntry),
    storage: mapped(contract.storage, storageEntry),
    devices: mapped(contract.devices, deviceEntry),
    "extra-bindings": Object.fromEntries((contract.extraBindings ?? []).map((name) => [name, null])),
    config: contract.config && { options: mapped(contract.config, optionEntry) },
  });
}

/** The text of `charmcraft.yaml`, with a note that it is emitted. */
export async function charmcraftYaml(contract: CharmContract): Promise<string> {
  const { jujuYaml } = await import("./juju-yaml.ts");
  return `# Emitted from contract.ts; change that instead.\n${jujuYaml(await toCharmcraft(contract))}`;
}

function refuse(faults: readonly string[]): void {
  if (faults.length > 0) throw new TypeError(`Cannot emit charmcraft.yaml: ${faults.join("; ")}`);
}

/** Leaves out what is absent or empty. */
function withoutEmpty(record: Readonly<Record<string, unknown>>): Charmcraft {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined && !isEmpty(value)),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function mapped<T>(part: Readonly<Record<string, T>> | undefined, entry: (value: T) => unknown) {
  return Object.fromEntries(Object.entries(part ?? {}).map(([name, value]) => [name, entry(value)]));
}

function endpointEntry({ interface: name, options }: EndpointDef): unknown {
  return withoutEmpty({
    interface: name,
    limit: options.limit,
    optional: options.optional ?? false,
    scope: options.scope,
    description: options.description,
  });
}

function peerEntry({ interface: name, options }: EndpointDef): unknown {
  return withoutEmpty({ interface: name, description: options.description });
}

function containerEntry({ image, mounts, uid, gid }: ContainerDef): unknown {
  const mounted = Object.entries(mounts ?? {}).map(([storage, location]) => ({ storage, location }));
  return withoutEmpty({ resource: image, mounts: mounted, uid, gid });
}

function imagesOf(contract: CharmContract): Readonly<Record<string, ResourceDef>> {
  const images = Object.values(contract.containers ?? {}).map((container) => [
    container.image,
    imageOf(container),
  ]);
  return Object.fromEntries(images);
}

function imageOf({ description, upstreamSource }: ContainerDef): ResourceDef {
  return {
    type: "oci-image",
    ...(description === undefined ? {} : { description }),
    ...(upstreamSource === undefined ? {} : { upstreamSource }),
  };
}

function resourceEntry({ type, filename, description, upstreamSource }: ResourceDef): unknown {
  return withoutEmpty({ type, filename, description, "upstream-source": upstreamSource });
}

function storageEntry(storage: StorageDef): unknown {
  const { type, description, location, minimumSize, multiple, shared, readOnly, properties } = storage;
  const range = multiple === undefined ? undefined : { range: multiple };
  const size = { "minimum-size": minimumSize, multiple: range };
  return withoutEmpty({ type, description, location, shared, "read-only": readOnly, ...size, properties });
}

function deviceEntry({ type, description, countMin, countMax }: DeviceDef): unknown {
  return withoutEmpty({ type, description, countmin: countMin, countmax: countMax });
}

function optionEntry({ type, default: value, description, oneOf }: AnyOption): unknown {
  const values = oneOf === undefined ? "" : ` One of: ${oneOf.join(", ")}.`;
  return withoutEmpty({ type, default: value, description: `${description}${values}` });
}
