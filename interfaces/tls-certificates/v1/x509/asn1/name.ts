import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from "@peculiar/asn1-x509";
import type { Subject } from "../subject.ts";

const COMMON_NAME = "2.5.4.3";

/** Kinds of texts, and what they can hold (X.680, section 41). */
const KINDS = {
  utf8String: /^/,
  printableString: /^[A-Za-z0-9 '()+,\-./:=?]*$/,
  ia5String: /^\p{ASCII}*$/u,
};

type Kind = keyof typeof KINDS;

/** Identifiers and kinds of RFC 5280, appendix A.1, and X.520; in this order they stand in a name. */
const ATTRIBUTES: readonly (readonly [keyof Subject, string, Kind])[] = [
  ["uniqueId", "2.5.4.45", "utf8String"],
  ["commonName", COMMON_NAME, "utf8String"],
  ["organization", "2.5.4.10", "utf8String"],
  ["organizationalUnit", "2.5.4.11", "utf8String"],
  ["country", "2.5.4.6", "printableString"],
  ["state", "2.5.4.8", "utf8String"],
  ["locality", "2.5.4.7", "utf8String"],
  ["email", "1.2.840.113549.1.9.1", "ia5String"],
];

/**
 * A subject as a name.
 *
 * @throws {RangeError} When the common name is empty or longer than 64 characters.
 */
export function nameOf(subject: Subject): Name {
  const { length } = subject.commonName;
  if (length < 1 || length > 64) {
    throw new RangeError(`Cannot use common name: has ${length} characters, must have 1 to 64`);
  }
  const parts: RelativeDistinguishedName[] = [];
  for (const [key, type, kind] of ATTRIBUTES) {
    const text = subject[key];
    if (!text) continue;
    // What its kind cannot hold is still text that readers take.
    const value = new AttributeValue({ [KINDS[kind].test(text) ? kind : "utf8String"]: text });
    parts.push(new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value })]));
  }
  return new Name(parts);
}

/** The first common name in a name. */
export function commonNameOf(name: Name): string | undefined {
  for (const part of name) {
    const found = part.find(({ type }) => type === COMMON_NAME);
    if (found !== undefined) return found.value.toString();
  }
  return undefined;
}
