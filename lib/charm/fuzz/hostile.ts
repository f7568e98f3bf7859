import fc from "fast-check";
import * as v from "valibot";
import {
  type AnyDatabag,
  databag,
  decimal,
  decode,
  encode,
  jsonOrText,
  pythonBoolean,
  type RawDatabag,
} from "../interface.ts";

const nested = v.object({
  url: v.pipe(v.string(), v.url()),
  deep: v.optional(v.array(v.record(v.string(), v.number()))),
});

/** One databag of each way of reading text. */
export const databags: readonly AnyDatabag[] = [
  databag(v.object({ a: v.string(), b: v.pipe(v.string(), v.regex(/^(a+)$/)) })),
  databag.json(v.object({ a: nested, b: v.array(nested) })),
  databag(v.object({ a: v.boolean(), b: v.number(), c: v.unknown() }), {
    codecs: { a: pythonBoolean, b: decimal, c: jsonOrText },
    awaits: ["b"],
    alternates: [{ databag: databag(v.object({ old: v.string() })), upgrade: (older) => older as never }],
  }),
];

const jsonText = fc.json({ maxDepth: 6 });
const odd = fc.constantFrom(
  "",
  "True",
  "null",
  "{",
  '"',
  "[]",
  "\u0000",
  "1e999",
  `${"[".repeat(5000)}`,
  '{"__proto__":{"x":1}}',
);
const key = fc.oneof(
  fc.constantFrom("a", "b", "c", "old", "__proto__", "constructor", "toString", "ingress-address"),
  fc.string(),
);

/** What anybody on the other side may write. */
export const hostileDatabag: fc.Arbitrary<RawDatabag> = fc
  .array(fc.tuple(key, fc.oneof(jsonText, odd, fc.string({ unit: "binary" }))), { maxLength: 8 })
  .map((entries) => Object.fromEntries(entries));

/** Reads one databag every way; throws when reading threw, or said something that is no answer. */
export function readEveryWay(raw: RawDatabag): void {
  for (const bag of databags) {
    const decoded = decode(bag, raw);
    if (decoded.state === "invalid" && decoded.issues.length === 0)
      throw new Error("invalid, and no issue says why");
    if (decoded.state === "ready" && decoded.data === undefined) throw new Error("ready, and no data");
    if (JSON.stringify(decode(bag, raw)) !== JSON.stringify(decoded))
      throw new Error("read twice, two answers");
  }
  if (({} as { x?: unknown }).x !== undefined) throw new Error("the prototype of all objects was changed");
}

/** What is written is read to the same. */
export const roundTrips = fc.record({ name: fc.string({ minLength: 1 }), list: fc.array(fc.jsonValue()) });

/** The databag `roundTrips` values travel in. */
export const anyBag = databag(v.object({ name: v.string(), list: v.array(v.any()) }), { json: ["list"] });

/** Throws when a value does not survive the wire. */
export function survives(value: { name: string; list: readonly unknown[] }): void {
  const decoded = decode(anyBag, encode(anyBag, { name: value.name, list: [...value.list] }));
  const plain = JSON.parse(JSON.stringify(value.list));
  if (decoded.state !== "ready") throw new Error(`not ready: ${decoded.state}`);
  if (decoded.data.name !== value.name) throw new Error("another name");
  const sorted = encode(anyBag, decoded.data)["list"];
  if (sorted !== encode(anyBag, { name: "x", list: plain })["list"]) throw new Error("another list");
}
