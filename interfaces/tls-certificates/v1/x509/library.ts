/** What reads and writes X.509 in ASN.1. */
type Library = typeof import("./asn1/index.ts");

let loaded: Promise<Library> | undefined;

/** Loaded when a request is made, read or signed, and not before: with its ASN.1 library it takes some 40 ms. */
export function library(): Promise<Library> {
  loaded ??= import("./asn1/index.ts");
  return loaded;
}
