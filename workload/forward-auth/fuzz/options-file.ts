import assert from "node:assert/strict";
import { convertValue } from "../options/convert.ts";
import { SPECS } from "../options/table.ts";
import { readToml } from "../options/toml.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "cookie_name",
  "cookie_expire",
  "upstreams",
  "reverse_proxy",
  " = ",
  '"',
  "'",
  '"""',
  "[",
  "]",
  ",",
  "{",
  "}",
  "\n",
  "#",
  ".",
  "1",
  "-1.5",
  "inf",
  "nan",
  "2020-01-01",
  "true",
  "0x1f",
  "9999999999999999999",
];

fuzz(
  (random) => hostileText(random, PIECES, 20),
  (input) => {
    const { values } = readToml(input, "f", false);
    for (const [key, given] of values) {
      const value = convertValue(SPECS[key].kind, given);
      if (typeof value === "number") assert(Number.isFinite(value), `${key} is ${value}`);
    }
  },
);
