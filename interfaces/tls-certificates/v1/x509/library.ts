import type { Extension } from "@peculiar/x509";

/** The library's module. */
export type Library = typeof import("@peculiar/x509");

/** The X.509 library, loaded when a request is made or read: it takes a tenth of a second. */
export function library(): Promise<Library> {
  loaded ??= load();
  return loaded;
}

let loaded: Promise<Library> | undefined;

async function load() {
  await import("reflect-metadata"); // The library's parts find each other through it.
  return await import("@peculiar/x509");
}

/** A subject's attributes; empty ones are left out. */
export interface Subject {
  /** At most 64 characters (RFC 5280, appendix A.1). */
  readonly commonName: string;
  readonly organization?: string;
  readonly organizationalUnit?: string;
  /** Two letters. */
  readonly country?: string;
  readonly state?: string;
  readonly locality?: string;
  readonly email?: string;
  /** Sets requests for the same names apart, so that a renewal is another request. */
  readonly uniqueId?: string;
}

const ATTRIBUTES: readonly (readonly [keyof Subject, string])[] = [
  ["uniqueId", "2.5.4.45"],
  ["commonName", "CN"],
  ["organization", "O"],
  ["organizationalUnit", "OU"],
  ["country", "C"],
  ["state", "ST"],
  ["locality", "L"],
  ["email", "E"],
];

/**
 * A subject as the library takes it.
 *
 * @throws {RangeError} When the common name is empty or longer than 64 characters.
 */
export function nameOf(subject: Subject): Record<string, string[]>[] {
  const length = subject.commonName.length;
  if (length < 1 || length > 64) {
    throw new RangeError(`Cannot use common name: has ${length} characters, must have 1 to 64`);
  }
  return ATTRIBUTES.flatMap(([key, type]) => (subject[key] ? [{ [type]: [subject[key]] }] : []));
}

/** The extension of a kind that a request or a certificate carries. */
export function extensionOf<E extends Extension>(
  { extensions }: { readonly extensions: readonly Extension[] },
  kind: abstract new (...args: never[]) => E,
): E | undefined {
  return extensions.find((extension): extension is E => extension instanceof kind);
}
