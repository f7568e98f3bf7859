import assert from "node:assert/strict";
import { buildRules } from "../rules/rules.ts";
import { readRules } from "../rules/schema.ts";
import { fuzz, hostileText } from "./run.ts";

const GOOD =
  '{"version":1,"applications":{"a":{"routes":[{"hosts":["h"],"paths":["/a"]}],"allow":{"groups":["g"]},"anonymous_paths":["^/a/x$"]}}}';
const PIECES = [
  '"groups"',
  '"everyone":false',
  "[]",
  "{}",
  ",",
  ":",
  '"',
  "null",
  '"*"',
  "1",
  '"/"',
  '"__proto__":',
  "[",
  "]",
  "{",
  "}",
  '"^("',
];

fuzz(
  (random) => {
    const at = Math.floor(random() * GOOD.length);
    const cut = Math.floor(random() * 12);
    return GOOD.slice(0, at) + hostileText(random, PIECES, 4) + GOOD.slice(at + cut);
  },
  (input) => {
    const reading = readRules(input);
    if (!reading.ok) {
      assert(reading.issues.length > 0, "refused without a reason");
      return;
    }
    const { rules } = buildRules(reading);
    for (const application of rules.applications) {
      assert(!application.allows({ email: "", groups: [] }), "somebody without address and groups passes");
    }
  },
);
