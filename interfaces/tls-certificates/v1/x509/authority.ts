import { pem } from "../../../pem.ts";
import { library } from "./library.ts";
import type { Subject } from "./subject.ts";

/** When a certificate holds; milliseconds since the epoch. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A new authority. */
export interface AuthorityOptions extends Subject, Validity {
  /** PEM. */
  readonly privateKey: string;
}

/** Who signs. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
}

/**
 * Makes an authority's certificate, signed by itself.
 *
 * @returns PEM in canonical form.
 * @throws {RangeError} When the common name is empty or longer than 64 characters.
 * @throws {TypeError} When the private key cannot be used.
 */
export async function createAuthority(options: AuthorityOptions): Promise<string> {
  const { authorityDer } = await library();
  return pem(authorityDer(options), "CERTIFICATE");
}

/** What to sign. */
export interface SigningOptions extends Validity {
  readonly authority: Authority;
  /** PEM; must have passed `readRequest`. */
  readonly csr: string;
  /** Whether the certificate may sign others. Default false. */
  readonly ca?: boolean;
}

/**
 * Signs a request: subject, alternative names and key are the request's, everything else is said here. A
 * certificate never outlives its authority.
 *
 * @returns PEM in canonical form.
 * @throws {TypeError} When the authority's key or certificate cannot be used, or the request is none.
 */
export async function signRequest(options: SigningOptions): Promise<string> {
  const { certificateDer } = await library();
  return pem(certificateDer(options), "CERTIFICATE");
}
