/** HCL as text, laid out as `terraform fmt` does. */

/** An expression, to be printed as it is; or text, number, boolean, null, list or object. */
export type HclValue =
  | string
  | number
  | boolean
  | null
  | HclExpression
  | readonly HclValue[]
  | { readonly [key: string]: HclValue };

/** A piece of HCL, `var.units` for example. */
export interface HclExpression {
  readonly hcl: string;
}

/** A block: `variable "units" { … }`. Attributes come before inner blocks. */
export interface HclBlock {
  readonly type: string;
  readonly labels?: readonly string[];
  readonly attributes?: Readonly<Record<string, HclValue | undefined>>;
  readonly blocks?: readonly HclBlock[];
}

/** Marks text as HCL. */
export const hcl = (text: string): HclExpression => ({ hcl: text });

/** Prints blocks, with an empty line between them. */
export const printHcl = (blocks: readonly HclBlock[]): string =>
  `${blocks.map((block) => printBlock(block, "")).join("\n\n")}\n`;

function printBlock({ type, labels = [], attributes = {}, blocks = [] }: HclBlock, margin: string): string {
  const inner = `${margin}  `;
  const given = Object.entries(attributes).filter(
    (entry): entry is [string, HclValue] => entry[1] !== undefined,
  );
  const parts = [
    ...(given.length === 0 ? [] : [printAttributes(given, inner)]),
    ...blocks.map((block) => printBlock(block, inner)),
  ];
  const head = [type, ...labels.map(quoted)].join(" ");
  return parts.length === 0 ? `${margin}${head} {}` : `${margin}${head} {\n${parts.join("\n\n")}\n${margin}}`;
}

/** Equal signs of neighbouring lines stand below each other; a value of several lines ends the neighbourhood. */
function printAttributes(attributes: readonly (readonly [string, HclValue])[], margin: string): string {
  const lines = attributes.map(([name, value]) => [nameOf(name), printValue(value, margin)] as const);
  const isLong = (index: number) => lines[index]?.[1].includes("\n") ?? true;
  return lines
    .map(([name, value], index) => {
      let [first, last] = [index, index];
      while (!isLong(index) && !isLong(first - 1)) first--;
      while (!isLong(index) && !isLong(last + 1)) last++;
      const width = Math.max(...lines.slice(first, last + 1).map(([other]) => other.length));
      return `${margin}${name.padEnd(width)} = ${value}`;
    })
    .join("\n");
}

function printValue(value: HclValue, margin: string): string {
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoted(value);
  if (isExpression(value)) return value.hcl;
  if (isList(value)) return `[${value.map((item) => printValue(item, margin)).join(", ")}]`;
  const members = Object.entries(value);
  return members.length === 0 ? "{}" : `{\n${printAttributes(members, `${margin}  `)}\n${margin}}`;
}

const isExpression = (value: object): value is HclExpression => Object.keys(value).join() === "hcl";
const isList = (value: object): value is readonly HclValue[] => Array.isArray(value);

const nameOf = (name: string): string => (/^[A-Za-z_][\w-]*$/.test(name) ? name : quoted(name));

/** A string of HCL; what would begin an interpolation or a directive is doubled. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[$%](?=\{)/g, "$&$&");
}
