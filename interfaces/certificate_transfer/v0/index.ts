/**
 * The `certificate_transfer` relation, version 0: one charm hands public certificates to another, in unit databags.
 *
 * On the wire: raw PEM, or PEM as quoted JSON text from providers that fall back from version 1; `chain` is JSON.
 * New charms use version 1, which reads this one.
 *
 * Source: canonical/certificate-transfer-interface: lib/charms/certificate_transfer_interface/v0
 *
 * @module
 */

import { defineInterface, type In, type Out } from "charmed-iap/interface";
import { caBundle, pemBlocks } from "../../pem.ts";
import { providerUnit, requirerApp } from "./schema.ts";

export { caBundle };

/** `certificate_transfer`, version 0. The provider has certificates, the requirer trusts them. */
export const certificateTransferV0 = defineInterface({
  name: "certificate_transfer",
  version: 0,
  provider: { unit: providerUnit },
  requirer: requirerApp,
});

/** What a unit publishes. */
export type UnitCertificates = In<typeof providerUnit.schema>;
/** What is read of a unit. */
export type UnitCertificatesData = Out<typeof providerUnit.schema>;

/** Every certificate that a unit's databag holds, in canonical PEM, sorted, each once; junk is left out. */
export function certificatesOfUnit({ certificate, ca, chain }: UnitCertificatesData): string[] {
  const texts = [certificate ?? "", ca ?? "", ...(chain ?? [])];
  return [...new Set(texts.flatMap((text) => pemBlocks(text, "CERTIFICATE")))].sort();
}

/**
 * The databag of a unit that has certificates: raw PEM in `certificate` and `ca`, all of them in `chain`, which
 * every reader of version 0 understands, those without a library included.
 *
 * @param certificates PEM; the first is `ca` and `certificate`.
 * @returns `undefined` when there is none: version 0 cannot say so, and the databag must be withdrawn.
 */
export function unitCertificates(certificates: readonly string[]): UnitCertificates | undefined {
  const [first] = certificates;
  if (first === undefined) return undefined;
  return { ca: first, certificate: first, chain: [...certificates], version: 0 };
}
