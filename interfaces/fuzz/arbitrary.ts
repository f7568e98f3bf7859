import type { RawDatabag } from "charmed-iap/interface";
import * as fc from "fast-check";

/** Text that databags have seen, and text near it. */
const text = fc.oneof(
  fc.string({ minLength: 1, unit: "binary" }),
  fc.json(),
  fc.constantFrom(
    "True",
    "true",
    "null",
    "[]",
    "{}",
    "[1]",
    '[""]',
    '"x"',
    '"\\"x\\""',
    "1e5",
    "NaN",
    '{"__proto__":1}',
  ),
  fc.constantFrom(
    "http://a.test",
    "javascript:alert(1)",
    "http://a b",
    "https://[::1]:1/",
    "-----BEGIN CERTIFICATE-----",
  ),
);

/** A databag with any keys and any text: junk, or one of the samples with some of its text replaced. */
export function databags(samples: readonly RawDatabag[]): fc.Arbitrary<RawDatabag> {
  const keys = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  const key = fc.oneof(
    fc.constantFrom(...keys),
    fc.constantFrom("__proto__", "constructor", "toString"),
    fc.string(),
  );
  const junk = fc.dictionary(key, text, { noNullPrototype: true });
  const spoilt = fc
    .tuple(fc.constantFrom(...samples), fc.dictionary(fc.constantFrom(...keys), text), fc.subarray(keys))
    .map(([sample, changes, without]) => spoil({ ...sample, ...changes }, without));
  return fc.oneof({ weight: 1, arbitrary: junk }, { weight: 4, arbitrary: spoilt });
}

function spoil(raw: RawDatabag, without: readonly string[]): RawDatabag {
  return Object.fromEntries(
    Object.entries(raw).filter(([key]) => !without.includes(key) || key.length % 2 === 0),
  );
}
