import assert from "node:assert/strict";
import { readPath } from "../rules/path.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "/",
  "..",
  ".",
  "%2e",
  "%2E",
  "%2f",
  "%5c",
  "\\",
  ";",
  "%25",
  "%00",
  "a",
  "public",
  "admin",
  "//",
  "%c3%a9",
  "%c0%ae",
  "?",
  "#",
  "%zz",
  "%u002e",
];

fuzz(
  (random) => `/${hostileText(random, PIECES, 14)}`,
  (input) => {
    const reading = readPath(input);
    if (reading === undefined) return;
    assert(!/(?:^|\/)\.{1,2}(?:\/|$)/.test(reading.lenient), "dot segment in the lenient reading");
    assert(!/%[0-9a-f]{2}/i.test(reading.lenient), "something is left to decode");
    if (reading.plain)
      assert(
        reading.decoded.split("/").every((part) => !/^\.{1,2}(?:;|$)/.test(part)),
        "plain path with dots",
      );
  },
);
