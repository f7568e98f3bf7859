import assert from "node:assert/strict";
import { readOptions } from "../options/read.ts";
import { fuzz, hostileText } from "./run.ts";

const NAMES = [
  "COOKIE_NAME",
  "EMAIL_DOMAINS",
  "COOKIE_EXPIRE",
  "REVERSE_PROXY",
  "LOGGING_MAX_SIZE",
  "EMAIL_DOMAIN",
  "SERVICE_HOST",
];
const PIECES = [",", " ", '"', "1h", "true", "0x", "9", "-", "\n", "a"];

// A value of every kind, and names that are none.
fuzz(
  (random) => hostileText(random, PIECES, 10),
  (input) => {
    const environment = Object.fromEntries(NAMES.map((name) => [`OAUTH2_PROXY_${name}`, input]));
    const { options, usage } = readOptions(environment, []);
    assert.deepEqual(usage, []);
    assert(Number.isFinite(options.cookie_expire) && Number.isSafeInteger(options.logging_max_size));
    assert.equal(options.email_domains.join(), input);
    assert.equal(options.cookie_name, input === "" ? "_oauth2_proxy" : input);
  },
);
