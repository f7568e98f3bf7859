import assert from "node:assert/strict";
import { forwardedOriginal } from "../decision/original.ts";
import { readHead } from "../server/head.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "X-Forwarded-Uri",
  "x-forwarded-host",
  "X-Forwarded-Proto",
  "X_Forwarded_Uri",
  "X-Forwarded-Method",
  "\n",
  "\n/x",
  "\nGET",
  "\nhttps",
  "\nh:1",
  "__proto__",
  "Cookie",
];

fuzz(
  (random) => hostileText(random, PIECES, 16),
  (input) => {
    const raw = input.split("\n");
    const head = readHead(raw);
    const original = forwardedOriginal(head);
    if (typeof original === "string") return;
    const names = raw.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    assert(
      names.includes("x-forwarded-uri") && names.includes("x-forwarded-host"),
      "original out of nothing",
    );
    assert(original.path.raw.startsWith("/") && ["http", "https"].includes(original.scheme));
  },
);
