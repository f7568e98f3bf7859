import { decode, encode } from "charmed-iap/interface";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  configText,
  externalUrl,
  hostName,
  MAX_CONFIG_LENGTH,
  parseConfig,
  parseStatic,
  traefikRoute,
} from "./index.ts";

const { provider, requirer } = traefikRoute.sides;
const routes = { http: { routers: { a: { rule: "PathPrefix(`/a`)", service: "s", entryPoints: ["web"] } } } };

describe("parseConfig()", () => {
  test("reads what configText() wrote, whose text does not depend on the order of keys", async () => {
    expect(await parseConfig(configText(routes))).toEqual({ ok: true, config: routes });
    expect(configText({ b: 1, a: { d: 1, c: 2 } })).toBe('{"a":{"c":2,"d":1},"b":1}');
  });

  test("reads YAML as upstream writes it", async () => {
    const yaml =
      "http:\n  routers:\n    a:\n      entryPoints:\n      - web\n      rule: PathPrefix(`/a`)\n      service: s\n";
    expect(await parseConfig(yaml)).toEqual({ ok: true, config: routes });
  });

  test.each([
    ["hello", "must be a mapping"],
    ["null", "must be a mapping"],
    ["[1]", "must be a mapping"],
    ["a: b: c", "must be YAML"],
    ["{", "must be YAML"],
    ["x".repeat(MAX_CONFIG_LENGTH + 1), "must be at most"],
    [`a: ${"[".repeat(101)}`, "must be nested at most 100 deep"],
  ])("refuses %.20j", async (text, message) => {
    const parsed = await parseConfig(text);
    expect(parsed).toMatchObject({ ok: false, issues: [{ message: expect.stringContaining(message) }] });
  });

  test("refuses aliases that would grow without end", async () => {
    const levels = Array.from({ length: 12 }, (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at},`.repeat(9)}]`);
    expect(await parseStatic(["l0: &l0 [x]", ...levels].join("\n"))).toMatchObject({ ok: false });
  });

  test("names the path of a wrong router", async () => {
    const parsed = await parseConfig('{"http":{"routers":{"a":{"rule":1}}}}');
    expect(parsed).toMatchObject({ ok: false, issues: [{ path: ["http", "routers", "a", "rule"] }] });
  });

  test("never throws", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.constantFrom("&a [*a]", "!!js/function x", "<<: 1", "? {a: 1}", "--- a\n--- b"),
    );
    await fc.assert(
      fc.asyncProperty(text, async (config) => {
        expect(typeof (await parseConfig(config)).ok).toBe("boolean");
      }),
    );
  });
});

describe("databags", () => {
  test.each([
    ["True", true],
    ["true", false],
    ["1", false],
    ["yes", false],
  ])("raw %s is %s", (raw, value) => {
    expect(decode(requirer.app, { raw, config: "{}" })).toMatchObject({ data: { raw: value } });
  });

  test("a gateway without an address is pending, its scheme is http when it has none", () => {
    expect(decode(provider.app, { scheme: "http" })).toEqual({ state: "pending" });
    expect(decode(provider.app, { external_host: "gw.test" })).toMatchObject({ data: { scheme: "http" } });
  });

  test.each(["gw.test/ a", "user@gw.test", "/gw.test", "gw.test?x", "gw.test#x", "gw.test\\x"])(
    "refuse the host %j",
    (external_host) => {
      expect(decode(provider.app, { external_host, scheme: "https" }).state).toBe("invalid");
      expect(() => encode(provider.app, { external_host })).toThrow(/external_host/);
    },
  );

  test("a requirer cannot say where the gateway is", () => {
    const read = decode(requirer.app, { config: "{}", external_host: "evil.test", scheme: "http" });
    expect(read).toEqual({ state: "ready", data: { raw: false, config: "{}" } });
  });
});

test.each([
  ["gw.test", "gw.test"],
  ["GW.test:8443/m-traefik", "gw.test"],
  ["10.0.0.1:80", "10.0.0.1"],
  ["[fd00::1]:8443/x", "fd00::1"],
  ["fd00::1", "fd00::1"],
])("hostName(%j) is %j", (host, name) => {
  expect(hostName(host)).toBe(name);
});

test("externalUrl() keeps port and path", () => {
  expect(externalUrl({ scheme: "https", external_host: "gw.test:8443/m/" })).toBe("https://gw.test:8443/m");
});
