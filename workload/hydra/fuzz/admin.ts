/**
 * Sends hostile requests to the admin API of a stand-in in this process; exits 1 when one is answered with 5xx or
 * not at all.
 *
 * Usage: `node workload/hydra/fuzz/admin.ts [--runs N | --seconds N]`
 *
 * @module
 */

import { parseArgs } from "node:util";
import fc from "fast-check";
import pino from "pino";
import { parseConfig } from "../config.ts";
import { serve } from "../server/serve.ts";
import { adminRequest, isAnswered } from "./requests.ts";

const { values } = parseArgs({ options: { runs: { type: "string" }, seconds: { type: "string" } } });
const limit = values.seconds === undefined ? undefined : Number(values.seconds) * 1000;
const listener = { host: "127.0.0.1", port: 0 };
const text = JSON.stringify({
  dsn: "memory",
  dev: true,
  serve: { public: listener, admin: listener },
  secrets: { system: ["0123456789abcdef0123456789abcdef"] },
  urls: { self: { issuer: "http://id.localhost" } },
});
const running = await serve(parseConfig(text), { log: pino({ level: "silent" }) });
const result = await fc.check(
  fc.asyncProperty(adminRequest, (request) => isAnswered(running.adminPort, request)),
  {
    numRuns: limit === undefined ? Number(values.runs ?? 1000) : Number.MAX_SAFE_INTEGER,
    ...(limit === undefined ? {} : { interruptAfterTimeLimit: limit }),
  },
);
await running.close();
console.log(`${result.numRuns} requests, ${result.failed ? "1 fault" : "no fault"}`);
if (result.failed) console.error(result.counterexample, result.errorInstance);
process.exit(result.failed ? 1 : 0);
