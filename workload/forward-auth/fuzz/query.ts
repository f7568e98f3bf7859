import assert from "node:assert/strict";
import { readQuery } from "../compat/query.ts";
import { compatConstraints } from "../decision/constraints.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "allowed_groups",
  "allowed_emails",
  "allowed_email_domains",
  "=",
  "&",
  ";",
  "%",
  "%2",
  "%2c",
  ",",
  "ops",
  "a@x.org",
  "+",
  "[]",
  ".x.org",
  "rd",
];
const NOBODY = { email: "", groups: [] };

fuzz(
  (random) => hostileText(random, PIECES, 12),
  (input) => {
    const names = new Set(readQuery(input).keys());
    const asked = compatConstraints(input);
    for (const name of ["allowed_groups", "allowed_emails", "allowed_email_domains"]) {
      const values = readQuery(input).getAll(name).join(",").replaceAll(",", "");
      if (names.has(name) && values !== "")
        assert(asked?.allow(NOBODY) === false, `${name} is not asked of anybody`);
    }
    const encoded = /%3b/i.test(input);
    for (const [name, value] of readQuery(input))
      assert(encoded || !`${name}${value}`.includes(";"), "a pair with a semicolon counts");
  },
);
