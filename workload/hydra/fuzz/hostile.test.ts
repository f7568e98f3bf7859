import fc from "fast-check";
import pino from "pino";
import { expect, test } from "vitest";
import { ConfigError, parseConfig } from "../config.ts";
import { serve } from "../server/serve.ts";
import { adminRequest, isAnswered } from "./requests.ts";

const listener = { host: "127.0.0.1", port: 0 };
const complete = {
  dsn: "memory",
  dev: true,
  serve: { public: listener, admin: listener },
  secrets: { system: ["0123456789abcdef0123456789abcdef"] },
  urls: { self: { issuer: "http://id.localhost" } },
};

test("admin API: hostile requests are answered, never with a fault of the server", async () => {
  const running = await serve(parseConfig(JSON.stringify(complete)), { log: pino({ level: "silent" }) });
  try {
    await fc.assert(
      fc.asyncProperty(adminRequest, (request) => isAnswered(running.adminPort, request)),
      { numRuns: 150 },
    );
  } finally {
    await running.close();
  }
});

test("parseConfig(): any text is a configuration or a ConfigError", () => {
  const change = fc.dictionary(
    fc.constantFrom("dsn", "dev", "serve", "secrets", "urls", "log"),
    fc.jsonValue(),
  );
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    change.map((keys) => JSON.stringify({ ...complete, ...keys })),
  );
  fc.assert(
    fc.property(text, (given) => {
      try {
        expect(URL.canParse(parseConfig(given).urls.self.issuer)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
  );
});
