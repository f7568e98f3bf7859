import assert from "node:assert/strict";
import { candidates, MOST_PARTS, remove } from "../session/cookies.ts";
import { createSeal } from "../session/seal.ts";
import { parseSession } from "../session/sealed-format.ts";
import { fuzz, hostileText } from "./run.ts";

const NAME = "_oauth2_proxy";
const PIECES = [
  NAME,
  "_0",
  "_1",
  "_12",
  "=",
  ";",
  "; ",
  '"',
  "2.",
  "12.",
  "x",
  "_csrf",
  ",",
  "AQ",
  '{"i":"',
  "null",
  "|1700000000|",
  `|1700000000|${"S".repeat(43)}=`,
  "x".repeat(3900),
];
const seal = createSeal("0123456789abcdef0123456789abcdef", "session");
const attributes = { path: "/", domain: "", secure: true, httpOnly: true, sameSite: "lax" };

fuzz(
  (random) => hostileText(random, PIECES, 40),
  (input) => {
    const values = candidates(input, NAME);
    assert(
      values.length <= 10 && values.every((value) => value.length <= input.length),
      `more than the header has, ${MOST_PARTS}`,
    );
    for (const value of values) assert.equal(seal.open(value, NAME), undefined);
    for (const text of remove(input, NAME, attributes))
      assert(/^_oauth2_proxy(?:_\d{1,3})?=; Path=\/; Max-Age=0;/.test(text), text);
    assert.equal(parseSession(input), undefined);
  },
);
