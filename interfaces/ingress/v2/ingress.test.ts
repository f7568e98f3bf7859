import { decode, encode } from "charmed-iap/interface";
import { describe, expect, test } from "vitest";
import { backends, ingress, joinUrl, prefix, unitHost } from "./index.ts";

const { provider, requirer } = ingress.sides;
const minimal = { model: '"iam"', name: '"a"', port: "80" };

describe("joinUrl()", () => {
  test.each([
    ["https://gw.test/iam-auth", "oauth2/callback", "https://gw.test/iam-auth/oauth2/callback"],
    ["https://gw.test/iam-auth/", "/oauth2/callback", "https://gw.test/iam-auth/oauth2/callback"],
    ["https://gw.test:8443", "x?y=1", "https://gw.test:8443/x?y=1"],
    ["https://gw.test/", "", "https://gw.test"],
    ["https://gw.test/a?b#c", "d", "https://gw.test/a/d"],
    ["https://gw.test/a", "//evil.test/x", "https://gw.test/a/evil.test/x"],
  ])("joins %s and %j", (base, path, url) => {
    expect(joinUrl(base, path)).toBe(url);
  });

  test("is for absolute bases", () => {
    expect(() => joinUrl("gw.test", "x")).toThrow(TypeError);
  });
});

describe("requirer databags", () => {
  test("leave defaults out and quote text", () => {
    const app = { model: "iam", name: "a", port: 80, scheme: "http" as const, "strip-prefix": false };
    expect(encode(requirer.app, app)).toEqual(minimal);
    expect(encode(requirer.unit, { host: "a-0.test" })).toEqual({ host: '"a-0.test"' });
  });

  test.each([0, 65535, 1.5])("refuse port %d, as upstream's reader does", (port) => {
    expect(() => encode(requirer.app, { model: "iam", name: "a", port })).toThrow(/port/);
  });

  test.each([
    ["true", true],
    ["null", false],
    ['"yes"', true],
    ["1", true],
    ["0", false],
  ])("strip-prefix %s is %s", (text, value) => {
    expect(decode(requirer.app, { ...minimal, "strip-prefix": text })).toMatchObject({
      data: { "strip-prefix": value },
    });
  });

  test("of version 1 are read, with their one host", () => {
    const read = decode(requirer.app, {
      model: "iam",
      name: "old",
      host: "old-0.test",
      port: "8080",
      "strip-prefix": "true",
    });
    expect(read).toMatchObject({
      state: "ready",
      data: { name: "old", host: "old-0.test", port: 8080, "strip-prefix": true },
    });
    if (read.state === "ready") expect(backends(read.data, [])).toEqual(["http://old-0.test:8080"]);
  });

  test("a unit that has not said where it is yet is pending", () => {
    expect(decode(requirer.unit, { "ingress-address": "10.0.0.1" })).toEqual({ state: "pending" });
    expect(decode(requirer.unit, { ip: '"10.0.0.1"' })).toEqual({ state: "pending" });
    expect(decode(requirer.unit, { host: '"a"', ip: '"x"' }).state).toBe("invalid");
  });
});

describe("provider databag", () => {
  test.each([
    ['{"url": "HTTP://GW.Example.com"}', "http://gw.example.com/"],
    ['{"url": "http://[fd00::1]:80/x"}', "http://[fd00::1]/x"],
    ["url: http://10.0.0.1/iam-a\n", "http://10.0.0.1/iam-a"],
    ['url: "http://gw.test/\\xFC"\n', "http://gw.test/%C3%BC"],
  ])("reads %j", (text, url) => {
    expect(decode(provider.app, { ingress: text })).toEqual({ state: "ready", data: { ingress: { url } } });
  });

  test.each(["http://10.0.0.1/x", '{"url": "ftp://a/b"}', '{"url": "no-url"}', "url: [http://a]", "{}"])(
    "refuses %j",
    (text) => {
      expect(decode(provider.app, { ingress: text }).state).toBe("invalid");
    },
  );

  test("null is an answer taken back", () => {
    expect(decode(provider.app, { ingress: "null" })).toEqual({ state: "pending" });
  });

  test("writes normalised URLs, and nothing when there is none", () => {
    expect(encode(provider.app, { ingress: { url: "https://GW.test" } })).toEqual({
      ingress: '{"url":"https://gw.test/"}',
    });
    expect(encode(provider.app, {})).toEqual({});
  });
});

test("backends() leaves out units that are not ready, and puts IPv6 in brackets", () => {
  const app = {
    model: "iam",
    name: "a",
    port: 80,
    scheme: "https",
    "strip-prefix": true,
    "redirect-https": false,
    is_port_open: false,
  } as const;
  const units = [
    { state: "ready", data: { host: "b" } },
    { state: "pending" },
    { state: "ready", data: { host: "fd00::1" } },
    { state: "ready", data: { host: "b" } },
  ] as const;
  expect(backends(app, units)).toEqual(["https://b:80", "https://[fd00::1]:80"]);
});

test("names are Kubernetes' and Traefik's", () => {
  expect(unitHost("auth/2", "iam")).toBe("auth-2.auth-endpoints.iam.svc.cluster.local");
  expect(prefix({ model: "iam", name: "a/0" })).toBe("iam-a-0");
});
