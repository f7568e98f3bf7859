import assert from "node:assert/strict";
import { readPath } from "../rules/path.ts";
import { buildRules } from "../rules/rules.ts";
import { readRules } from "../rules/schema.ts";
import { fuzz, hostileText } from "./run.ts";

const PATH = readPath("/a/x") ?? assert.fail("a plain path cannot be read");

const GOOD =
  '{"version":1,"applications":{"a":{"routes":[{"hosts":["h"],"paths":["/a"]}],"allow":{"groups":["g"]},"anonymous_paths":["^/a/x$"],"access":[{"paths":["/a/x"],"methods":["GET"],"allow":{"claims":{"d":["e"]}},"acr":["m"],"max_session_age":"1h"}],"headers":{"X-U":{"claim":"email"}}}}}';
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
    const target = { method: "GET", scheme: "https", host: { name: "h", port: undefined }, path: PATH };
    for (const application of rules.applications) {
      const verdicts = application
        .requirements(target)
        .map((requirement) => requirement.judge({ email: "", groups: [] }, 0));
      assert(
        verdicts.length > 0 && verdicts.every(({ kind }) => kind !== "allow"),
        "somebody without address and groups passes",
      );
    }
  },
);
