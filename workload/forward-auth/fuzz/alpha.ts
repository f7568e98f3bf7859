import assert from "node:assert/strict";
import { readAlpha } from "../options/alpha/read.ts";
import { writeAlpha } from "../options/alpha/write.ts";
import { Faults } from "../options/faults.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "providers:",
  "server:",
  "upstreamConfig:",
  "upstreams:",
  "injectRequestHeaders:",
  "values:",
  "name: ",
  "id: ",
  "path: ",
  "timeout: ",
  "static: ",
  "\n",
  "  ",
  "- ",
  "{",
  "}",
  "[",
  "]",
  ",",
  ": ",
  "&a ",
  "*a",
  "<<: ",
  "${",
  "$A",
  "$" + "{A:-",
  "'",
  '"',
  "|",
  "1s",
  "true",
  "5",
  "x",
];

// What was read without a fault means the same after it was written.
fuzz(
  (random) => hostileText(random, PIECES, 24),
  (input) => {
    const faults = new Faults(true);
    const structure = readAlpha(input, "f", { A: "a" }, faults);
    if (structure === undefined || faults.list.length > 0) return;
    const again = readAlpha(writeAlpha(structure), "f", {}, faults);
    assert.deepEqual(faults.list, []);
    assert.deepEqual(again, structure);
  },
);
