/** Values as Go prints them. */
import { quoted } from "./quote.ts";
import { Markup, type Value } from "./tree.ts";

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** A value as `{{.}}` shows it. */
export function show(value: Value): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "<no value>";
  if (value instanceof Markup) return value.html;
  if (isList(value)) return `[${value.map(show).join(" ")}]`;
  if (typeof value === "object") return `{${Object.values(value).map(show).join(" ")}}`;
  return typeof value === "number" ? showNumber(value) : String(value);
}

/** A number: decimal, with an exponent from 1e21 and below 1e-4. */
function showNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const size = Math.abs(value);
  const text = size < 1e-4 || size >= 1e21 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

/** Words of `print`: a blank between two neighbours that are both no texts. */
export function printed(values: readonly Value[]): string {
  return values.reduce<string>((text, value, index) => {
    const before = values[index - 1];
    const apart = index > 0 && typeof value !== "string" && typeof before !== "string";
    return `${text}${apart ? " " : ""}${show(value)}`;
  }, "");
}

interface Verb {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly letter: string;
}

/** Longest width and precision. */
const WIDEST = 1000;

function typeName(value: Value): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (value instanceof Markup) return "template.HTML";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  return value === undefined ? "<nil>" : "value";
}

const bad = ({ letter }: Verb, value: Value): string => `%!${letter}(${typeName(value)}=${show(value)})`;

function textOf(verb: Verb, value: string): string {
  const cut = verb.precision === undefined ? value : Array.from(value).slice(0, verb.precision).join("");
  switch (verb.letter) {
    case "s":
    case "v":
      return verb.letter === "v" && verb.flags.includes("#") ? quoted(value) : cut;
    case "q":
      return quoted(cut);
    case "x":
    case "X": {
      const digits = Buffer.from(value).toString("hex");
      return verb.letter === "X" ? digits.toUpperCase() : digits;
    }
    default:
      return bad(verb, value);
  }
}

const INTEGER_BASE: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, x: 16, X: 16 };

function numberOf(verb: Verb, value: number): string {
  const sign = verb.flags.includes("+") && value >= 0 ? "+" : "";
  const base = INTEGER_BASE[verb.letter];
  if (Number.isInteger(value) && base !== undefined) {
    const digits = value.toString(base);
    return sign + (verb.letter === "X" ? digits.toUpperCase() : digits);
  }
  if (Number.isInteger(value) && verb.letter === "c")
    return String.fromCodePoint(Math.min(Math.max(value, 0), 0x10ffff));
  if (Number.isInteger(value) && "feEgGF".includes(verb.letter)) return bad(verb, value);
  return floatOf(verb, value, sign);
}

function floatOf(verb: Verb, value: number, sign: string): string {
  const { letter, precision } = verb;
  if (letter === "f" || letter === "F") return sign + value.toFixed(Math.min(precision ?? 6, 100));
  if (letter === "e" || letter === "E") {
    const text = value.toExponential(Math.min(precision ?? 6, 100)).replace(/e([+-])(\d)$/, "e$10$2");
    return sign + (letter === "E" ? text.toUpperCase() : text);
  }
  if (letter === "g" || letter === "v") return sign + showNumber(value);
  return bad(verb, value);
}

function formatted(verb: Verb, value: Value): string {
  if (verb.letter === "T") return typeName(value);
  if (typeof value === "string") return textOf(verb, value);
  if (value instanceof Markup) return textOf(verb, value.html);
  if (typeof value === "number") return numberOf(verb, value);
  if (typeof value === "boolean" && "tv".includes(verb.letter)) return String(value);
  return verb.letter === "v" || verb.letter === "s" ? show(value) : bad(verb, value);
}

function padded(verb: Verb, text: string, value: Value): string {
  const missing = verb.width - Array.from(text).length;
  if (missing <= 0) return text;
  if (verb.flags.includes("-")) return text + " ".repeat(missing);
  if (!verb.flags.includes("0") || typeof value !== "number") return " ".repeat(missing) + text;
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  return sign + "0".repeat(missing) + digits;
}

const VERB = /%([-+# 0]*)(\d{0,4})(?:\.(\d{0,4}))?([^\d]|$)/gu;

/**
 * Formats as `printf` does.
 *
 * @see Go fmt
 */
export function formatText(format: string, values: readonly Value[]): string {
  let used = 0;
  const text = format.replace(
    VERB,
    (_, flags: string, width: string, precision: string | undefined, letter: string) => {
      if (letter === "%") return "%";
      if (letter === "") return "%!(NOVERB)";
      if (used >= values.length) return `%!${letter}(MISSING)`;
      const value = values[used++];
      const verb = {
        flags,
        width: Math.min(Number(width), WIDEST),
        precision: precision === undefined ? undefined : Math.min(Number(precision), WIDEST),
        letter,
      };
      return padded(verb, formatted(verb, value), value);
    },
  );
  if (used >= values.length) return text;
  const extra = values.slice(used).map((value) => `${typeName(value)}=${show(value)}`);
  return `${text}%!(EXTRA ${extra.join(", ")})`;
}
