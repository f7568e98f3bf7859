import assert from "node:assert/strict";
import { PendingLogins, readState } from "../login/pending.ts";
import { createSeal } from "../session/seal.ts";
import { fuzz, hostileText } from "./run.ts";

const logins = new PendingLogins({
  name: "_oauth2_proxy",
  seal: createSeal("0123456789abcdef0123456789abcdef", "login"),
  attributes: { path: "/", domain: "", secure: true, httpOnly: true, sameSite: "lax" },
  perRequest: true,
  limit: 5,
  life: 900_000,
  now: () => 1_700_000_000_000,
});
const { login, cookies } = logins.begin("", "/app", false);
const header = cookies[0]?.split(";", 1)[0] ?? "";
const PIECES = [
  login.state.slice(0, 43),
  login.state,
  ":",
  ".again",
  "/app",
  "https://evil.example",
  "A".repeat(43),
  "%3A",
];

fuzz(
  (random) => hostileText(random, PIECES, 6),
  (input) => {
    const found = logins.find(header, input);
    assert(found === undefined || input === login.state, "another state found the login");
    const reading = readState(input);
    assert(reading === undefined || /^[\w-]{43}$/.test(reading.hash));
  },
);
