import { describe, expect, test } from "vitest";
import { ConfigError, parseConfig } from "./config.ts";

const complete = {
  dsn: "memory",
  secrets: { system: ["0123456789abcdef"] },
  urls: { self: { issuer: "https://id.example.com" } },
};
const parse = (change: object) => () => parseConfig(JSON.stringify({ ...complete, ...change }));

describe("parseConfig()", () => {
  test("fills in the ports of Ory Hydra", () => {
    const { serve, dev } = parse({})();
    expect([serve.public.port, serve.admin.port, dev]).toEqual([4444, 4445, false]);
  });

  test("DSN in the environment wins", () => {
    expect(parseConfig(JSON.stringify(complete), { dsn: "sqlite:///x" }).dsn).toBe("sqlite:///x");
  });

  test.each([
    [{ dsn: undefined }, '"dsn"'],
    [{ secrets: { system: ["short"] } }, '"secrets.system.0": must have at least 16 characters'],
    [{ secrets: { system: [] } }, '"secrets.system": must have an entry'],
    [{ urls: { self: { issuer: "http://id.example.com" } } }, "is not https"],
  ])("refuses %j", (change, message) => {
    expect(parse(change)).toThrow(ConfigError);
    expect(parse(change)).toThrow(message);
  });

  test("text that is no YAML is an error of the same kind", () => {
    expect(() => parseConfig("a: [")).toThrow(ConfigError);
  });
});
