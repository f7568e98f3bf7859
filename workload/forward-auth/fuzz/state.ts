import assert from "node:assert/strict";
import { PendingLogins, readState } from "../login/pending.ts";
import { createUpstreamLoginFormat } from "../login/record.ts";
import { cookieSecret } from "../session/cookie-secret.ts";
import { fuzz, hostileText } from "./run.ts";

const logins = new PendingLogins({
  name: "_oauth2_proxy",
  formats: [createUpstreamLoginFormat([cookieSecret("0123456789abcdef0123456789abcdef")])],
  attributes: () => ({ path: "/", domain: "", secure: true, httpOnly: true, sameSite: "lax" }),
  perRequest: true,
  limit: 5,
  life: 900_000,
  encodeState: false,
  now: () => 1_700_000_000_000,
});
const { login, cookies } = logins.begin("", { redirect: "/app", hostname: "h" });
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
    assert(
      found === undefined ||
        input === login.state ||
        Buffer.from(input, "base64url").toString() === login.state,
      "another state found the login",
    );
    const reading = readState(input);
    assert(reading === undefined || /^[\w-]{43}$/.test(reading.hash));
  },
);
