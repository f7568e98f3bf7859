import * as v from "valibot";
import { describe, expect, test } from "vitest";
import {
  databag,
  decode,
  defineInterface,
  definePeerInterface,
  encode,
  jsonOrText,
  pythonBoolean,
} from "./interface.ts";

const provider = v.object({
  decisions_address: v.pipe(v.string(), v.url("must be a URL")),
  app_names: v.array(v.string()),
  headers: v.optional(v.array(v.string()), []),
});
const bag = databag(provider, { json: ["app_names", "headers"] });

describe("encode()", () => {
  test("writes sorted keys, JSON where told, and leaves absent values out", () => {
    const raw = encode(bag, { decisions_address: "https://a.test", app_names: ["b", "a"] });
    expect(Object.entries(raw)).toEqual([
      ["app_names", '["b","a"]'],
      ["decisions_address", "https://a.test"],
    ]);
  });

  test("sorts object keys at every depth", () => {
    const nested = databag.json(v.object({ a: v.any() }));
    expect(encode(nested, { a: { z: [{ y: 1, x: 2 }], b: null } })).toEqual({
      a: '{"b":null,"z":[{"x":2,"y":1}]}',
    });
  });

  test("refuses what does not fit, naming the path and not the value", () => {
    const wrong = () => encode(bag, { decisions_address: "hunter2", app_names: [] });
    expect(wrong).toThrow("Cannot publish: decisions_address: must be a URL");
  });

  test("leaves out what readers assume", () => {
    const ingress = databag.json(v.object({ scheme: v.string(), port: v.number() }), {
      omit: { scheme: "http" },
    });
    expect(encode(ingress, { scheme: "http", port: 80 })).toEqual({ port: "80" });
  });
});

describe("decode()", () => {
  test("reads what encode() wrote, tolerates unknown keys and applies defaults", () => {
    const raw = { app_names: '["a"]', decisions_address: "https://a.test", newer: "x" };
    expect(decode(bag, raw)).toEqual({
      state: "ready",
      data: { decisions_address: "https://a.test", app_names: ["a"], headers: [] },
    });
  });

  test.each([
    [
      { app_names: "[", decisions_address: "https://a.test" },
      { path: ["app_names"], message: "must be JSON" },
    ],
    [
      { app_names: "[]", decisions_address: "x" },
      { path: ["decisions_address"], message: "must be a URL" },
    ],
  ])("names the path of the first fault of %j", (raw, issue) => {
    expect(decode(bag, raw)).toEqual({ state: "invalid", issues: [issue] });
  });

  test("an empty databag, or one with Juju's keys only, is pending", () => {
    expect(decode(bag, {})).toEqual({ state: "pending" });
    expect(decode(bag, { "ingress-address": "10.0.0.1", "egress-subnets": "10.0.0.1/32" })).toEqual({
      state: "pending",
    });
  });

  test("an awaited key may be absent, a present one must be right", () => {
    const later = databag(v.object({ url: v.pipe(v.string(), v.url()), client_id: v.string() }), {
      awaits: ["client_id"],
    });
    expect(decode(later, { url: "https://a.test" })).toEqual({ state: "pending" });
    expect(decode(later, { url: "a" }).state).toBe("invalid");
    expect(decode(later, { url: "https://a.test", client_id: "c" }).state).toBe("ready");
  });

  test("an awaited key that is null is absent", () => {
    const later = databag.json(v.object({ ingress: v.object({ url: v.string() }) }), { awaits: ["ingress"] });
    expect(decode(later, { ingress: "null" })).toEqual({ state: "pending" });
    expect(decode(later, { ingress: "[]" }).state).toBe("invalid");
  });

  test("an awaited key may be left out when written, and must not be wrong", () => {
    const later = databag(v.object({ url: v.pipe(v.string(), v.url()), client_id: v.string() }), {
      awaits: ["client_id"],
    });
    expect(encode(later, { url: "https://a.test" } as never)).toEqual({ url: "https://a.test" });
    expect(() => encode(later, { url: "https://a.test", client_id: 1 } as never)).toThrow("client_id");
  });

  test("keys that readers demand are filled in", () => {
    const filled = databag(v.object({ emails: v.optional(v.array(v.string()), []) }), {
      json: ["emails"],
      fill: { emails: [] },
    });
    expect(encode(filled, {})).toEqual({ emails: "[]" });
    expect(encode(filled, { emails: ["a@b.test"] })).toEqual({ emails: '["a@b.test"]' });
  });

  test("JSON databags leave the text of unknown keys alone", () => {
    const bag = databag.json(v.object({ port: v.number() }));
    expect(decode(bag, { port: "80", colour: "{blue" })).toEqual({ state: "ready", data: { port: 80 } });
    expect(decode(bag, { port: "{80" }).state).toBe("invalid");
  });

  test("reading changes nothing, and a key named __proto__ is one like any other", () => {
    const raw = Object.freeze(JSON.parse('{"__proto__":"{}","a":"[1]"}'));
    const read = decode(databag.json(v.any()), raw);
    expect(JSON.stringify(read)).toBe('{"state":"ready","data":{"__proto__":{},"a":[1]}}');
    expect(JSON.stringify(raw)).toBe('{"__proto__":"{}","a":"[1]"}');
  });

  test("older forms are upgraded", () => {
    const v0 = databag(v.object({ ca: v.string() }));
    const v1 = databag.json(v.object({ certificates: v.array(v.string()) }), {
      alternates: [{ databag: v0, upgrade: (older) => ({ certificates: [(older as { ca: string }).ca] }) }],
    });
    expect(decode(v1, { ca: "PEM" })).toEqual({ state: "ready", data: { certificates: ["PEM"] } });
    expect(decode(v1, { certificates: '["A"]' })).toEqual({ state: "ready", data: { certificates: ["A"] } });
  });

  test("codecs per key read Python's words and values of either form", () => {
    const odd = databag(v.object({ jwt: v.boolean(), groups: v.any() }), {
      codecs: { jwt: pythonBoolean, groups: jsonOrText },
    });
    expect(decode(odd, { jwt: "True", groups: "staff" })).toEqual({
      state: "ready",
      data: { jwt: true, groups: "staff" },
    });
    expect(encode(odd, { jwt: false, groups: ["a"] })).toEqual({ jwt: "False", groups: '["a"]' });
  });

  test("a codec that throws is an invalid databag", () => {
    const broken = databag(v.object({}), {
      codec: {
        decode: () => {
          throw new Error("not ours");
        },
        encode: () => ({}),
      },
    });
    expect(decode(broken, { a: "1" })).toEqual({
      state: "invalid",
      issues: [{ path: [], message: "not ours" }],
    });
  });
});

describe("defineInterface()", () => {
  test("gives each role its own databags and the other's", () => {
    const one = defineInterface({ name: "x", version: 1, provider: bag, requirer: { unit: bag } });
    const endpoint = one.requirer({ limit: 1 });
    expect(endpoint).toMatchObject({ role: "requirer", interface: "x", version: 1, options: { limit: 1 } });
    expect(endpoint.local.unit).toBe(bag);
    expect(endpoint.remote.app).toBe(bag);
  });

  test("peers write what they read", () => {
    const peers = definePeerInterface({ name: "p", app: bag }).peer();
    expect(peers).toMatchObject({ role: "peer", interface: "p", options: { limit: 1, optional: true } });
    expect(peers.local).toEqual(peers.remote);
  });
});
