/** The functions that templates may call. */
import { escapeJsText, escapeMarkup } from "./escape.ts";
import { formatText, printed, show } from "./print.ts";
import { Markup, type Shape, type Value } from "./tree.ts";

/** One function. */
export interface TemplateFunction {
  readonly least: number;
  readonly most: number;
  /** What it makes of arguments of these shapes; a text says why it cannot be called with them. */
  readonly shape: (args: readonly Shape[]) => Shape | { readonly refused: string };
  readonly call: (args: readonly Value[]) => Value;
}

/** Empty texts and lists, zero and false are false; fields always count as true. */
export function truth(value: Value): boolean {
  if (value instanceof Markup) return value.html !== "";
  if (Array.isArray(value)) return value.length > 0;
  return Boolean(value);
}

/** Kinds that can be compared with each other. */
function kindOf(shape: Shape): string {
  if (shape === "markup") return "text";
  return typeof shape === "string" ? shape : "no plain value";
}

function comparison(
  most: number,
  compare: (first: Value, rest: readonly Value[]) => boolean,
): TemplateFunction {
  return {
    least: 2,
    most,
    shape: (args) => {
      const kinds = new Set(args.map(kindOf).filter((kind) => kind !== "any"));
      if (kinds.size > 1) return { refused: `cannot compare ${[...kinds].join(" with ")}` };
      return kinds.has("no plain value") ? { refused: "cannot compare lists and fields" } : "truth";
    },
    call: ([first, ...rest]) => compare(first, rest),
  };
}

const plain = (value: Value): Value => (value instanceof Markup ? value.html : value);

const less = (left: Value, right: Value): boolean => {
  const [a, b] = [plain(left), plain(right)];
  if (typeof a === "number" && typeof b === "number") return a < b;
  return typeof a === "string" && typeof b === "string" && Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
};

const same = (left: Value, right: Value): boolean => plain(left) === plain(right);

const ordered = (compare: (left: Value, right: Value) => boolean): TemplateFunction =>
  comparison(2, (first, [second]) => compare(first, second));

function texts(least: number, call: (args: readonly Value[]) => string): TemplateFunction {
  return { least, most: 100, shape: () => "text", call };
}

/** A function of one text. */
function ofText(change: (text: string) => string): TemplateFunction {
  return {
    least: 1,
    most: 1,
    shape: ([arg]) => (arg === "number" || arg === "truth" ? { refused: "needs a text" } : "text"),
    call: ([arg]) => change(show(arg)),
  };
}

/** The shape that all of these have, else `any`. */
function common(args: readonly Shape[]): Shape {
  const [first = "any"] = args;
  return args.every((arg) => arg === first) ? first : "any";
}

const length: TemplateFunction = {
  least: 1,
  most: 1,
  shape: ([arg]) => (arg === "number" || arg === "truth" ? { refused: `a ${arg} has no length` } : "number"),
  call: ([arg]) => (Array.isArray(arg) ? arg.length : Buffer.byteLength(show(arg))),
};

const index: TemplateFunction = {
  least: 2,
  most: 2,
  shape: ([list, at]) => {
    if (at !== "number" && at !== "any") return { refused: "needs a number to index with" };
    return typeof list === "object" && "list" in list ? list.list : { refused: "needs a list to index" };
  },
  call: ([list, at]) => (Array.isArray(list) ? (list[Number(at)] as Value) : undefined),
};

const logic = (call: (args: readonly Value[]) => Value): TemplateFunction => ({
  least: 1,
  most: 100,
  shape: common,
  call,
});

/**
 * Go's own functions that make sense here.
 *
 * @see Go text/template: functions
 */
export const BUILT_IN: ReadonlyMap<string, TemplateFunction> = new Map([
  ["and", logic((args) => args.find((arg) => !truth(arg)) ?? args.at(-1))],
  ["or", logic((args) => args.find(truth) ?? args.at(-1))],
  ["not", { least: 1, most: 1, shape: () => "truth", call: ([arg]) => !truth(arg) }],
  ["eq", comparison(100, (first, rest) => rest.some((value) => same(first, value)))],
  ["ne", ordered((a, b) => !same(a, b))],
  ["lt", ordered(less)],
  ["le", ordered((a, b) => less(a, b) || same(a, b))],
  ["gt", ordered((a, b) => less(b, a))],
  ["ge", ordered((a, b) => less(b, a) || same(a, b))],
  ["len", length],
  ["index", index],
  ["print", texts(0, printed)],
  ["println", texts(0, (args) => `${args.map(show).join(" ")}\n`)],
  ["printf", texts(1, ([format, ...values]) => formatText(show(format), values))],
  ["html", texts(1, (args) => escapeMarkup(printed(args)))],
  ["js", texts(1, (args) => escapeJsText(printed(args)))],
  ["urlquery", texts(1, (args) => encodeURIComponent(printed(args).toWellFormed()).replaceAll("%20", "+"))],
]);

/** Go's functions and those of oauth2-proxy's pages. */
export const PAGE_FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map([
  ...BUILT_IN,
  ["ToUpper", ofText((text) => text.toUpperCase())],
  ["ToLower", ofText((text) => text.toLowerCase())],
]);
