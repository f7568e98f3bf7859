import { decode, encode } from "charmed-iap/interface";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dashboards, grafanaDashboard, readDashboards, topologyOf, XzFault } from "./index.ts";
import { unxz } from "./unxz.ts";
import { xz } from "./xz.ts";

const { provider } = grafanaDashboard.sides;
const topology = topologyOf(
  { model: "iam", modelUuid: "11111111-2222-4333-8444-555555555555", app: "web", unit: "web/0" },
  "web-k8s",
);
const owner = { topology, charm: "web-k8s" };

function read(raw: ReturnType<typeof encode>) {
  const decoded = decode(provider.app, raw);
  if (decoded.state !== "ready") throw new Error(JSON.stringify(decoded));
  return readDashboards(decoded.data);
}

test("a dashboard arrives with a uid and the charm's tag", () => {
  const [one] = read(encode(provider.app, dashboards({ "src/web.json.tmpl": '{"title":"Web"}' }, owner)));
  expect(one).toMatchObject({
    id: "file:web.json",
    state: "ready",
    dashboard: { title: "Web", tags: ["charm: web-k8s"], uid: expect.stringMatching(/^[\da-f]{40}$/) },
  });
});

test("the same dashboards are the same text, in whatever order", () => {
  const [a, b] = [{ title: "A" }, { title: "B" }];
  expect(encode(provider.app, dashboards({ "a.json": a, "b.json": b }, owner))).toEqual(
    encode(provider.app, dashboards({ "b.json": b, "a.json": a }, owner)),
  );
});

test.each(["", "[]", "1", "null", "{"])("%j is no dashboard, and the file is named", (text) => {
  expect(() => dashboards({ "x/y.json": text }, owner)).toThrow(/Cannot publish x\/y\.json: it is no JSON/);
});

test("a damaged dashboard does not take the others with it", () => {
  const { dashboards: all } = dashboards({ "a.json": {}, "b.json": {} }, owner);
  const templates = { ...all.templates, "file:a": { content: "AAAA" } };
  const found = read(encode(provider.app, { dashboards: { templates } }));
  expect(found.map(({ id, state }) => [id, state])).toEqual([
    ["file:a", "invalid"],
    ["file:b", "ready"],
  ]);
});

describe("XZ", () => {
  test("what is written is opened again, whatever its size", () => {
    const sizes = fc.constantFrom(0, 1, 3, 0xffff, 0x1_0000, 0x1_0001, 0x2_0000, 200_000);
    fc.assert(
      fc.property(sizes, fc.string({ minLength: 1 }), (size, seed) => {
        const text = seed.repeat(Math.ceil(size / seed.length)).slice(0, size);
        expect(Buffer.from(unxz(xz(text), { left: text.length * 4 })).toString()).toBe(
          Buffer.from(text).toString(),
        );
      }),
      { numRuns: 30 },
    );
  });

  // `xz -9` of "abc" × 20 and a few more letters, so that literals, matches and repeats are there.
  const packed = Buffer.from(
    "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4ABkABNdADCYiKtEIGtxDZgC62cZe6Z0quAAACoJKfj1ctkgAAEvZZEYQg8ftvN9AQAAAAAEWVo=",
    "base64",
  );

  test("what xz has compressed is opened", () => {
    expect(Buffer.from(unxz(packed, { left: 1000 })).toString()).toBe(
      `${"abc".repeat(20)}xyzzy${"abcd".repeat(9)}`,
    );
  });

  test("any change and any cut ends in a fault or in data, never in another error or without end", () => {
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.nat(255), fc.nat(packed.length), (at, byte, end) => {
        const spoilt = Buffer.from(packed.subarray(0, end));
        if (at < end) spoilt[at] = byte;
        try {
          unxz(spoilt, { left: 1000 });
        } catch (error) {
          expect(error).toBeInstanceOf(XzFault);
        }
      }),
    );
  });

  test("what opens to more than the limit is refused before it is opened", () => {
    const room = { left: 150 };
    expect(unxz(packed, room)).toHaveLength(101);
    expect(() => unxz(packed, room)).toThrow(/more bytes than are read/);
  });

  test("dashboards that open to very much are refused together: the work they make has an end", () => {
    // 1 MiB of blanks each, so the thirty-third has no room.
    const content = Buffer.from(xz(`{}${" ".repeat(2 ** 20 - 2)}`)).toString("base64");
    const templates = Object.fromEntries(Array.from({ length: 34 }, (_, at) => [`file:${at}`, { content }]));
    const states = read(encode(provider.app, { dashboards: { templates } })).map(({ state }) => state);
    expect(states).toEqual([...Array(32).fill("ready"), "invalid", "invalid"]);
  });
});
