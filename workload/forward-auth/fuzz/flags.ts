import assert from "node:assert/strict";
import { readFlags } from "../options/flags.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "--",
  "-",
  "=",
  "\u0001",
  "cookie-name",
  "email-domain",
  "reverse-proxy",
  "cookie-refresh",
  "config",
  ",",
  '"',
  '""',
  "\n",
  "1h",
  "true",
  "h",
  "help",
];

// Arguments are separated by U+0001.
fuzz(
  (random) => hostileText(random, PIECES, 20),
  (input) => {
    const { values } = readFlags(input.split("\u0001"));
    for (const value of values.values()) {
      assert(value !== undefined && !Number.isNaN(value), "a value that is none");
      if (Array.isArray(value))
        assert(
          value.every((each) => typeof each === "string"),
          "a list of something else",
        );
    }
  },
);
