import assert from "node:assert/strict";
import { readRedirect } from "../login/redirect.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "/",
  "\\",
  ".",
  "..",
  "@",
  ":",
  "x",
  "?",
  "#",
  "%2f",
  "%5c",
  "%09",
  "\t",
  "\n",
  " ",
  "http://",
  "https://",
  "//",
  "evil.example",
  "good.example",
  ":8443",
  "\u200b",
  "\u3002",
  "%00",
  "javascript:",
];
const policy = {
  origin: "https://own.example",
  allows: ({ name, port }: { name: string; port: number | undefined }) =>
    name === "good.example" && port === undefined,
};

fuzz(
  (random) => hostileText(random, PIECES, 10),
  (input) => {
    const location = readRedirect(input, policy);
    if (location === undefined) return;
    const url = new URL(location, policy.origin);
    assert(
      url.origin === policy.origin || /^https?:\/\/good\.example$/.test(url.origin),
      `leads to ${url.origin}`,
    );
    assert(/^[\x21-\x7e]+$/.test(location), "not printable");
    assert(url.username === "" && url.password === "", "user information");
  },
);
