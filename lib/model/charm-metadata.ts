/**
 * What a charm says about itself: `metadata.yaml` (or an all-in-one `charmcraft.yaml`), `config.yaml` and
 * `actions.yaml`, read and checked as Juju does.
 *
 * Source: Juju: charm metadata, config and actions files.
 *
 * @module
 */

import { type ActionDefinition, parseActions } from "./charm-actions.ts";
import { type Fields, field, fields, optionalFields, text } from "./charm-fields.ts";
import { type ConfigOption, parseOptions } from "./charm-options.ts";
import { ModelError } from "./errors.ts";

export type EndpointRole = "provider" | "requirer" | "peer";

export interface Endpoint {
  readonly name: string;
  readonly role: EndpointRole;
  readonly interface: string;
  readonly optional: boolean;
  /** Most relations on this endpoint. */
  readonly limit?: number;
  readonly scope: "global" | "container";
}

export interface ContainerDefinition {
  readonly resource?: string;
  readonly mounts: readonly { readonly storage: string; readonly location: string }[];
}

export interface ResourceDefinition {
  readonly type: "file" | "oci-image";
  readonly filename?: string;
  readonly description: string;
}

export interface StorageDefinition {
  readonly type: "filesystem" | "block";
  readonly location?: string;
  readonly min: number;
  /** -1: no limit. */
  readonly max: number;
}

/** A charm as the engine knows it; plain data. */
export interface CharmMetadata {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly subordinate: boolean;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly extraBindings: readonly string[];
  readonly containers: Readonly<Record<string, ContainerDefinition>>;
  readonly resources: Readonly<Record<string, ResourceDefinition>>;
  readonly storage: Readonly<Record<string, StorageDefinition>>;
  readonly options: Readonly<Record<string, ConfigOption>>;
  readonly actions: Readonly<Record<string, ActionDefinition>>;
}

/** Parsed YAML of the charm's files; `metadata` may be a whole `charmcraft.yaml`. */
export interface CharmFiles {
  readonly metadata: unknown;
  readonly config?: unknown;
  readonly actions?: unknown;
}

function charmError(message: string): ModelError {
  return new ModelError("ERR_CHARM_INVALID", message);
}

const SECTIONS: readonly (readonly [string, EndpointRole])[] = [
  ["provides", "provider"],
  ["requires", "requirer"],
  ["peers", "peer"],
];

function parseEndpoint(name: string, role: EndpointRole, value: unknown): Endpoint {
  if (typeof value === "string") return { name, role, interface: value, optional: false, scope: "global" };
  const map = fields(value, `metadata: ${role === "peer" ? "peers" : `${role.replace(/r$/, "")}s`}.${name}`);
  const limit = map["limit"];
  const scope = map["scope"] ?? "global";
  if (scope !== "global" && scope !== "container") {
    throw charmError(`metadata: relation "${name}" has invalid scope: ${JSON.stringify(scope)}`);
  }
  return {
    name,
    role,
    interface: text(map, "interface", `metadata: ${name}`),
    optional: map["optional"] === true,
    ...(typeof limit === "number" ? { limit } : {}),
    scope,
  };
}

function parseEndpoints(charm: string, metadata: Fields): Record<string, Endpoint> {
  const endpoints: Record<string, Endpoint> = {};
  for (const [section, role] of SECTIONS) {
    for (const [name, value] of Object.entries(optionalFields(metadata, section, "metadata"))) {
      if (endpoints[name]) throw charmError(`charm "${charm}" using a duplicated relation name: "${name}"`);
      if (!charm.startsWith("juju-") && (name === "juju" || name.startsWith("juju-"))) {
        throw charmError(`charm "${charm}" using a reserved relation name: "${name}"`);
      }
      endpoints[name] = parseEndpoint(name, role, value);
    }
  }
  return endpoints;
}

function parseResources(metadata: Fields): Record<string, ResourceDefinition> {
  const entries = Object.entries(optionalFields(metadata, "resources", "metadata")).map(([name, value]) => {
    const map = fields(value, `metadata: resources.${name}`);
    const type = map["type"] ?? "file";
    if (type !== "file" && type !== "oci-image")
      throw charmError(`resource type ${JSON.stringify(type)} not valid`);
    const filename = map["filename"];
    if (type === "file" && typeof filename !== "string") throw charmError("resource missing filename");
    const description = typeof map["description"] === "string" ? map["description"] : "";
    return [name, { type, ...(typeof filename === "string" ? { filename } : {}), description }] as const;
  });
  return Object.fromEntries(entries);
}

/** `3`, `1-3`, `2+`, `3-`. */
function parseRange(range: unknown): { min: number; max: number } {
  const match = /^(\d+)(?:-(\d+)|([+-]))?$/.exec(String(range));
  if (!match) throw charmError(`invalid storage range ${JSON.stringify(range)}`);
  const first = Number(match[1]);
  if (match[2] !== undefined) return { min: first, max: Number(match[2]) };
  if (match[3] === "+") return { min: first, max: -1 };
  return match[3] === "-" ? { min: 0, max: first } : { min: first, max: first };
}

function parseStorage(metadata: Fields): Record<string, StorageDefinition> {
  const entries = Object.entries(optionalFields(metadata, "storage", "metadata")).map(([name, value]) => {
    const map = fields(value, `metadata: storage.${name}`);
    const type = map["type"];
    if (type !== "filesystem" && type !== "block") {
      throw charmError(`metadata: storage.${name}.type: unexpected value ${JSON.stringify(type)}`);
    }
    const multiple =
      map["multiple"] === undefined ? undefined : fields(map["multiple"], `metadata: storage.${name}`);
    const location = typeof map["location"] === "string" ? { location: map["location"] } : {};
    return [
      name,
      { type, ...location, ...(multiple ? parseRange(multiple["range"]) : { min: 1, max: 1 }) },
    ] as const;
  });
  return Object.fromEntries(entries);
}

function checkContainer(name: string, container: ContainerDefinition, charm: Fields): void {
  const resources = optionalFields(charm, "resources", "metadata");
  if (container.resource !== undefined) {
    const resource = resources[container.resource];
    if (resource === undefined) {
      throw charmError(`parsing containers: referenced resource "${container.resource}" not found`);
    }
    if (fields(resource, "metadata: resources")["type"] !== "oci-image") {
      throw charmError(`parsing containers: referenced resource "${container.resource}" is not a oci-image`);
    }
  }
  const storage = optionalFields(charm, "storage", "metadata");
  for (const mount of container.mounts) {
    if (!(mount.storage in storage)) {
      throw charmError(`parsing containers: container "${name}": storage "${mount.storage}" not valid`);
    }
  }
}

function parseContainers(metadata: Fields): Record<string, ContainerDefinition> {
  const containers: Record<string, ContainerDefinition> = {};
  for (const [name, value] of Object.entries(optionalFields(metadata, "containers", "metadata"))) {
    const map = fields(value ?? {}, `metadata: containers.${name}`);
    const mounts = Array.isArray(map["mounts"]) ? map["mounts"] : [];
    const container: ContainerDefinition = {
      ...(typeof map["resource"] === "string" ? { resource: map["resource"] } : {}),
      mounts: mounts.map((mount: unknown) => {
        const entry = fields(mount, `metadata: containers.${name}`);
        return { storage: String(entry["storage"]), location: String(entry["location"] ?? "") };
      }),
    };
    checkContainer(name, container, metadata);
    containers[name] = container;
  }
  return containers;
}

/**
 * Reads a charm's files.
 *
 * @param files Parsed YAML; with a `charmcraft.yaml` as `metadata`, its own `config` and `actions` are used.
 * @throws {ModelError} `ERR_CHARM_INVALID` with Juju's text.
 *
 * @example
 * ```ts
 * const charm = parseCharm({ metadata: { name: "web", summary: "s", description: "d" } });
 * ```
 */
export function parseCharm(files: CharmFiles): CharmMetadata {
  const metadata = fields(files.metadata, "metadata");
  const name = text(metadata, "name", "metadata");
  const summary = text(metadata, "summary", "metadata");
  const description = text(metadata, "description", "metadata");
  const endpoints = parseEndpoints(name, metadata);
  const subordinate = metadata["subordinate"] === true;
  const isContainerScoped = (e: Endpoint) => e.role === "requirer" && e.scope === "container";
  if (subordinate && !Object.values(endpoints).some(isContainerScoped)) {
    throw charmError(`subordinate charm "${name}" lacks "requires" relation with container scope`);
  }
  return {
    name,
    summary,
    description,
    subordinate,
    endpoints,
    extraBindings: Object.keys(optionalFields(metadata, "extra-bindings", "metadata")),
    containers: parseContainers(metadata),
    resources: parseResources(metadata),
    storage: parseStorage(metadata),
    options: parseOptions(files.config === undefined ? field(metadata, "config") : files.config),
    actions: parseActions(files.actions ?? field(metadata, "actions")),
  };
}
