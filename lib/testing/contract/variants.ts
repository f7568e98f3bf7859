import { type AnyDatabag, decode, type RawDatabag } from "../../charm/databag.ts";
import { sampleDatabag } from "./sample.ts";

/** One thing that the other side of a relation may have written. */
export interface Variant {
  /** `says nothing`, `lacks "ingress"`. */
  readonly title: string;
  readonly raw: RawDatabag;
}

/** Samples that take the place of those made from the schema. */
export interface Samples {
  readonly minimal?: RawDatabag;
  readonly full?: RawDatabag;
}

/** Characters of a text that is far too long. */
const HUGE = 100_000;

const WRONG = ["{}", "[]", "1", "null", '"text"', '[{"a":[null]}]', '{"__proto__":1}'] as const;
const JUNK = ["\u0000\u2028{{", "-----BEGIN CERTIFICATE-----", "{{{", "\ud800"] as const;

/** What the other side may write into one of its databags: from nothing to nonsense. */
export function variantsOf(bag: AnyDatabag, samples: Samples = {}): readonly Variant[] {
  const minimal = samples.minimal ?? sampleDatabag(bag, "minimal");
  const full = samples.full ?? sampleDatabag(bag, "full");
  const keys = [...new Set([...Object.keys(minimal), ...Object.keys(full)])];
  return [
    { title: "says nothing", raw: {} },
    { title: "says the least", raw: minimal },
    { title: "says everything", raw: full },
    ...bag.alternates.map(({ databag }, index) => ({
      title: `is of an older version (${index + 1})`,
      raw: sampleDatabag(databag, "full"),
    })),
    { title: "says more than anybody knows", raw: { ...full, "x-unknown": "1", _: "{" } },
    ...Object.keys(minimal).flatMap((key) => lacking(bag, minimal, key)),
    ...keys.flatMap((key) => [
      ...WRONG.map((text) => ({ title: `says ${text} in "${key}"`, raw: { ...full, [key]: text } })),
      ...JUNK.map((text) => ({
        title: `says junk in "${key}": ${JSON.stringify(text)}`,
        raw: { ...full, [key]: text.toWellFormed() },
      })),
      { title: `says ${HUGE} letters in "${key}"`, raw: { ...full, [key]: "x".repeat(HUGE) } },
      { title: `says ${HUGE} nested lists in "${key}"`, raw: { ...full, [key]: "[".repeat(HUGE) } },
    ]),
  ];
}

/** The least without a key that it needs. */
function lacking(bag: AnyDatabag, minimal: RawDatabag, key: string): readonly Variant[] {
  const { [key]: _gone, ...raw } = minimal;
  return decode(bag, raw).state === "ready" ? [] : [{ title: `lacks "${key}"`, raw }];
}

/** A databag that says everything, for the side that is not under test. */
export function fullOf(bag: AnyDatabag, samples: Samples = {}): RawDatabag {
  return samples.full ?? sampleDatabag(bag, "full");
}
