import { expect, test } from "vitest";
import { boolFlag, HelpRequest, parseFlags, textFlag } from "./flags.ts";

function parse(...args: string[]) {
  const seen: Record<string, unknown> = {};
  const bool = (name: string) =>
    boolFlag((value) => {
      seen[name] = value;
    });
  const text = (name: string) =>
    textFlag((value) => {
      seen[name] = value;
    });
  const table = [
    ["a", bool("all")],
    ["all", bool("all")],
    ["b", bool("b")],
    ["r", text("relation")],
    ["relation", text("relation")],
  ] as const;
  try {
    return { seen, args: parseFlags(table, args) };
  } catch (error) {
    return error instanceof HelpRequest ? "help" : (error as Error).message;
  }
}

test.each([
  [["x", "-a", "y"], { seen: { all: true }, args: ["x", "y"] }],
  [["-ab"], { seen: { all: true, b: true }, args: [] }],
  [["-abr1"], { seen: { all: true, b: true, relation: "1" }, args: [] }],
  [["-r", "-1"], { seen: { relation: "-1" }, args: [] }],
  [["-r=1"], { seen: { relation: "=1" }, args: [] }],
  [["--relation="], { seen: { relation: "" }, args: [] }],
  [["--all=F", "-", ""], { seen: { all: false }, args: ["-", ""] }],
  [["a", "--", "-a", "--"], { seen: {}, args: ["a", "-a", "--"] }],
  [["--all", "--all=0"], { seen: { all: false }, args: [] }],
])("%j is understood", (args, expected) => {
  expect(parse(...args)).toEqual(expected);
});

test.each([
  [["--foo"], "option provided but not defined: --foo"],
  [["-x"], "option provided but not defined: -x"],
  [["-az"], "option provided but not defined: -z"],
  [["--=x"], 'empty option in argument "--=x"'],
  [["-r"], "option needs an argument: -r"],
  [["--relation"], "option needs an argument: --relation"],
  [["--all=yes"], 'invalid value "yes" for option --all: strconv.ParseBool: parsing "yes": invalid syntax'],
  [["--help"], "help"],
  [["-h"], "help"],
])("%j is refused", (args, message) => {
  expect(parse(...args)).toEqual(message);
});
