import { pem } from "../../../pem.ts";
import { library } from "./library.ts";
import type { Subject } from "./subject.ts";

/** What a certificate is wanted for. */
export interface RequestOptions extends Subject {
  /** PEM; it signs the request. */
  readonly privateKey: string;
  /** Sorted and without repeats in the request. */
  readonly dnsNames?: Iterable<string>;
  readonly ipAddresses?: Iterable<string>;
  /** Whether an authority's certificate is wanted. Default false. */
  readonly ca?: boolean;
}

/**
 * Makes a certificate signing request. With the same options and an RSA key the text is the same.
 *
 * @returns PEM in canonical form, as it goes into the databag.
 * @throws {RangeError} When the common name is empty or longer than 64 characters.
 * @throws {TypeError} When the private key cannot be used.
 */
export async function createRequest(options: RequestOptions): Promise<string> {
  const { requestDer } = await library();
  return pem(requestDer(options), "CERTIFICATE REQUEST");
}

/** What a request asks for. */
export interface RequestFacts {
  readonly commonName: string | undefined;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Whether the request itself asks for an authority's certificate. */
  readonly ca: boolean;
  /** SHA-256 of the public key, in hexadecimal. */
  readonly keyFingerprint: string;
}

/**
 * Reads a request in PEM and checks that whoever made it has the key. Never throws: `undefined` for text that is
 * no request, or whose signature does not hold.
 */
export async function readRequest(text: string): Promise<RequestFacts | undefined> {
  const { factsOf, verifiedRequest } = await library();
  const request = verifiedRequest(text);
  try {
    return request && factsOf(request);
  } catch {
    return undefined; // Its names or extensions are none that can be read.
  }
}
