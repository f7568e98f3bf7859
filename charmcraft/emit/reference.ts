/** A charm's reference in Markdown: what an operator can set, relate, attach and run. */
import type { Charmcraft } from "../../lib/charm/charmcraft.ts";
import { basesOf } from "../metadata.ts";

/** What is known of the charm beyond `charmcraft.yaml`. */
export interface Beyond {
  /** Events with a handler of their own, by Juju's name; absent: the charm has no code yet. */
  readonly events?: readonly string[];
  /** Action → JSON schema of what it answers. */
  readonly results?: Readonly<Record<string, Charmcraft>>;
}

type Table = Readonly<Record<string, unknown>>;

const table = (value: unknown): Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};
const entries = (value: unknown): [string, Table][] =>
  Object.entries(table(value)).map(([name, entry]) => [name, table(entry)]);

/**
 * The text of `REFERENCE.md`.
 *
 * @param charm As `charmcraft.yaml` has it.
 */
export function reference(charm: Charmcraft, { events: handled, results = {} }: Beyond = {}): string {
  const sections = [
    `# ${charm["name"]}: reference\n\n<!-- Emitted from contract.ts; change that instead. -->\n\n${String(charm["description"]).trim()}`,
    requirements(charm),
    section("Options", ["Option", "Type", "Default", "Description"], options(charm)),
    section("Endpoints", ["Endpoint", "Role", "Interface", "Limit", "Description"], endpoints(charm)),
    actions(charm, results),
    section("Containers", ["Container", "Image", "Mounts", "Runs as"], containers(charm)),
    section("Resources", ["Resource", "Type", "Published", "Description"], resources(charm)),
    section(
      "Storage",
      ["Storage", "Type", "How many", "Least size", "Location", "Description"],
      storage(charm),
    ),
    handled === undefined ? undefined : events(handled),
    DEPLOYMENT,
  ];
  return `${sections.filter((part) => part !== undefined).join("\n\n")}\n`;
}

const DEPLOYMENT =
  "## Terraform\n\n`terraform/` is a module that deploys this charm. Its outputs `requires` and `provides` name the endpoints.";

/** Text for a cell: one line, in which nothing is a border or markup. */
function cell(value: unknown): string {
  const text = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\|<*_[\]]/g, "\\$&")
    .trim();
}

/** As code: backquotes inside it need longer ones around it. */
function codeOf(value: unknown): string {
  if (value === undefined) return "";
  const text = (typeof value === "string" ? value : JSON.stringify(value)).replace(/\s+/g, " ");
  if (text === "") return '`""`';
  const fence = "`".repeat(1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length)));
  const blank = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${blank}${text.replaceAll("|", "\\|")}${blank}${fence}`;
}

/** A heading and a table; nothing when the table has no rows. */
function section(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string | undefined {
  return rows.length === 0 ? undefined : `## ${title}\n\n${markdownTable(heads, rows)}`;
}

/** Columns as wide as their widest cell; a column without a value in any row is left out. */
function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = heads.map((_, column) => column).filter((column) => rows.some((row) => row[column] !== ""));
  const widths = used.map((column) => Math.max(...[heads, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${used.map((column, index) => (row[column] ?? "").padEnd(widths[index] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(heads), rule, ...rows.map(line)].join("\n");
}

function requirements(charm: Charmcraft): string | undefined {
  const assumes = charm["assumes"];
  if (!Array.isArray(assumes) || assumes.length === 0) return undefined;
  const bases = basesOf(charm).map(codeOf).join(", ");
  return `Needs ${assumes.map((one) => assumption(one)).join(", ")}; runs on ${bases}.`;
}

/** An entry of `assumes` in words: names, and groups of them of which all or any must hold. */
function assumption(entry: unknown, isInside = false): string {
  if (typeof entry === "string") return codeOf(entry);
  const [[kind, group] = []] = Object.entries(table(entry));
  const members = (Array.isArray(group) ? group : []).map((one) => assumption(one, true));
  const text = members.join(kind === "any-of" ? " or " : " and ");
  return isInside && members.length > 1 ? `(${text})` : text;
}

function options(charm: Charmcraft): string[][] {
  return entries(table(charm["config"])["options"]).map(([name, { type, default: value, description }]) => [
    codeOf(name),
    cell(type),
    codeOf(value),
    cell(description),
  ]);
}

function endpoints(charm: Charmcraft): string[][] {
  return ["requires", "provides", "peers"].flatMap((role) =>
    entries(charm[role]).map(([name, { interface: spoken, limit, optional, description }]) => [
      codeOf(name),
      role === "requires" && optional === false ? "requires (must be related)" : role,
      codeOf(spoken),
      cell(limit),
      cell(description),
    ]),
  );
}

function containers(charm: Charmcraft): string[][] {
  return entries(charm["containers"]).map(([name, { resource, mounts, uid, gid }]) => [
    codeOf(name),
    codeOf(resource),
    (Array.isArray(mounts) ? mounts.map(table) : [])
      .map(({ storage: from, location }) => `${codeOf(from)} at ${codeOf(location)}`)
      .join(", "),
    [uid, gid].filter((id) => id !== undefined).join(":"),
  ]);
}

function resources(charm: Charmcraft): string[][] {
  return entries(charm["resources"]).map(([name, resource]) => [
    codeOf(name),
    cell(resource["type"]),
    codeOf(resource["upstream-source"] ?? resource["filename"]),
    cell(resource["description"]),
  ]);
}

function storage(charm: Charmcraft): string[][] {
  return entries(charm["storage"]).map(([name, entry]) => [
    codeOf(name),
    cell(entry["type"]),
    cell(String(table(entry["multiple"])["range"] ?? "1")),
    cell(entry["minimum-size"]),
    codeOf(entry["location"]),
    cell(entry["description"]),
  ]);
}

function actions(charm: Charmcraft, results: Readonly<Record<string, Charmcraft>>): string | undefined {
  const parts = entries(charm["actions"]).map(([name, action]) => {
    const required = namesIn(action["required"]);
    const params = entries(action["params"]).map(([param, schema]) => [
      codeOf(param),
      typeOf(schema),
      required.has(param) ? "yes" : "",
      codeOf(schema["default"]),
      cell(schema["description"]),
    ]);
    const tables = [markdown(PARAMETER, params), markdown(RESULT, resultRows(results[name] ?? {}, ""))];
    return [`### \`${name}\``, cell(action["description"]), ...tables.flat()].join("\n\n");
  });
  return parts.length === 0 ? undefined : ["## Actions", ...parts].join("\n\n");
}

const PARAMETER = ["Parameter", "Type", "Required", "Default", "Description"];
const RESULT = ["Result", "Type", "Always", "Description"];

const namesIn = (list: unknown): ReadonlySet<unknown> => new Set(Array.isArray(list) ? list : []);

/** A table; nothing when it has no rows. */
function markdown(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : [markdownTable(heads, rows)];
}

/** Keys as Juju shows them: those of an object in an object joined by a dot. */
function resultRows(schema: Table, prefix: string): string[][] {
  const required = namesIn(schema["required"]);
  return entries(schema["properties"]).flatMap(([key, inner]) => {
    const name = `${prefix}${key}`;
    if (inner["type"] === "object" && inner["properties"] !== undefined) return resultRows(inner, `${name}.`);
    return [[codeOf(name), typeOf(inner), required.has(key) ? "yes" : "", cell(inner["description"])]];
  });
}

/** The type of a parameter, with the values it may have. */
function typeOf(schema: Table): string {
  const values = schema["enum"];
  if (Array.isArray(values)) return values.map(codeOf).join(", ");
  const items = table(schema["items"]);
  return schema["type"] === "array"
    ? `list of ${cell(items["type"] ?? "anything")}`
    : cell(schema["type"] ?? "anything");
}

function events(names: readonly string[]): string {
  const own = names.map((name) => `\`${name}\``).join(", ");
  const always = "The charm is made right after every event but `stop` and `remove`.";
  return `## Events\n\n${always}${own === "" ? "" : ` These have a handler of their own before that: ${own}.`}`;
}
