import assert from "node:assert/strict";
import { readHtpasswd } from "../htpasswd/file.ts";
import { fuzz, hostileText } from "./run.ts";

const HASH = `$2b$10$${"a".repeat(53)}`;
const PIECES = [
  "ada",
  ":",
  "\n",
  "\r\n",
  "#",
  HASH,
  "$2b$31$",
  "{SHA}",
  "5en6G6MezRroT3XKqkdPOmY/BfQ=",
  " ",
  "\u0000",
  "\ufeff",
  ",",
];

fuzz(
  (random) => hostileText(random, PIECES, 12),
  (input) => {
    const { users, issues } = readHtpasswd(input);
    for (const [user, stored] of users) {
      assert(user !== "" && !/[:\x00-\x1f\x7f]/.test(user), "a user that is none");
      assert(stored.kind === "bcrypt" || stored.digest.length === 20, "a password that is none");
    }
    for (const issue of issues)
      assert(/^line \d+: /.test(issue) && issue.length < 100, "content of the file");
  },
);
