/** `contract.ts` from `charmcraft.yaml`. */
import { isDeepStrictEqual } from "node:util";
import { buildKeys } from "../../lib/charm/build-keys.ts";
import { EXTRA_KEYS } from "../../lib/charm/check-about.ts";
import { type Code, code, print } from "./code.ts";
import { type Leftover, objectCode } from "./params.ts";

type Table = Readonly<Record<string, unknown>>;

/** An interface library, by the name of its interface. */
export interface InterfaceLibrary {
  /** `charmed-iap/interfaces/oauth/v0`. */
  readonly module: string;
  /** `oauth`. */
  readonly identifier: string;
}

/** A first contract. */
export interface Adopted {
  /** Text of `contract.ts`. */
  readonly source: string;
  readonly name: string;
  readonly summary: string;
  /** Names of all its endpoints. */
  readonly endpoints: readonly string[];
  /** Names of its actions. */
  readonly actions: readonly string[];
  /** What it does not say though the original does; sentences. */
  readonly leftOut: readonly string[];
}

/** Keys that the contract has members for. */
const KNOWN = new Set(
  [
    "type name title summary description links assumes charm-user subordinate requires provides peers",
    "containers resources storage config actions extra-bindings devices",
    // Of `metadata.yaml`.
    "display-name maintainers docs issues source website series min-juju-version deployment",
  ].flatMap((line) => line.split(" ")),
);

const table = (value: unknown): Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};

const entries = (value: unknown): [string, Table][] =>
  Object.entries(table(value)).map(([name, entry]) => [name, table(entry)]);

const whenSome = <T>(members: readonly (readonly [string, T])[]): Readonly<Record<string, T>> | undefined =>
  members.length === 0 ? undefined : Object.fromEntries(members);

const whenNamed = (value: unknown): readonly string[] | undefined =>
  value === undefined ? undefined : Object.keys(table(value));

/** A name in camel case, as an identifier. */
const identifierOf = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9]+([A-Za-z0-9])?/g, (_, next: string | undefined) => (next ?? "").toUpperCase())
    .replace(/^(?=[^A-Za-z])/, "_");

/** What the source needs beside the contract itself, gathered while it is made. */
class Surroundings {
  readonly #libraries: ReadonlyMap<string, InterfaceLibrary>;
  readonly imports = new Map<string, Set<string>>();
  readonly definitions = new Map<string, string>();
  readonly leftOut: string[] = [];

  constructor(libraries: ReadonlyMap<string, InterfaceLibrary>) {
    this.#libraries = libraries;
  }

  import(module: string, identifier: string): void {
    this.imports.set(module, (this.imports.get(module) ?? new Set()).add(identifier));
  }

  readonly left: Leftover = (place, what) => {
    this.leftOut.push(`${place}: ${what}`);
  };

  /** The identifier of an interface: its library's, else that of a definition whose databags hold any text. */
  interface(name: string): string {
    const library = this.#libraries.get(name);
    if (library !== undefined) {
      this.import(library.module, library.identifier);
      return library.identifier;
    }
    const identifier = `${identifierOf(name)}Interface`;
    this.import("charmed-iap/interface", "databag");
    this.import("charmed-iap/interface", "defineInterface");
    this.definitions.set(
      identifier,
      `/** No library yet: databags of any text. Describe what travels, then readers need no checks. */\nconst ${identifier} = defineInterface({
  name: ${print(name)},
  version: 0,
  provider: databag(anyText),
  requirer: databag(anyText),
});`,
    );
    return identifier;
  }

  peers(name: string): string {
    const identifier = `${identifierOf(name).replace(/Peers?$/, "")}Peers`;
    this.import("charmed-iap/interface", "databag");
    this.import("charmed-iap/interface", "definePeerInterface");
    this.definitions.set(
      identifier,
      `const ${identifier} = definePeerInterface({
  name: ${print(name)},
  app: databag(anyText),
  unit: databag(anyText),
});`,
    );
    return identifier;
  }
}

function configCode(config: unknown, around: Surroundings): Readonly<Record<string, Code>> | undefined {
  const options = entries(table(config)["options"]).map(([name, { type = "string", ...rest }]) => {
    const kind = type === "integer" ? "int" : String(type);
    const { default: value, description = "" } = rest;
    for (const key of Object.keys(rest))
      if (key !== "default" && key !== "description") around.left(`config ${name}`, key);
    const settings = { ...(value === undefined || value === null ? {} : { default: value }), description };
    return [name, code(`option.${kind}(${print(settings)})`)] as const;
  });
  if (options.length > 0) around.import("charmed-iap/charm", "option");
  return whenSome(options);
}

/** Endpoints of one role. Juju's short form, `db: pgsql`, is an endpoint too. */
function endpointsCode(
  endpoints: unknown,
  role: "provider" | "requirer" | "peer",
  around: Surroundings,
): Readonly<Record<string, Code>> | undefined {
  const members = Object.entries(table(endpoints)).map(([name, value]) => {
    const { interface: spoken, ...rest } = typeof value === "string" ? { interface: value } : table(value);
    const { limit, optional, scope, description, ...others } = rest as Table;
    for (const key of Object.keys(others)) around.left(`endpoint ${name}`, key);
    const most = limit ?? undefined; // Juju takes `null` for none.
    const options = role === "peer" ? { description } : { limit: most, optional, scope, description };
    const given = Object.values(options).some((option) => option !== undefined) ? print(options) : "";
    const identifier =
      role === "peer" ? around.peers(String(spoken ?? name)) : around.interface(String(spoken ?? name));
    return [name, code(`${identifier}.${role}(${given})`)] as const;
  });
  return whenSome(members);
}

function containersCode(yaml: Table, around: Surroundings): Table | undefined {
  const resources = table(yaml["resources"]);
  const members = entries(yaml["containers"]).map(([name, container]) => {
    const { resource, mounts, uid, gid, ...others } = container;
    for (const key of Object.keys(others)) around.left(`container ${name}`, key);
    const image = table(resources[String(resource)]);
    const mounted = Array.isArray(mounts)
      ? mounts.map(table).map(({ storage, location }) => [String(storage), location] as const)
      : [];
    const definition = {
      image: String(resource ?? `${name}-image`),
      upstreamSource: image["upstream-source"],
      description: image["description"],
      mounts: whenSome(mounted),
      uid,
      gid,
    };
    return [name, definition] as const;
  });
  return whenSome(members);
}

/** Resources that are no container's image. */
function resourcesCode(yaml: Table): Table | undefined {
  const images = new Set(entries(yaml["containers"]).map(([, { resource }]) => resource));
  const members = entries(yaml["resources"]).filter(([name]) => !images.has(name));
  return whenSome(
    members.map(([name, { type = "file", filename, description, "upstream-source": upstreamSource }]) => [
      name,
      { type, filename, description, upstreamSource },
    ]),
  );
}

function storageCode(yaml: Table, around: Surroundings): Table | undefined {
  return whenSome(
    entries(yaml["storage"]).map(([name, storage]) => {
      const { type, description, location, "minimum-size": minimumSize, multiple, ...more } = storage;
      const { shared, "read-only": readOnly, properties, ...others } = more as Table;
      for (const key of Object.keys(others)) around.left(`storage ${name}`, key);
      const range = table(multiple)["range"];
      const definition = { type, description, location, shared, readOnly, minimumSize, properties };
      return [name, { ...definition, multiple: range === undefined ? undefined : String(range) }];
    }),
  );
}

function actionsCode(yaml: Table, around: Surroundings): Readonly<Record<string, Code>> | undefined {
  const members = entries(yaml["actions"]).map(([name, definition]) => {
    const { description = "", params, required, parallel, ...others } = definition;
    const { "execution-group": executionGroup, additionalProperties, ...unknown } = others as Table;
    if (additionalProperties === true) around.left(`action ${name}`, "additionalProperties: true");
    for (const key of Object.keys(unknown)) around.left(`action ${name}`, key);
    const some = Object.keys(table(params)).length > 0;
    if (some) around.import("valibot", "* as v");
    const schema = some
      ? objectCode({ properties: params, required }, `action ${name}`, around.left)
      : undefined;
    return [
      name,
      code(`action(${print({ description, params: schema, parallel, executionGroup })})`),
    ] as const;
  });
  if (members.length > 0) around.import("charmed-iap/charm", "action");
  return whenSome(members);
}

function importLines(imports: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return Array.from(imports, ([module, names]) => {
    const sorted = [...names].sort();
    const list = sorted[0]?.startsWith("*") ? sorted[0] : `{ ${sorted.join(", ")} }`;
    return `import ${list} from ${print(module)};`;
  }).sort((a, b) => ((a.split(" from ")[1] ?? "") < (b.split(" from ")[1] ?? "") ? -1 : 1));
}

function devicesCode(yaml: Table, around: Surroundings): Table | undefined {
  return whenSome(
    entries(yaml["devices"]).map(([name, device]) => {
      const { type, description, countmin: countMin, countmax: countMax, ...others } = device;
      for (const key of Object.keys(others)) around.left(`device ${name}`, key);
      return [name, { type, description, countMin, countMax }];
    }),
  );
}

/** Links, which `metadata.yaml` has as keys of their own. */
function linksOf({ links, maintainers, docs, issues, source, website }: Table): Table | undefined {
  const old = { contact: maintainers, documentation: docs, issues, source, website };
  return links === undefined
    ? whenSome(Object.entries(old).filter(([, value]) => value !== undefined))
    : table(links);
}

/** Plugins of charmcraft that build a charm in Python: the adopted one is built by the part that is emitted. */
const PYTHON = ["charm", "python", "poetry", "uv", "reactive"];

/** Keys without a member of the contract, as far as they differ from what is emitted anyway. */
function extraOf(yaml: Table, around: Surroundings): Table {
  const emitted: Table = buildKeys({ name: "", summary: "" });
  const parts = entries(yaml["parts"]);
  const isPython = parts.some(([name, { plugin = name }]) => PYTHON.includes(String(plugin)));
  if (isPython)
    around.left(`parts ${parts.map(([name]) => name).join(", ")}`, "they build a charm in Python");
  for (const key of ["series", "min-juju-version", "deployment"])
    if (yaml[key] !== undefined) around.left(key, "it is of Juju's old format");
  if (yaml["charm-libs"] !== undefined) around.left("charm-libs", "they are libraries in Python");
  for (const key of Object.keys(yaml))
    if (!KNOWN.has(key) && !EXTRA_KEYS.includes(key)) around.left(key, "charmcraft.yaml has no place for it");
  const kept = EXTRA_KEYS.filter((key) => key !== "charm-libs" && !(isPython && key === "parts"));
  return Object.fromEntries(
    Object.entries(yaml).filter(
      ([name, value]) => kept.includes(name) && !isDeepStrictEqual(value, emitted[name]),
    ),
  );
}

/**
 * Writes a first contract for a charm.
 *
 * @param yaml `charmcraft.yaml`, or the union of `metadata.yaml`, `config` and `actions`.
 * @param libraries By the interface's name; an interface that is not among them gets databags of any text.
 */
export function contractCode(yaml: Table, libraries: ReadonlyMap<string, InterfaceLibrary>): Adopted {
  const around = new Surroundings(libraries);
  around.import("charmed-iap/charm", "defineCharm");
  const extra = extraOf(yaml, around);
  const contract = {
    name: yaml["name"],
    title: yaml["title"] ?? yaml["display-name"],
    summary: yaml["summary"],
    description: yaml["description"],
    config: configCode(yaml["config"], around),
    requires: endpointsCode(yaml["requires"], "requirer", around),
    provides: endpointsCode(yaml["provides"], "provider", around),
    peers: endpointsCode(yaml["peers"], "peer", around),
    containers: containersCode(yaml, around),
    storage: storageCode(yaml, around),
    resources: resourcesCode(yaml),
    actions: actionsCode(yaml, around),
    assumes: yaml["assumes"],
    charmUser: yaml["charm-user"],
    subordinate: yaml["subordinate"],
    links: linksOf(yaml),
    devices: devicesCode(yaml, around),
    extraBindings: whenNamed(yaml["extra-bindings"]),
    extra: Object.keys(extra).length === 0 ? undefined : extra,
  };
  const definitions = [...around.definitions.values()];
  if (definitions.length > 0) {
    around.import("valibot", "* as v");
    definitions.unshift("const anyText = v.record(v.string(), v.string());");
  }
  const source = [
    importLines(around.imports).join("\n"),
    ...definitions,
    `/** What the charm is. \`charmcraft.yaml\` is emitted from it. */\nexport const contract = defineCharm(${print(contract)});`,
  ].join("\n\n");
  return {
    source: `${source}\n`,
    name: String(yaml["name"]),
    summary: String(yaml["summary"] ?? ""),
    endpoints: ["requires", "provides", "peers"].flatMap((role) => Object.keys(table(yaml[role]))),
    actions: Object.keys(table(yaml["actions"])),
    leftOut: around.leftOut,
  };
}
